// Which paths differ between two commits: our own walk that never enters equal folders.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "controller/base/ids.h"
#include "controller/git/repository.h"

namespace failgate {

enum class ChangeKind { kAdded, kModified, kDeleted };

struct ChangedPath {
  std::string path;
  ChangeKind kind = ChangeKind::kModified;
  bool operator==(const ChangedPath&) const = default;
};

struct ChangedPathList {
  std::vector<ChangedPath> paths;  ///< in git's tree order
  bool truncated = false;          ///< there are more than `limit`
};

/// From nullopt = from the empty tree. A new mode or a moved submodule is a modification; renames
/// are a deletion and an addition. Throws Error as Repository does.
[[nodiscard]] ChangedPathList ChangedPaths(const Repository& repository,
                                           const std::optional<CommitId>& from,
                                           const CommitId& to,
                                           std::size_t limit);

}  // namespace failgate
