#include "controller/store/sqlite_error.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <string>

namespace failgate {
namespace {

Remedy RemedyOf(int code) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_NOMEM:
    case SQLITE_CANTOPEN:
    case SQLITE_PROTOCOL:
    case SQLITE_INTERRUPT:
      return Remedy::kRetry;
    default:
      return Remedy::kNeedsChange;
  }
}

}  // namespace

Error SqliteError(std::string_view action, std::string_view name, int code, sqlite3* handle) {
  const char* message = handle == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(handle);
  return Error(RemedyOf(code), fmt::format("{} (database {}): {}", action, name, message));
}

}  // namespace failgate
