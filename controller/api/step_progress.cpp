#include "controller/api/step_progress.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace failgate {
namespace {

constexpr std::size_t kMaxLine = 4096;
constexpr std::size_t kMaxName = 80;

/// A number of steps; nullopt for anything else.
std::optional<long long> Count(const nlohmann::json& value) {
  constexpr unsigned long long kMost = 1'000'000'000'000'000;
  if (!value.is_number_unsigned() || value.get<unsigned long long>() > kMost) return std::nullopt;
  return static_cast<long long>(value.get<unsigned long long>());
}

std::optional<StepProgress> ReadObject(std::string_view text) {
  const nlohmann::json object = nlohmann::json::parse(text, nullptr, false);
  if (!object.is_object() || object.empty() || object.size() > kMaxProgressMetrics + 2) {
    return std::nullopt;
  }
  StepProgress progress;
  for (const auto& item : object.items()) {
    if (item.key() == "step" || item.key() == "of") {
      const auto count = Count(item.value());
      if (!count) return std::nullopt;
      (item.key() == "of" ? progress.of : progress.step) = count;
      continue;
    }
    const bool is_number = item.value().is_number() && std::isfinite(item.value().get<double>());
    if (!is_number || item.key().empty() || item.key().size() > kMaxName) return std::nullopt;
    progress.metrics[item.key()] = item.value().get<double>();
  }
  const bool counted = !progress.of || (progress.step && *progress.step <= *progress.of);
  return counted && progress.metrics.size() <= kMaxProgressMetrics
             ? std::optional<StepProgress>(std::move(progress))
             : std::nullopt;
}

}  // namespace

std::optional<StepProgress> NewestProgress(std::string_view log, bool is_tail) {
  // What stands behind the last line's end may still be written.
  std::size_t end = log.rfind('\n');
  while (end != std::string_view::npos && end > 0) {
    const std::size_t before = log.rfind('\n', end - 1);
    if (before == std::string_view::npos && is_tail) return std::nullopt;
    const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
    const std::string_view line = log.substr(begin, end - begin);
    if (line.size() <= kMaxLine && line.substr(0, kProgressMark.size()) == kProgressMark) {
      if (auto progress = ReadObject(line.substr(kProgressMark.size()))) return progress;
    }
    end = before;
  }
  return std::nullopt;
}

}  // namespace failgate
