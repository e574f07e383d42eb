#include "controller/base/log.h"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include <memory>

#include "controller/base/secret.h"
#include "controller/base/text.h"

namespace failgate::log {
namespace {

constexpr std::size_t kMaxCharacters = 4000;

spdlog::level::level_enum SpdlogLevel(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarning:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

/// Never destroyed: threads may log while the program ends. The sink colours only on a terminal.
spdlog::logger& Logger() {
  static spdlog::logger* const logger = [] {
    auto* made =
        new spdlog::logger("failgate", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
    made->set_formatter(std::make_unique<spdlog::pattern_formatter>(
        "%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v", spdlog::pattern_time_type::utc));
    made->set_level(spdlog::level::warn);
    made->flush_on(spdlog::level::trace);
    return made;
  }();
  return *logger;
}

std::string Safe(std::string_view text) {
  return OneLine(Redact(text), kMaxCharacters);
}

std::string FormatValue(std::string_view value) {
  std::string safe = Safe(value);
  if (!safe.empty() && safe.find_first_of(" =\"\\") == std::string::npos) {
    return safe;
  }
  std::string quoted = "\"";
  for (const char character : safe) {
    if (character == '"') {
      quoted += '\\';
    }
    quoted += character;
  }
  return quoted + '"';
}

void Write(Level level, std::string_view text, const Fields& fields) {
  spdlog::logger& logger = Logger();
  const spdlog::level::level_enum spdlog_level = SpdlogLevel(level);
  if (!logger.should_log(spdlog_level)) {
    return;
  }
  std::string line = Safe(text);
  for (const auto& field : fields) {
    line += fmt::format(" {}={}", field.first, FormatValue(field.second));
  }
  logger.log(spdlog_level, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace

void Start(Level level) {
  Logger().set_level(SpdlogLevel(level));
}

void Debug(std::string_view text, const Fields& fields) {
  Write(Level::kDebug, text, fields);
}
void Info(std::string_view text, const Fields& fields) {
  Write(Level::kInfo, text, fields);
}
void Warning(std::string_view text, const Fields& fields) {
  Write(Level::kWarning, text, fields);
}
void Error(std::string_view text, const Fields& fields) {
  Write(Level::kError, text, fields);
}

}  // namespace failgate::log
