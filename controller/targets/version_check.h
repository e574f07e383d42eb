// Compares a version folder with its manifest and the order.
#pragma once

#include <string>

#include "controller/targets/manifest.h"
#include "controller/targets/stamp_memory.h"
#include "controller/targets/target_place.h"
#include "controller/targets/version_content.h"

namespace failgate {

/// Reads the manifest of the opened folder: nullopt when there is none that is a file.
[[nodiscard]] std::optional<Result<Manifest>> ReadManifest(int folder);

/// Empty when the opened folder is what the step wants, else one line that says what differs.
/// full: all bytes are read; else only those of files whose stamp is neither the manifest's nor
/// known to `memory`. Writes nothing.
[[nodiscard]] std::string VersionFault(
    int folder, const TargetStep& step, const TargetPlace& place, bool full, StampMemory& memory);

}  // namespace failgate
