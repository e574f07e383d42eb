// How the files of a Delta Lake table call its columns. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "controller/base/result.h"

namespace failgate {

/// The first column, also of a struct in a column, that the files call otherwise than the table
/// does ("column mapping"); nullopt = none. `metadata` is the action metaData. Refusal:
/// delta_unreadable.
[[nodiscard]] Result<std::optional<std::string>> RenamedColumn(const nlohmann::json& metadata);

}  // namespace failgate
