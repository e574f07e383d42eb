// Makes a version folder: whole and proved, or not there.
#pragma once

#include "controller/artifacts/artifact_store.h"
#include "controller/targets/target_place.h"

namespace failgate {

/// Name of the folder that is being made (or was set aside) for a version.
[[nodiscard]] std::string MakingName(const std::string& version);

/// Makes `place.version` in the opened pair folder out of the store, beside what stands there, and
/// puts it in place in one atomic act; a reader through the link finds the former folder whole or
/// the new one whole. Everything is on the disk when it returns. Throws Error and leaves what stood
/// there; nothing half made stays behind.
void MakeVersion(int pair_folder,
                 const TargetStep& step,
                 const TargetPlace& place,
                 const ArtifactStore& store);

}  // namespace failgate
