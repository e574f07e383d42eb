// A bare git repository on this machine: refs, commits, trees and files, all by libgit2, in our
// words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/ids.h"
#include "controller/base/result.h"
#include "controller/git/commit_info.h"

namespace failgate {

enum class TreeEntryKind { kFile, kExecutable, kSymlink, kFolder, kSubmodule };

struct TreeEntry {
  std::string name;  ///< one path part for ListFolder, the whole path for FindFiles
  TreeEntryKind kind = TreeEntryKind::kFile;
  ObjectId id;
  bool operator==(const TreeEntry&) const = default;
};

struct RefEntry {
  std::string name;  ///< full: "refs/heads/main"
  CommitId commit;
  bool operator==(const RefEntry&) const = default;
};

/// What ExportTree may write at most.
struct ExportLimits {
  std::size_t max_files = 200'000;
  std::uint64_t max_bytes = std::uint64_t{4} << 30U;
};

/// Movable, not thread-safe: open one per thread or task (opening is cheap). Every function throws
/// Error("action object: cause") for a missing or corrupt object, kRetry where the disk or a lock
/// is to blame; what is merely not there is nullopt, false or empty. Paths are '/' separated; "" is
/// the root.
class Repository {
 public:
  /// A bare repository (or the .git folder of another one).
  [[nodiscard]] static Repository Open(const std::filesystem::path& path);
  /// Makes missing folders; HEAD names refs/heads/main; no automatic gc. Throws when one is there.
  static Repository InitBare(const std::filesystem::path& path);
  ~Repository();
  Repository(Repository&&) noexcept;
  Repository& operator=(Repository&&) noexcept;

  [[nodiscard]] const std::filesystem::path& path() const;

  /// The commit a full ref name (or HEAD) leads to, through symbolic refs and tags.
  [[nodiscard]] std::optional<CommitId> Ref(const std::string& name) const;
  /// Every ref that starts with `prefix` and leads to a commit, sorted by name.
  [[nodiscard]] std::vector<RefEntry> Refs(const std::string& prefix) const;
  /// Compare and set; expected_old nullopt = the ref must not exist yet. false = lost race.
  /// Durable.
  [[nodiscard]] bool SetRef(const std::string& name,
                            const CommitId& to,
                            const std::optional<CommitId>& expected_old);
  /// false = there was none.
  bool DeleteRef(const std::string& name);

  [[nodiscard]] bool HasCommit(const CommitId& id) const;
  /// The commit whose id is or begins with `prefix` (4 to 40 lower-case hexadecimal digits).
  /// Refusals: unknown_commit, ambiguous_commit (several objects begin so).
  [[nodiscard]] Result<CommitId> CommitLike(const std::string& prefix) const;
  [[nodiscard]] CommitInfo ReadCommit(const CommitId& id) const;

  /// Content of a regular file; nullopt when there is none at `path` (a symlink is none). Throws
  /// when it is larger than max_bytes.
  [[nodiscard]] std::optional<std::string> ReadFile(const CommitId& commit,
                                                    const std::string& path,
                                                    std::size_t max_bytes) const;
  [[nodiscard]] std::string ReadBlob(const ObjectId& blob, std::size_t max_bytes) const;
  /// Id of the regular file at `path`.
  [[nodiscard]] std::optional<ObjectId> BlobId(const CommitId& commit,
                                               const std::string& path) const;
  /// The id git gives to these bytes; nothing is written.
  [[nodiscard]] static ObjectId HashBlob(std::string_view bytes);

  /// Direct entries in git's order; empty when there is no such folder.
  [[nodiscard]] std::vector<TreeEntry> ListFolder(const CommitId& commit,
                                                  const std::string& folder) const;
  /// Everything under `folder` but folders, recursively, with whole paths. Throws over `limit`
  /// entries.
  [[nodiscard]] std::vector<TreeEntry> FindFiles(const CommitId& commit,
                                                 const std::string& folder,
                                                 std::size_t limit) const;
  /// Id of a folder's tree: equal ids = equal content.
  [[nodiscard]] std::optional<ObjectId> TreeId(const CommitId& commit,
                                               const std::string& folder) const;

  /// Commits reachable from `to` and not from `from`, newest first, at most `limit`. Children come
  /// before parents when `from` is given; without it commit dates alone order the sides of merges.
  [[nodiscard]] std::vector<CommitId> CommitsBetween(const std::optional<CommitId>& from,
                                                     const CommitId& to,
                                                     std::size_t limit) const;
  /// True also when both are the same commit.
  [[nodiscard]] bool IsAncestor(const CommitId& ancestor, const CommitId& descendant) const;
  [[nodiscard]] std::optional<CommitId> MergeBase(const CommitId& a, const CommitId& b) const;

  /// Writes the files of a commit into `destination` (made here; must be absent or empty): a plain
  /// folder, no .git, not fsynced. Executable bits are kept, submodules skipped. A symlink that is
  /// absolute or may leave the tree, any spelling of .git, and what exceeds the limits is refused
  /// with an Error naming the path; the destination is then half written and the caller's to
  /// remove.
  /// `folder`: only what lies under it; nothing when there is no such folder.
  void ExportTree(const CommitId& commit,
                  const std::filesystem::path& destination,
                  const ExportLimits& limits = {},
                  const std::string& folder = {}) const;

  /// Several trees laid over one another, each as far as `wanted` says yes to a file's path; no
  /// path may be wanted of two. Else as ExportTree.
  struct WantedFiles {
    CommitId commit;
    std::function<bool(const std::string& path)> wanted;
  };
  void ExportFiles(const std::vector<WantedFiles>& layers,
                   const std::filesystem::path& destination,
                   const ExportLimits& limits = {}) const;

  /// For the sources of controller/git only.
  struct State;
  [[nodiscard]] State& state() const { return *state_; }

 private:
  explicit Repository(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace failgate
