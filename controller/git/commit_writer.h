// Commits without index or work tree: edits applied on the parent's tree, signed when a key is
// given.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/ids.h"
#include "controller/git/repository.h"
#include "controller/git/signing_key.h"

namespace failgate {

/// One path of a commit. A file that was executable stays so.
struct TreeEdit {
  std::string path;  ///< IsSafeRelativePath
  std::optional<std::string>
      content;  ///< nullopt = delete (a file or a whole folder; absent is fine)
};

struct CommitDraft {
  std::vector<TreeEdit> edits;  ///< a path may appear once; none = same tree as the parent
  Person author;
  TimePoint author_time{};  ///< whole seconds are kept, written as +0000
  Person committer;
  TimePoint committer_time{};
  std::string message;  ///< a final newline is added when missing
};

/// From this many drafts on WriteCommits makes one pack instead of loose objects.
inline constexpr std::size_t kCommitsForPack = 8;

/// Durable when it returns; moves no ref. parent nullopt = a root commit; key nullptr = unsigned.
/// '<', '>', newline and NUL are dropped from persons, as git does. Throws Error for an unsafe
/// path, a path twice, a file where a folder stands or the reverse, and a message with NUL.
[[nodiscard]] CommitId WriteCommit(Repository& repository,
                                   const std::optional<CommitId>& parent,
                                   const CommitDraft& draft,
                                   const SigningKey* key);

/// A chain: each draft's edits are applied on the tree of the one before. All or (as far as anybody
/// can reach them) none. Ids in the order of the drafts.
[[nodiscard]] std::vector<CommitId> WriteCommits(Repository& repository,
                                                 const std::optional<CommitId>& parent,
                                                 const std::vector<CommitDraft>& drafts,
                                                 const SigningKey* key);

}  // namespace failgate
