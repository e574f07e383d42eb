// The files of an operations repository in a plain folder, before they are committed.
#pragma once

#include <filesystem>
#include <optional>

#include "controller/cli/checked_files.h"

namespace failgate {

/// It has a folder environments or desired.
[[nodiscard]] bool IsOperationsTree(const std::filesystem::path& folder);
/// The whole tree. Throws Error or filesystem_error when it cannot be read.
[[nodiscard]] CheckedFile CheckOperationsTree(const std::filesystem::path& folder);
/// One file of a tree, read together with the others; nullopt when its path is not below
/// environments/, desired/ or approvals/ and it is not people_signers either.
[[nodiscard]] std::optional<CheckedFile> CheckOperationsFile(const std::filesystem::path& file);

}  // namespace failgate
