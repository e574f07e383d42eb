// Reading files that a step left in its workspace: they may be anything.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "controller/base/result.h"

namespace failgate {

/// The regular file at `relative` below `workspace`; no part of the path may be a link. Call it
/// when nothing of the step runs any more. Refusals: file_missing, file_unsafe (a link, a device, a
/// pipe, an unsafe path), file_too_large. Throws Error when the disk fails.
[[nodiscard]] Result<std::string> ReadWorkspaceFile(const std::filesystem::path& workspace,
                                                    const std::string& relative,
                                                    std::size_t max_bytes);

}  // namespace failgate
