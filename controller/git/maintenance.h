// Keeping a repository of ours small enough to stay fast.
#pragma once

#include <cstddef>
#include <filesystem>

#include "controller/base/clock.h"
#include "controller/process/process.h"

namespace failgate {

struct ObjectCounts {
  std::size_t packs = 0;
  std::size_t loose = 0;
};
[[nodiscard]] ObjectCounts CountObjects(const std::filesystem::path& repository);

/// More than this makes reading slower (measured, performance of packs and loose objects).
inline constexpr ObjectCounts kMaintenanceThreshold{50, 4000};

/// Past `threshold`: `git repack -d --geometric=2`, niced. True when it ran. The caller sees to it
/// that nobody writes meanwhile. Loses no object, referenced or not. Throws Error("repacking PATH:
/// cause").
bool MaintainRepository(ProcessRunner& runner,
                        const std::filesystem::path& repository,
                        Milliseconds deadline,
                        const ObjectCounts& threshold = kMaintenanceThreshold);

/// MaintainRepository for the one thread that writes to the repository, between two writes: what
/// fails is logged and its leftovers are removed; the next call tries again.
void KeepRepositorySmall(ProcessRunner& runner, const std::filesystem::path& repository);

}  // namespace failgate
