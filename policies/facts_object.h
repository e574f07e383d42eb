// Facts <-> JSON objects, shared by the files that write whole texts. Used by *_json.cpp only.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "policies/facts.h"

namespace failgate {

/// Throws Error for a metric that is not finite.
[[nodiscard]] nlohmann::json FactsObject(const Facts& facts);
/// Throws JsonFault.
[[nodiscard]] Facts ReadFactsObject(const nlohmann::json& object);

/// As part of a release record. Throws Error for a metric that is not finite.
[[nodiscard]] nlohmann::json EvidenceToObject(const Evidence& evidence);
/// Throws JsonFault.
[[nodiscard]] Evidence EvidenceFromObject(const nlohmann::json& object);

}  // namespace failgate
