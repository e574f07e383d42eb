#include "policies/gates/percent.h"

#include <fmt/format.h>

#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr long long kUnitsPerPercent = 10'000;
constexpr std::size_t kDecimals = 4;

}  // namespace

std::optional<Percent> ParsePercent(std::string_view text) {
  const std::size_t point = text.find('.');
  const std::optional<long long> whole = ParseNonNegative(text.substr(0, point));
  if (!whole || *whole > 100) return std::nullopt;
  long long fraction = 0;
  if (point != std::string_view::npos) {
    std::string digits(text.substr(point + 1));
    if (digits.empty() || digits.size() > kDecimals) return std::nullopt;
    digits.resize(kDecimals, '0');
    const std::optional<long long> parsed = ParseNonNegative(digits);
    if (!parsed) return std::nullopt;
    fraction = *parsed;
  }
  const Percent percent{*whole * kUnitsPerPercent + fraction};
  if (percent.ten_thousandths <= 0 || percent.ten_thousandths > 100 * kUnitsPerPercent) {
    return std::nullopt;
  }
  return percent;
}

std::string FormatPercent(Percent percent) {
  std::string text = fmt::format("{}.{:04}",
                                 percent.ten_thousandths / kUnitsPerPercent,
                                 percent.ten_thousandths % kUnitsPerPercent);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text + " %";
}

bool ReachesPercent(long long covered, long long total, Percent percent) {
  // At most 1e12 * 1e6, inside 63 bits.
  return covered * 100 * kUnitsPerPercent >= percent.ten_thousandths * total;
}

std::string FormatShare(long long covered, long long total) {
  const long long tenths = covered * 1000 / total;
  return fmt::format("{}.{} % ({}/{})", tenths / 10, tenths % 10, covered, total);
}

}  // namespace failgate
