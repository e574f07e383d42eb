// What the sources of this folder share about libgit2: owned handles, checked calls, object
// lookups. Not for other folders; names libgit2's types without its header.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "controller/base/ids.h"
#include "controller/git/repository.h"

struct git_blob;
struct git_odb;
struct git_odb_object;
struct git_oid;
struct git_reference;
struct git_reference_iterator;
struct git_repository;
struct git_revwalk;
struct git_tree;
struct git_tree_entry;

namespace failgate {

struct GitFree {
  void operator()(git_blob* handle) const noexcept;
  void operator()(git_odb* handle) const noexcept;
  void operator()(git_odb_object* handle) const noexcept;
  void operator()(git_reference* handle) const noexcept;
  void operator()(git_reference_iterator* handle) const noexcept;
  void operator()(git_repository* handle) const noexcept;
  void operator()(git_revwalk* handle) const noexcept;
  void operator()(git_tree* handle) const noexcept;
  void operator()(git_tree_entry* handle) const noexcept;
};

template <typename T>
using GitHandle = std::unique_ptr<T, GitFree>;

struct Repository::State {
  std::filesystem::path path;
  GitHandle<git_repository> repository;

  /// Opened at first use, so that a new handle does not take over what another one keeps of the
  /// same packs: replacing a handle frees that. To be asked for at each read, not kept: after many
  /// reads it is opened anew, because libgit2 keeps up to 16 MiB of each pack it read, in blocks
  /// that lie between those of who reads. What another handle has open stays. What libgit2 reads by
  /// itself (folders of a path, walks) is not counted.
  [[nodiscard]] git_odb* Odb() const;

 private:
  void ForgetPacks() const;

  mutable GitHandle<git_odb> odb_;
  mutable int reads_ = 0;
};

/// libgit2 started, with every object write fsynced; once a process.
void StartLibgit2();
/// Throws Error("action object: libgit2's words") for a negative code.
void CheckGit(int code, std::string_view action, std::string_view object);
/// The same for a code that is known to be an error.
[[noreturn]] void ThrowGitError(int code, std::string_view action, std::string_view object);

/// Throws Error(kNeedsChange) when the text is no object id of a SHA-1 repository.
void ParseGitId(std::string_view id, git_oid& out);
[[nodiscard]] std::string FormatGitId(const git_oid& id);
[[nodiscard]] TreeEntryKind KindOfMode(unsigned mode);

[[nodiscard]] GitHandle<git_tree> LookupTree(const Repository::State& state, const git_oid& id);
/// The root tree of a commit.
[[nodiscard]] GitHandle<git_tree> RootTree(const Repository& repository, const CommitId& commit);
/// What stands at `path`; null when nothing does.
[[nodiscard]] GitHandle<git_tree_entry> EntryAt(git_tree* root, const std::string& path);
/// The tree of a folder ("" = root); null when there is none.
[[nodiscard]] GitHandle<git_tree> FolderAt(const Repository& repository,
                                           const CommitId& commit,
                                           const std::string& folder);

}  // namespace failgate
