// Commits without index or work tree: edits applied on the parent's tree, signed when a key is
// given.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
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

class FolderMemory;
class NewObjects;

/// Commits whose objects are still in memory alone. The repository outlives it and is used by
/// nobody else until it is stored. Not thread-safe.
class CommitChain {
 public:
  CommitChain(std::vector<CommitId> commits, std::unique_ptr<NewObjects> objects);
  ~CommitChain();
  CommitChain(CommitChain&&) noexcept;
  CommitChain& operator=(CommitChain&&) noexcept;

  /// In the order of the drafts.
  [[nodiscard]] const std::vector<CommitId>& commits() const { return commits_; }
  /// A git pack of all that the newest commit has and the parent has not, for Remote::Push. Valid
  /// as long as the chain.
  [[nodiscard]] std::string_view Pack() const;
  /// Durable, and to be read from the repository, when it returns; as one pack. Throws Error.
  void Store();

 private:
  std::vector<CommitId> commits_;
  std::unique_ptr<NewObjects> objects_;
};

/// Each draft's edits are applied on the tree of the one before. Otherwise as WriteCommit.
/// `folders`: of who writes to large folders of one branch again and again; outlives the chain.
[[nodiscard]] CommitChain DraftCommits(Repository& repository,
                                       const std::optional<CommitId>& parent,
                                       const std::vector<CommitDraft>& drafts,
                                       const SigningKey* key,
                                       FolderMemory* folders = nullptr);

/// Durable when it returns; moves no ref. parent nullopt = a root commit; key nullptr = unsigned.
/// '<', '>', newline and NUL are dropped from persons, as git does. Throws Error for an unsafe
/// path, a path twice, a file where a folder stands or the reverse, and a message with NUL.
[[nodiscard]] CommitId WriteCommit(Repository& repository,
                                   const std::optional<CommitId>& parent,
                                   const CommitDraft& draft,
                                   const SigningKey* key);

/// DraftCommits, stored: all or (as far as anybody can reach them) none.
[[nodiscard]] std::vector<CommitId> WriteCommits(Repository& repository,
                                                 const std::optional<CommitId>& parent,
                                                 const std::vector<CommitDraft>& drafts,
                                                 const SigningKey* key);

}  // namespace failgate
