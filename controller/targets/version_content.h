// What a version folder must hold, out of the release and the step.
#pragma once

#include <string>
#include <vector>

#include "controller/artifacts/artifact_store.h"
#include "controller/targets/target.h"

namespace failgate {

/// One artifact at its place in the folder.
struct PlacedArtifact {
  ArtifactRecord record;
  std::string name;  ///< base name of a file artifact, artifact name of a folder artifact
};

/// In the step's order. Throws Error(kNeedsChange) for an artifact that the release has not, two
/// that would lie at one name, and names that are no file names.
[[nodiscard]] std::vector<PlacedArtifact> ContentOf(const TargetStep& step);

/// Throws Error(kNeedsChange) that names release and digest when bytes are no longer stored.
void CheckBytesAreThere(const TargetStep& step,
                        const std::vector<PlacedArtifact>& content,
                        const ArtifactStore& store);

}  // namespace failgate
