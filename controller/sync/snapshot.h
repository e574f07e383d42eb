// One branch of a source at one moment: all that planning looks at.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "controller/base/ids.h"
#include "controller/base/result.h"
#include "controller/git/repository.h"

namespace failgate {

struct Snapshot {
  SourceName source;
  std::string ref;  ///< full
  CommitId revision;
  CommitId base;  ///< the head processed last; empty = none
  bool is_first_head = false;
  /// Paths that differ from the base; nullopt: the first head, a rewritten history, too many.
  std::optional<std::vector<std::string>> changed_paths;
  /// failgate.yaml at the revision: absent, its text, or why it cannot be read.
  std::optional<Result<std::string>> pipeline_text;
};

inline constexpr std::size_t kMaxChangedPaths = 20000;

/// Throws Error as Repository does.
[[nodiscard]] Snapshot ReadSnapshot(const Repository& repository,
                                    const SourceName& source,
                                    const RefEntry& head,
                                    const std::optional<CommitId>& base);

}  // namespace failgate
