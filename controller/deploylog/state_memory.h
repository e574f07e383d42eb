// States of pairs that one writing of the log leaves to the next, so that it need not read them
// from git again: each lies there in up to a hundred files.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "controller/base/ids.h"
#include "controller/deploylog/log_state.h"

namespace failgate {

/// By EnvironmentPath.
using PairStates = std::map<std::string, EnvironmentState>;

/// Not thread-safe.
class StateMemory {
 public:
  static constexpr std::size_t kPairs = 64;

  /// What is known of the states at `base`, which is forgotten here; nothing when what was kept is
  /// of another commit.
  [[nodiscard]] PairStates Take(const std::optional<CommitId>& base);
  /// All of them as they stand at `head`, in place of what was kept before. At most kPairs stay,
  /// those of `used` rather than of `others`.
  void Keep(const CommitId& head, PairStates used, PairStates others);

 private:
  std::optional<CommitId> head_;
  PairStates states_;
};

}  // namespace failgate
