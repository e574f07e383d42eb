// Artifact records <-> JSON objects, shared by the files that write whole texts. Used by sources
// that write JSON only.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "controller/artifacts/artifact_record.h"

namespace failgate {

[[nodiscard]] nlohmann::json ArtifactObject(const ArtifactRecord& artifact);
/// Throws JsonFault.
[[nodiscard]] ArtifactRecord ReadArtifact(const nlohmann::json& json);
/// Throws JsonFault for what no record may hold.
void CheckArtifact(const ArtifactRecord& artifact);

}  // namespace failgate
