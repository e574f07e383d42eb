// Which lines of a file are new or different since an earlier commit.
#pragma once

#include <set>
#include <string>

#include "controller/git/repository.h"

namespace failgate {

/// Line numbers of `path` at `to`, from 1; all of them when it is not there at `from` (renames are
/// new files) or `from` is nullopt. Empty when nothing differs, it is gone, or it is no text. Files
/// over `max_bytes` throw Error, as the repository does for what it cannot read.
[[nodiscard]] std::set<long long> AddedLines(const Repository& repository,
                                             const std::optional<CommitId>& from,
                                             const CommitId& to,
                                             const std::string& path,
                                             std::size_t max_bytes);

}  // namespace failgate
