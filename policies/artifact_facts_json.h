// What artifacts hold <-> JSON objects, shared by release records and decisions. Used by sources
// that write JSON only.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "policies/artifact_facts.h"

namespace failgate {

[[nodiscard]] nlohmann::json ContentsObject(const ArtifactContents& contents);
/// Throws JsonFault.
[[nodiscard]] ArtifactContents ReadContents(const nlohmann::json& object);

[[nodiscard]] nlohmann::json ArtifactFactObject(const ArtifactFact& artifact);
/// Throws JsonFault.
[[nodiscard]] ArtifactFact ReadArtifactFact(const nlohmann::json& object);

}  // namespace failgate
