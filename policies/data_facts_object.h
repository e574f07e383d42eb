// What is known of data <-> JSON objects. Used by *_json.cpp only.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "policies/data_facts.h"

namespace failgate {

/// As part of the evidence of a run.
[[nodiscard]] nlohmann::json DataEvidenceObject(const DataEvidence& data);
/// Throws JsonFault.
[[nodiscard]] DataEvidence ReadDataEvidence(const nlohmann::json& object);

[[nodiscard]] nlohmann::json DataObjectsObject(const DataObjects& objects);
/// Throws JsonFault.
[[nodiscard]] DataObjects ReadDataObjects(const nlohmann::json& object);

[[nodiscard]] nlohmann::json ChampionDataObject(const ChampionDataFact& champion);
/// Throws JsonFault.
[[nodiscard]] ChampionDataFact ReadChampionData(const nlohmann::json& object);

}  // namespace failgate
