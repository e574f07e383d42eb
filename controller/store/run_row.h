// Reading rows of the table `runs`; for the sources of the run store only.
#pragma once

#include <string>
#include <string_view>

#include "controller/store/database.h"
#include "controller/store/run.h"

namespace failgate {

/// SELECT of all columns RunOf reads, then `rest`.
[[nodiscard]] std::string SelectRuns(std::string_view rest);
[[nodiscard]] Run RunOf(const Rows& rows);

}  // namespace failgate
