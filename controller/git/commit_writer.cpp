#include "controller/git/commit_writer.h"

#include <fmt/format.h>

#include <map>

#include "controller/base/digest.h"
#include "controller/base/text.h"
#include "controller/git/commit_object.h"
#include "controller/git/new_objects.h"
#include "controller/git/tree_bytes.h"

namespace failgate {
namespace {

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

/// Makes the objects of a chain of commits, each on the tree of the one before.
class ChainWriter {
 public:
  explicit ChainWriter(NewObjects& objects) : objects_(objects) {}

  CommitId Write(const std::optional<CommitId>& parent,
                 const std::optional<ObjectId>& parent_tree,
                 const CommitDraft& draft,
                 const SigningKey* key) {
    const EditNode edits = ArrangeEdits(draft.edits);
    tree_ = draft.edits.empty() && parent_tree ? *parent_tree : EditRoot(parent_tree, edits);
    return CommitId(objects_.WriteCommit(FormatCommit(draft, tree_, parent, key)).text());
  }

  /// Of the last commit written.
  [[nodiscard]] const ObjectId& tree() const { return tree_; }

 private:
  ObjectId EditRoot(const std::optional<ObjectId>& base, const EditNode& edits) {
    return objects_.WriteTree("", EditTree(base, edits, ""));
  }

  std::string EditTree(const std::optional<ObjectId>& base,
                       const EditNode& edits,
                       const std::string& path) {
    TreeBytes tree(base ? objects_.ReadTree(path, *base) : std::string_view());
    for (const auto& [name, node] : edits.children) {
      ApplyEdit(tree, name, node, path.empty() ? name : fmt::format("{}/{}", path, name));
    }
    return tree.Edited();
  }

  void ApplyEdit(TreeBytes& tree,
                 const std::string& name,
                 const EditNode& node,
                 const std::string& path) {
    const std::optional<RawTreeEntry> present = tree.Find(name);
    const bool is_folder = present && present->mode == kTreeModeFolder;
    if (node.edit == nullptr) {
      EditFolder(tree, name, node, path, present);
    } else if (!node.edit->content) {
      tree.Remove(name);
    } else {
      if (is_folder) {
        RefuseEdit(path, "a folder stands there");
      }
      const bool executable = present && present->mode == kTreeModeExecutable;
      tree.Put(name,
               executable ? kTreeModeExecutable : kTreeModeFile,
               RawId(objects_.WriteBlob(path, *node.edit->content)));
    }
  }

  void EditFolder(TreeBytes& tree,
                  const std::string& name,
                  const EditNode& node,
                  const std::string& path,
                  const std::optional<RawTreeEntry>& present) {
    const bool is_folder = present && present->mode == kTreeModeFolder;
    if (!is_folder && OnlyDeletes(node)) {
      return;
    }
    if (present && !is_folder) {
      RefuseEdit(path, "a file stands where a folder is needed");
    }
    const auto below = is_folder ? std::optional<ObjectId>(HexEncode(present->id)) : std::nullopt;
    const std::string edited = EditTree(below, node, path);
    // Git knows no empty folders.
    if (edited.empty()) {
      tree.Remove(name);
    } else {
      tree.Put(name, kTreeModeFolder, RawId(objects_.WriteTree(path, edited)));
    }
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

  [[nodiscard]] static std::string RawId(const ObjectId& id) { return *HexDecode(id.text()); }

  NewObjects& objects_;
  ObjectId tree_;
};

std::optional<ObjectId> TreeOf(const Repository& repository,
                               const std::optional<CommitId>& commit) {
  return commit ? std::optional<ObjectId>(repository.ReadCommit(*commit).tree) : std::nullopt;
}

}  // namespace

CommitId WriteCommit(Repository& repository,
                     const std::optional<CommitId>& parent,
                     const CommitDraft& draft,
                     const SigningKey* key) {
  return WriteCommits(repository, parent, {draft}, key).front();
}

CommitChain::CommitChain(std::vector<CommitId> commits, std::unique_ptr<NewObjects> objects)
    : commits_(std::move(commits)), objects_(std::move(objects)) {}
CommitChain::~CommitChain() = default;
CommitChain::CommitChain(CommitChain&&) noexcept = default;
CommitChain& CommitChain::operator=(CommitChain&&) noexcept = default;

std::string_view CommitChain::Pack() const {
  return objects_->PackForReader();
}

void CommitChain::Store() {
  objects_->Store();
}

std::vector<CommitId> WriteCommits(Repository& repository,
                                   const std::optional<CommitId>& parent,
                                   const std::vector<CommitDraft>& drafts,
                                   const SigningKey* key) {
  CommitChain chain = DraftCommits(repository, parent, drafts, key);
  chain.Store();
  return chain.commits();
}

CommitChain DraftCommits(Repository& repository,
                         const std::optional<CommitId>& parent,
                         const std::vector<CommitDraft>& drafts,
                         const SigningKey* key,
                         FolderMemory* folders) {
  auto objects = std::make_unique<NewObjects>(repository, folders);
  ChainWriter writer(*objects);
  std::vector<CommitId> commits;
  std::optional<CommitId> previous = parent;
  std::optional<ObjectId> tree = TreeOf(repository, parent);
  for (const CommitDraft& draft : drafts) {
    previous = writer.Write(previous, tree, draft, key);
    tree = writer.tree();
    commits.push_back(*previous);
  }
  return {std::move(commits), std::move(objects)};
}

}  // namespace failgate
