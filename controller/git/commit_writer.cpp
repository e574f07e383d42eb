#include "controller/git/commit_writer.h"

#include <fmt/format.h>
#include <git2.h>
#include <git2/sys/mempack.h>
#include <git2/sys/odb_backend.h>

#include <map>
#include <set>

#include "controller/base/durable_file.h"
#include "controller/base/text.h"
#include "controller/git/commit_object.h"
#include "controller/git/git_handles.h"

namespace failgate {
namespace {

/// Before every backend that libgit2 adds itself.
constexpr int kMempackPriority = 1000;
constexpr unsigned kPackMode = 0444;

[[noreturn]] void RefuseEdit(const std::string& path, std::string_view why) {
  throw Error(Remedy::kNeedsChange,
              fmt::format("writing a commit: {}: {}", OneLine(path, 300), why));
}

/// The edits of one draft as a tree of path parts.
struct EditNode {
  std::map<std::string, EditNode> children;
  const TreeEdit* edit = nullptr;
};

EditNode ArrangeEdits(const std::vector<TreeEdit>& edits) {
  EditNode root;
  for (const TreeEdit& edit : edits) {
    if (!IsSafeRelativePath(edit.path)) {
      RefuseEdit(edit.path, "it is no safe relative path");
    }
    EditNode* node = &root;
    for (const std::string& part : Split(edit.path, '/')) {
      if (node->edit != nullptr) {
        RefuseEdit(edit.path, "another edit of the same commit makes a file of one of its folders");
      }
      node = &node->children[part];
    }
    if (node->edit != nullptr || !node->children.empty()) {
      RefuseEdit(edit.path, "the same commit edits it, or a path below it, twice");
    }
    node->edit = &edit;
  }
  return root;
}

/// Writes objects through one repository handle and remembers which ids came out.
class ObjectWriter {
 public:
  explicit ObjectWriter(const Repository::State& state) : state_(state) {}

  CommitId Write(const std::optional<CommitId>& parent,
                 const std::optional<git_oid>& parent_tree,
                 const CommitDraft& draft,
                 const SigningKey* key) {
    const EditNode edits = ArrangeEdits(draft.edits);
    const GitHandle<git_tree> base = parent_tree ? LookupTree(state_, *parent_tree) : nullptr;
    tree_ = draft.edits.empty() && parent_tree ? *parent_tree : EditTree(base.get(), edits, "");
    const std::string bytes = FormatCommit(draft, ObjectId(FormatGitId(tree_)), parent, key);
    return CommitId(FormatGitId(WriteObject(bytes, GIT_OBJECT_COMMIT, "a commit")));
  }

  /// Of the last commit written.
  [[nodiscard]] const git_oid& tree() const { return tree_; }
  /// In the order written; an object may be an old one that came out again.
  [[nodiscard]] const std::vector<git_oid>& written() const { return written_; }

 private:
  git_oid EditTree(const git_tree* base, const EditNode& edits, const std::string& prefix) {
    git_treebuilder* raw = nullptr;
    CheckGit(git_treebuilder_new(&raw, state_.repository.get(), base), "writing folder", prefix);
    const GitHandle<git_treebuilder> builder(raw);
    for (const auto& [name, node] : edits.children) {
      ApplyEdit(raw, name, node, prefix + name);
    }
    git_oid id;
    CheckGit(git_treebuilder_write(&id, raw), "writing folder", prefix);
    count_ = git_treebuilder_entrycount(raw);
    Remember(id);
    return id;
  }

  void ApplyEdit(git_treebuilder* builder,
                 const std::string& name,
                 const EditNode& node,
                 const std::string& path) {
    const git_tree_entry* present = git_treebuilder_get(builder, name.c_str());
    const bool is_folder = present != nullptr && git_tree_entry_type(present) == GIT_OBJECT_TREE;
    if (node.edit == nullptr) {
      EditFolder(builder, name, node, path, present, is_folder);
    } else if (!node.edit->content) {
      if (present != nullptr) {
        CheckGit(git_treebuilder_remove(builder, name.c_str()), "deleting", path);
      }
    } else {
      if (is_folder) {
        RefuseEdit(path, "a folder stands there");
      }
      const bool executable =
          present != nullptr && git_tree_entry_filemode(present) == GIT_FILEMODE_BLOB_EXECUTABLE;
      const git_oid blob = WriteObject(*node.edit->content, GIT_OBJECT_BLOB, path);
      CheckGit(
          git_treebuilder_insert(nullptr,
                                 builder,
                                 name.c_str(),
                                 &blob,
                                 executable ? GIT_FILEMODE_BLOB_EXECUTABLE : GIT_FILEMODE_BLOB),
          "writing",
          path);
    }
  }

  void EditFolder(git_treebuilder* builder,
                  const std::string& name,
                  const EditNode& node,
                  const std::string& path,
                  const git_tree_entry* present,
                  bool is_folder) {
    if (present == nullptr && OnlyDeletes(node)) {
      return;
    }
    if (present != nullptr && !is_folder) {
      if (OnlyDeletes(node)) {
        return;
      }
      RefuseEdit(path, "a file stands where a folder is needed");
    }
    const GitHandle<git_tree> below =
        is_folder ? LookupTree(state_, *git_tree_entry_id(present)) : nullptr;
    const git_oid id = EditTree(below.get(), node, path + "/");
    // Git knows no empty folders.
    if (count_ == 0) {
      if (is_folder) {
        CheckGit(git_treebuilder_remove(builder, name.c_str()), "deleting", path);
      }
      return;
    }
    CheckGit(git_treebuilder_insert(nullptr, builder, name.c_str(), &id, GIT_FILEMODE_TREE),
             "writing folder",
             path);
  }

  [[nodiscard]] static bool OnlyDeletes(const EditNode& node) {
    if (node.edit != nullptr) {
      return !node.edit->content.has_value();
    }
    for (const auto& [name, child] : node.children) {
      if (!OnlyDeletes(child)) {
        return false;
      }
    }
    return true;
  }

  git_oid WriteObject(std::string_view bytes, git_object_t type, const std::string& object) {
    git_oid id;
    CheckGit(git_odb_write(&id, state_.Odb(), bytes.data(), bytes.size(), type), "writing", object);
    Remember(id);
    return id;
  }

  void Remember(const git_oid& id) { written_.push_back(id); }

  const Repository::State& state_;
  git_oid tree_{};
  std::size_t count_ = 0;  ///< entries of the tree written last
  std::vector<git_oid> written_;
};

std::vector<CommitId> WriteChain(ObjectWriter& writer,
                                 const std::optional<CommitId>& parent,
                                 std::optional<git_oid> tree,
                                 const std::vector<CommitDraft>& drafts,
                                 const SigningKey* key) {
  std::vector<CommitId> commits;
  std::optional<CommitId> previous = parent;
  for (const CommitDraft& draft : drafts) {
    previous = writer.Write(previous, tree, draft, key);
    tree = writer.tree();
    commits.push_back(*previous);
  }
  return commits;
}

/// A second handle on the repository whose new objects stay in memory.
Repository OpenInMemory(const std::filesystem::path& path) {
  Repository repository = Repository::Open(path);
  git_odb_backend* backend = nullptr;
  CheckGit(git_mempack_new(&backend), "preparing a pack for", path.native());
  const int code = git_odb_add_backend(repository.state().Odb(), backend, kMempackPriority);
  if (code < 0) {
    backend->free(backend);
    ThrowGitError(code, "preparing a pack for", path.native());
  }
  return repository;
}

/// One pack of just the objects that are new to `target`: git_mempack_dump would add the whole tree
/// of each commit.
void WritePack(const Repository::State& memory,
               const Repository::State& target,
               const std::vector<git_oid>& written) {
  git_packbuilder* raw = nullptr;
  const std::string& path = target.path.native();
  CheckGit(git_packbuilder_new(&raw, memory.repository.get()), "writing a pack into", path);
  const GitHandle<git_packbuilder> builder(raw);
  std::set<std::string> seen;
  for (const git_oid& id : written) {
    if (!seen.insert(FormatGitId(id)).second ||
        git_odb_exists_ext(target.Odb(), &id, GIT_ODB_LOOKUP_NO_REFRESH) == 1) {
      continue;
    }
    CheckGit(git_packbuilder_insert(raw, &id, nullptr), "writing a pack into", path);
  }
  if (git_packbuilder_object_count(raw) == 0) {
    return;
  }
  const std::filesystem::path folder = target.path / "objects" / "pack";
  CheckGit(git_packbuilder_write(raw, folder.c_str(), kPackMode, nullptr, nullptr),
           "writing a pack into",
           path);
  SyncFolder(folder);
  CheckGit(git_odb_refresh(target.Odb()), "reading the new pack of", path);
}

std::optional<git_oid> TreeOf(const Repository& repository, const std::optional<CommitId>& commit) {
  if (!commit) {
    return std::nullopt;
  }
  git_oid id;
  ParseGitId(repository.ReadCommit(*commit).tree.text(), id);
  return id;
}

}  // namespace

CommitId WriteCommit(Repository& repository,
                     const std::optional<CommitId>& parent,
                     const CommitDraft& draft,
                     const SigningKey* key) {
  ObjectWriter writer(repository.state());
  return writer.Write(parent, TreeOf(repository, parent), draft, key);
}

std::vector<CommitId> WriteCommits(Repository& repository,
                                   const std::optional<CommitId>& parent,
                                   const std::vector<CommitDraft>& drafts,
                                   const SigningKey* key) {
  const std::optional<git_oid> tree = TreeOf(repository, parent);
  if (drafts.size() < kCommitsForPack) {
    ObjectWriter writer(repository.state());
    return WriteChain(writer, parent, tree, drafts, key);
  }
  const Repository memory = OpenInMemory(repository.path());
  ObjectWriter writer(memory.state());
  std::vector<CommitId> commits = WriteChain(writer, parent, tree, drafts, key);
  WritePack(memory.state(), repository.state(), writer.written());
  return commits;
}

}  // namespace failgate
