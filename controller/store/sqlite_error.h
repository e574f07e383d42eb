// SQLite's result codes as our one exception.
#pragma once

#include <string_view>

#include "controller/base/error.h"

struct sqlite3;

namespace failgate {

/// "action (database NAME): message". Busy, locked, full, I/O, memory and open failures are kRetry.
[[nodiscard]] Error SqliteError(std::string_view action,
                                std::string_view name,
                                int code,
                                sqlite3* handle);

}  // namespace failgate
