// What a SonarQube server said <-> a JSON object. Used by sources that write JSON only.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "policies/sonar_facts.h"

namespace failgate {

[[nodiscard]] nlohmann::json SonarFactObject(const SonarFact& fact);
/// Throws JsonFault.
[[nodiscard]] SonarFact ReadSonarFact(const nlohmann::json& object);

}  // namespace failgate
