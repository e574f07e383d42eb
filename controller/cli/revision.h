// What a person means by a revision.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "controller/git/repository.h"

namespace failgate {

struct ResolvedRevision {
  CommitId commit;
  std::string ref;  ///< the branch it was named by, full; empty for a bare commit or tag
};

/// A branch, a tag, a whole id, or anything else that `git rev-parse` knows ("HEAD~2", "3f2c…");
/// nullopt when there is no such commit.
[[nodiscard]] std::optional<ResolvedRevision> ResolveRevision(
    const Repository& repository,
    const std::filesystem::path& git_folder,
    const std::string& revision);

}  // namespace failgate
