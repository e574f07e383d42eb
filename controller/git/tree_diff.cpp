#include "controller/git/tree_diff.h"

#include <fmt/format.h>
#include <git2.h>

#include <algorithm>
#include <string_view>

#include "controller/base/text.h"
#include "controller/git/git_handles.h"

namespace failgate {
namespace {

constexpr int kMaxDepth = 256;

bool IsFolder(const git_tree_entry* entry) {
  return git_tree_entry_type(entry) == GIT_OBJECT_TREE;
}

/// Git orders a folder as if its name ended with '/'.
int CompareEntries(const git_tree_entry* a, const git_tree_entry* b) {
  const std::string_view name_a = git_tree_entry_name(a);
  const std::string_view name_b = git_tree_entry_name(b);
  const std::size_t common = std::min(name_a.size(), name_b.size());
  const int order = name_a.substr(0, common).compare(name_b.substr(0, common));
  if (order != 0) {
    return order;
  }
  const auto next = [common](std::string_view name, bool folder) {
    return static_cast<unsigned char>(name.size() > common ? name[common] : (folder ? '/' : '\0'));
  };
  return int{next(name_a, IsFolder(a))} - int{next(name_b, IsFolder(b))};
}

/// One tree's entries in order; a null tree has none.
class EntryCursor {
 public:
  explicit EntryCursor(const git_tree* tree)
      : tree_(tree), count_(tree == nullptr ? 0 : git_tree_entrycount(tree)) {
    Load();
  }
  /// nullptr at the end.
  [[nodiscard]] const git_tree_entry* entry() const { return entry_; }
  void Advance() {
    const git_tree_entry* before = entry_;
    ++index_;
    Load();
    // Out of order, the merge below would miss changes.
    if (entry_ != nullptr && CompareEntries(before, entry_) >= 0) {
      throw Error(Remedy::kNeedsChange,
                  fmt::format("comparing tree {}: its entries are out of order at \"{}\"",
                              FormatGitId(*git_tree_id(tree_)),
                              OneLine(git_tree_entry_name(entry_), 100)));
    }
  }

 private:
  void Load() { entry_ = index_ < count_ ? git_tree_entry_byindex(tree_, index_) : nullptr; }
  const git_tree* tree_;
  std::size_t count_;
  std::size_t index_ = 0;
  const git_tree_entry* entry_ = nullptr;
};

class TreeComparison {
 public:
  TreeComparison(const Repository::State& state, std::size_t limit)
      : state_(state), limit_(limit) {}

  void Compare(const git_tree* old_tree,
               const git_tree* new_tree,
               const std::string& prefix,
               int depth) {
    if (depth > kMaxDepth) {
      throw Error(Remedy::kNeedsChange,
                  fmt::format("comparing trees: folders are nested deeper than {}", kMaxDepth));
    }
    EntryCursor old_side(old_tree);
    EntryCursor new_side(new_tree);
    while (!result_.truncated && (old_side.entry() != nullptr || new_side.entry() != nullptr)) {
      const int order = old_side.entry() == nullptr ? 1
                        : new_side.entry() == nullptr
                            ? -1
                            : CompareEntries(old_side.entry(), new_side.entry());
      CompareOne(order <= 0 ? old_side.entry() : nullptr,
                 order >= 0 ? new_side.entry() : nullptr,
                 prefix,
                 depth);
      if (order <= 0) {
        old_side.Advance();
      }
      if (order >= 0) {
        new_side.Advance();
      }
    }
  }

  [[nodiscard]] ChangedPathList Take() { return std::move(result_); }

 private:
  void CompareOne(const git_tree_entry* before,
                  const git_tree_entry* after,
                  const std::string& prefix,
                  int depth) {
    const git_tree_entry* any = after != nullptr ? after : before;
    if (before != nullptr && after != nullptr &&
        git_oid_equal(git_tree_entry_id(before), git_tree_entry_id(after)) != 0 &&
        git_tree_entry_filemode_raw(before) == git_tree_entry_filemode_raw(after)) {
      return;
    }
    const std::string path = prefix + git_tree_entry_name(any);
    if (IsFolder(any)) {
      const GitHandle<git_tree> old_tree = Below(before);
      const GitHandle<git_tree> new_tree = Below(after);
      Compare(old_tree.get(), new_tree.get(), path + "/", depth + 1);
      return;
    }
    if (result_.paths.size() >= limit_) {
      result_.truncated = true;
      return;
    }
    result_.paths.push_back({path,
                             before == nullptr  ? ChangeKind::kAdded
                             : after == nullptr ? ChangeKind::kDeleted
                                                : ChangeKind::kModified});
  }

  [[nodiscard]] GitHandle<git_tree> Below(const git_tree_entry* entry) const {
    return entry == nullptr ? nullptr : LookupTree(state_, *git_tree_entry_id(entry));
  }

  const Repository::State& state_;
  std::size_t limit_;
  ChangedPathList result_;
};

}  // namespace

ChangedPathList ChangedPaths(const Repository& repository,
                             const std::optional<CommitId>& from,
                             const CommitId& to,
                             std::size_t limit) {
  const GitHandle<git_tree> new_tree = RootTree(repository, to);
  const GitHandle<git_tree> old_tree = from ? RootTree(repository, *from) : nullptr;
  TreeComparison comparison(repository.state(), limit);
  if (old_tree == nullptr ||
      git_oid_equal(git_tree_id(old_tree.get()), git_tree_id(new_tree.get())) == 0) {
    comparison.Compare(old_tree.get(), new_tree.get(), "", 0);
  }
  return comparison.Take();
}

}  // namespace failgate
