// What a git that was killed leaves in a repository of ours.
#pragma once

#include <filesystem>

namespace failgate {

/// Removes locks, half packs and half objects below `repository`. Only while nobody writes there:
/// at start, and by the one writer after a fetch of its own was cut off.
void RemoveGitLeftovers(const std::filesystem::path& repository);

/// Removes refs whose file a power cut left empty or half: git and libgit2 fail on the whole
/// repository for one of them, and the next fetch makes them anew. When RemoveGitLeftovers may be
/// called.
void RemoveTornRefs(const std::filesystem::path& repository);

}  // namespace failgate
