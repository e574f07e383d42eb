#include "controller/git/git_handles.h"

#include <fmt/format.h>
#include <git2.h>
#include <git2/sys/repository.h>

#include <mutex>

#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxCachedTreeBytes = std::size_t{1} << 20U;
constexpr ssize_t kMaxCacheBytes = ssize_t{8} << 20U;
// A quarter as many cost a start with 10,000 pairs a third more CPU, twice as many 5 MiB more.
constexpr int kReadsOfPacks = 4000;
constexpr std::size_t kPackWindowBytes = std::size_t{1} << 20U;
constexpr std::size_t kMaxMappedPackBytes = std::size_t{128} << 20U;

}  // namespace

void GitFree::operator()(git_blob* handle) const noexcept {
  git_blob_free(handle);
}
void GitFree::operator()(git_odb* handle) const noexcept {
  git_odb_free(handle);
}
void GitFree::operator()(git_odb_object* handle) const noexcept {
  git_odb_object_free(handle);
}
void GitFree::operator()(git_reference* handle) const noexcept {
  git_reference_free(handle);
}
void GitFree::operator()(git_reference_iterator* handle) const noexcept {
  git_reference_iterator_free(handle);
}
void GitFree::operator()(git_repository* handle) const noexcept {
  git_repository_free(handle);
}
void GitFree::operator()(git_revwalk* handle) const noexcept {
  git_revwalk_free(handle);
}
void GitFree::operator()(git_tree* handle) const noexcept {
  git_tree_free(handle);
}
void GitFree::operator()(git_tree_entry* handle) const noexcept {
  git_tree_entry_free(handle);
}

git_odb* Repository::State::Odb() const {
  if (odb_ && ++reads_ >= kReadsOfPacks) {
    ForgetPacks();
  }
  if (!odb_) {
    git_odb* odb = nullptr;
    CheckGit(git_repository_odb(&odb, repository.get()), "opening objects of", path.native());
    odb_.reset(odb);
  }
  return odb_.get();
}

void Repository::State::ForgetPacks() const {
  odb_.reset();
  // What was handed out holds what it needs; all else is opened again when it is asked for. (As of
  // libgit2 1.5; a later one must not free twice what it has of grafts.)
  CheckGit(git_repository__cleanup(repository.get()), "closing objects of", path.native());
  reads_ = 0;
}

void StartLibgit2() {
  static std::once_flag once;
  std::call_once(once, [] {
    CheckGit(git_libgit2_init(), "starting", "libgit2");
    CheckGit(git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1), "starting", "libgit2");
    // Mirrors may belong to another user than the controller's (a mounted volume); nothing of their
    // configuration is executed by libgit2.
    CheckGit(git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0), "starting", "libgit2");
    // Folders of thousands of files are looked into again and again, and by default only trees of
    // 4 KiB are kept; all handles together keep no more than this.
    CheckGit(
        git_libgit2_opts(
            GIT_OPT_SET_CACHE_OBJECT_LIMIT, static_cast<int>(GIT_OBJECT_TREE), kMaxCachedTreeBytes),
        "starting",
        "libgit2");
    CheckGit(git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, kMaxCacheBytes), "starting", "libgit2");
    // Packs are mapped in pieces: by default all that was ever read of one stays resident.
    CheckGit(git_libgit2_opts(GIT_OPT_SET_MWINDOW_SIZE, kPackWindowBytes), "starting", "libgit2");
    CheckGit(git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, kMaxMappedPackBytes),
             "starting",
             "libgit2");
    // The machine's and the user's git configuration must not change what the controller does.
    for (const int level : {GIT_CONFIG_LEVEL_PROGRAMDATA,
                            GIT_CONFIG_LEVEL_SYSTEM,
                            GIT_CONFIG_LEVEL_XDG,
                            GIT_CONFIG_LEVEL_GLOBAL}) {
      CheckGit(git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, ""), "starting", "libgit2");
    }
  });
}

void CheckGit(int code, std::string_view action, std::string_view object) {
  if (code < 0) {
    ThrowGitError(code, action, object);
  }
}

void ThrowGitError(int code, std::string_view action, std::string_view object) {
  const git_error* last = git_error_last();
  const int error_class = last == nullptr ? GIT_ERROR_NONE : last->klass;
  const std::string cause = last == nullptr || last->message == nullptr
                                ? fmt::format("libgit2 error {}", code)
                                : OneLine(last->message);
  const bool passing = code == GIT_ELOCKED || error_class == GIT_ERROR_OS ||
                       error_class == GIT_ERROR_NOMEMORY || error_class == GIT_ERROR_FILESYSTEM;
  git_error_clear();
  throw Error(passing ? Remedy::kRetry : Remedy::kNeedsChange,
              fmt::format("{} {}: {}", action, object, cause));
}

void ParseGitId(std::string_view id, git_oid& out) {
  if (id.size() != GIT_OID_HEXSZ || !IsObjectId(id) ||
      git_oid_fromstrn(&out, id.data(), id.size()) != 0) {
    throw Error(Remedy::kNeedsChange,
                fmt::format("reading object id \"{}\": 40 lower-case hex digits are expected",
                            OneLine(id, 80)));
  }
}

std::string FormatGitId(const git_oid& id) {
  std::string text(GIT_OID_HEXSZ, '0');
  git_oid_fmt(text.data(), &id);
  return text;
}

TreeEntryKind KindOfMode(unsigned mode) {
  switch (mode & 0170000U) {
    case 0040000U:
      return TreeEntryKind::kFolder;
    case 0120000U:
      return TreeEntryKind::kSymlink;
    case 0160000U:
      return TreeEntryKind::kSubmodule;
    default:
      return (mode & 0100U) != 0 ? TreeEntryKind::kExecutable : TreeEntryKind::kFile;
  }
}

GitHandle<git_tree> LookupTree(const Repository::State& state, const git_oid& id) {
  git_tree* tree = nullptr;
  static_cast<void>(state.Odb());  // counted as a read
  const int code = git_tree_lookup(&tree, state.repository.get(), &id);
  if (code < 0) {
    ThrowGitError(code, "reading tree", FormatGitId(id));
  }
  return GitHandle<git_tree>(tree);
}

GitHandle<git_tree> RootTree(const Repository& repository, const CommitId& commit) {
  git_oid id;
  ParseGitId(repository.ReadCommit(commit).tree.text(), id);
  return LookupTree(repository.state(), id);
}

GitHandle<git_tree_entry> EntryAt(git_tree* root, const std::string& path) {
  if (path.empty() || path.find('\0') != std::string::npos) {
    return nullptr;
  }
  git_tree_entry* entry = nullptr;
  const int code = git_tree_entry_bypath(&entry, root, path.c_str());
  if (code == GIT_ENOTFOUND) {
    // A folder on the way whose object is missing has the same code, but another class.
    const git_error* last = git_error_last();
    if (last != nullptr && last->klass == GIT_ERROR_ODB) {
      ThrowGitError(code, "reading", path);
    }
    git_error_clear();
    return nullptr;
  }
  CheckGit(code, "reading", path);
  return GitHandle<git_tree_entry>(entry);
}

GitHandle<git_tree> FolderAt(const Repository& repository,
                             const CommitId& commit,
                             const std::string& folder) {
  GitHandle<git_tree> root = RootTree(repository, commit);
  if (folder.empty()) {
    return root;
  }
  const GitHandle<git_tree_entry> entry = EntryAt(root.get(), folder);
  if (entry == nullptr || git_tree_entry_type(entry.get()) != GIT_OBJECT_TREE) {
    return nullptr;
  }
  return LookupTree(repository.state(), *git_tree_entry_id(entry.get()));
}

}  // namespace failgate
