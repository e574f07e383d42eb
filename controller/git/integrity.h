// Is a repository of ours whole? Asked when something in it could not be read.
#pragma once

#include <filesystem>

#include "controller/base/clock.h"
#include "controller/process/process.h"

namespace failgate {

/// `git fsck` over all objects and refs. False also when it does not end in time: the caller can
/// always fetch anew.
[[nodiscard]] bool RepositoryIsIntact(ProcessRunner& runner,
                                      const std::filesystem::path& repository,
                                      Milliseconds deadline);

}  // namespace failgate
