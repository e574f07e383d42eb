// Which lines of a file are new or different since an earlier commit.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "controller/git/repository.h"

namespace failgate {

/// Consecutive line numbers, from 1.
struct LineRange {
  long long first = 0;
  long long count = 0;
  bool operator==(const LineRange&) const = default;
};

/// Lines of `path` at `to`, ascending; all of them when it is not there at `from` (renames are new
/// files) or `from` is nullopt. Empty when nothing differs or it is gone. What is read is taken off
/// `bytes_left`; Error when that is not enough, as for what the repository cannot read.
[[nodiscard]] std::vector<LineRange> AddedLines(const Repository& repository,
                                                const std::optional<CommitId>& from,
                                                const CommitId& to,
                                                const std::string& path,
                                                std::size_t& bytes_left);

}  // namespace failgate
