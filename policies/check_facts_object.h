// Facts of checks and commands inside the JSON of all facts. Used by *_json.cpp only.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "policies/facts.h"
#include "policies/strict_json.h"

namespace failgate {

/// Adds "check_files", "checks" and "commands" where there are any. Throws Error for a metric that
/// is not finite.
void AddCheckFacts(const Facts& facts, nlohmann::json& object);
/// Asks `reader` for the same keys, each of which may be absent. Throws JsonFault.
void ReadCheckFacts(JsonObjectReader& reader, Facts& facts);

}  // namespace failgate
