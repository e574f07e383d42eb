// The owners of policy: keys on the controller's host (or an auditor's), out of reach of git.
#pragma once

#include <filesystem>

#include "controller/base/result.h"
#include "controller/git/allowed_signers.h"

namespace failgate {

/// Git's allowed_signers format. A file that cannot be read, has a faulty line or names nobody is a
/// problem: without owners nothing could ever be in force.
[[nodiscard]] Parsed<AllowedSigners> LoadOwners(const std::filesystem::path& file);

}  // namespace failgate
