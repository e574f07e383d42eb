#include <fmt/format.h>
#include <git2.h>

#include "controller/base/text.h"
#include "controller/git/git_handles.h"
#include "controller/git/repository.h"

namespace failgate {
namespace {

/// Deeper trees are refused everywhere: each level is a stack frame.
constexpr int kMaxDepth = 256;

TreeEntry Describe(const git_tree_entry* entry, std::string name) {
  return {std::move(name),
          KindOfMode(static_cast<unsigned>(git_tree_entry_filemode_raw(entry))),
          ObjectId(FormatGitId(*git_tree_entry_id(entry)))};
}

struct FileSearch {
  const Repository::State& state;
  std::string folder;
  std::size_t limit = 0;
  std::vector<TreeEntry> found;

  void Walk(const git_tree* tree, const std::string& prefix, int depth) {
    if (depth > kMaxDepth) {
      throw Error(Remedy::kNeedsChange,
                  fmt::format("listing files under \"{}\": folders are nested deeper than {}",
                              OneLine(folder, 100),
                              kMaxDepth));
    }
    for (std::size_t i = 0; i < git_tree_entrycount(tree); ++i) {
      const git_tree_entry* entry = git_tree_entry_byindex(tree, i);
      TreeEntry described = Describe(entry, prefix + git_tree_entry_name(entry));
      if (described.kind == TreeEntryKind::kFolder) {
        const GitHandle<git_tree> below = LookupTree(state, *git_tree_entry_id(entry));
        Walk(below.get(), described.name + "/", depth + 1);
        continue;
      }
      if (found.size() >= limit) {
        throw Error(
            Remedy::kNeedsChange,
            fmt::format(
                "listing files under \"{}\": more than {} files", OneLine(folder, 100), limit));
      }
      found.push_back(std::move(described));
    }
  }
};

std::string ReadBlobNamed(const Repository::State& state,
                          const git_oid& id,
                          std::size_t max_bytes,
                          std::string_view object) {
  std::size_t size = 0;
  git_object_t type = GIT_OBJECT_INVALID;
  CheckGit(git_odb_read_header(&size, &type, state.Odb(), &id), "reading", object);
  if (type != GIT_OBJECT_BLOB) {
    throw Error(Remedy::kNeedsChange, fmt::format("reading {}: it is no file", object));
  }
  if (size > max_bytes) {
    throw Error(
        Remedy::kNeedsChange,
        fmt::format(
            "reading {}: it has {} bytes, at most {} are allowed", object, size, max_bytes));
  }
  git_odb_object* raw = nullptr;
  CheckGit(git_odb_read(&raw, state.Odb(), &id), "reading", object);
  const GitHandle<git_odb_object> owner(raw);
  return {static_cast<const char*>(git_odb_object_data(raw)), git_odb_object_size(raw)};
}

}  // namespace

std::optional<ObjectId> Repository::BlobId(const CommitId& commit, const std::string& path) const {
  const GitHandle<git_tree> root = RootTree(*this, commit);
  const GitHandle<git_tree_entry> entry = EntryAt(root.get(), path);
  if (entry == nullptr) {
    return std::nullopt;
  }
  const TreeEntry described = Describe(entry.get(), path);
  switch (described.kind) {
    case TreeEntryKind::kFile:
    case TreeEntryKind::kExecutable:
      return described.id;
    case TreeEntryKind::kSymlink:
    case TreeEntryKind::kFolder:
    case TreeEntryKind::kSubmodule:
      break;
  }
  return std::nullopt;
}

std::optional<std::string> Repository::ReadFile(const CommitId& commit,
                                                const std::string& path,
                                                std::size_t max_bytes) const {
  const std::optional<ObjectId> blob = BlobId(commit, path);
  if (!blob) {
    return std::nullopt;
  }
  git_oid id;
  ParseGitId(blob->text(), id);
  return ReadBlobNamed(
      *state_, id, max_bytes, fmt::format("{} at {}", OneLine(path, 200), commit.text()));
}

std::string Repository::ReadBlob(const ObjectId& blob, std::size_t max_bytes) const {
  git_oid id;
  ParseGitId(blob.text(), id);
  return ReadBlobNamed(*state_, id, max_bytes, "blob " + blob.text());
}

ObjectId Repository::HashBlob(std::string_view bytes) {
  StartLibgit2();
  git_oid id;
  CheckGit(git_odb_hash(&id, bytes.data(), bytes.size(), GIT_OBJECT_BLOB), "hashing", "bytes");
  return ObjectId(FormatGitId(id));
}

std::vector<TreeEntry> Repository::ListFolder(const CommitId& commit,
                                              const std::string& folder) const {
  const GitHandle<git_tree> tree = FolderAt(*this, commit, folder);
  std::vector<TreeEntry> entries;
  if (tree == nullptr) {
    return entries;
  }
  for (std::size_t i = 0; i < git_tree_entrycount(tree.get()); ++i) {
    const git_tree_entry* entry = git_tree_entry_byindex(tree.get(), i);
    entries.push_back(Describe(entry, git_tree_entry_name(entry)));
  }
  return entries;
}

std::vector<TreeEntry> Repository::FindFiles(const CommitId& commit,
                                             const std::string& folder,
                                             std::size_t limit) const {
  const GitHandle<git_tree> tree = FolderAt(*this, commit, folder);
  FileSearch search{*state_, folder, limit, {}};
  if (tree != nullptr) {
    search.Walk(tree.get(), folder.empty() ? "" : folder + "/", 0);
  }
  return std::move(search.found);
}

std::optional<ObjectId> Repository::TreeId(const CommitId& commit,
                                           const std::string& folder) const {
  const GitHandle<git_tree> root = RootTree(*this, commit);
  if (folder.empty()) {
    return ObjectId(FormatGitId(*git_tree_id(root.get())));
  }
  const GitHandle<git_tree_entry> entry = EntryAt(root.get(), folder);
  if (entry == nullptr || git_tree_entry_type(entry.get()) != GIT_OBJECT_TREE) {
    return std::nullopt;
  }
  return ObjectId(FormatGitId(*git_tree_entry_id(entry.get())));
}

}  // namespace failgate
