// The program's own log (standard error, one line an entry). Not the deploy log.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace failgate::log {

enum class Level { kDebug, kInfo, kWarning, kError };
using Fields = std::vector<std::pair<std::string, std::string>>;

/// Once, early in main; without it only warnings and errors are printed.
void Start(Level level);
/// Debug: for developers. Info: what happened, by us. Warning: may need a person soon. Error: needs
/// a person now. Text and values are redacted (secret.h) and escaped to one line. Thread-safe.
void Debug(std::string_view text, const Fields& fields = {});
void Info(std::string_view text, const Fields& fields = {});
void Warning(std::string_view text, const Fields& fields = {});
void Error(std::string_view text, const Fields& fields = {});

}  // namespace failgate::log
