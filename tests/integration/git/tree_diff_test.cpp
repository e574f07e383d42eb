#include "controller/git/tree_diff.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "controller/base/text.h"
#include "controller/git/commit_writer.h"
#include "tests/support/stock_git.h"

namespace failgate {
namespace {

std::vector<std::string> Describe(const ChangedPathList& list) {
  std::vector<std::string> lines;
  for (const ChangedPath& change : list.paths) {
    const char* letter = change.kind == ChangeKind::kAdded     ? "A"
                         : change.kind == ChangeKind::kDeleted ? "D"
                                                               : "M";
    lines.push_back(letter + ("\t" + change.path));
  }
  return lines;
}

TEST(TreeDiff, SaysWhatChanged) {
  PushedRepository world;
  const CommitId before = world.Push({{"a", "1"}, {"dir/b", "1"}, {"dir/c", "1"}, {"same/x", "1"}});
  const CommitId after =
      world.Push({{"a", "2"}, {"dir/b", std::nullopt}, {"dir/new/d", "1"}, {"e", "1"}});
  const Repository repository = Repository::Open(world.origin());
  EXPECT_EQ(Describe(ChangedPaths(repository, before, after, 100)),
            (std::vector<std::string>{"M\ta", "D\tdir/b", "A\tdir/new/d", "A\te"}));
  EXPECT_EQ(ChangedPaths(repository, std::nullopt, before, 100).paths.size(), 4U);
  EXPECT_TRUE(ChangedPaths(repository, after, after, 100).paths.empty());
}

TEST(TreeDiff, SeesAFileBecomeAFolderAndANewMode) {
  PushedRepository world;
  const CommitId before = world.Push({{"x", "1"}, {"x-1", "1"}, {"run", "1"}});
  std::filesystem::permissions(world.work() / "run", std::filesystem::perms(0755));
  std::filesystem::remove(world.work() / "x");
  const CommitId after = world.Push({{"x/y", "1"}});
  const Repository repository = Repository::Open(world.origin());
  EXPECT_EQ(Describe(ChangedPaths(repository, before, after, 100)),
            (std::vector<std::string>{"M\trun", "D\tx", "A\tx/y"}));
}

TEST(TreeDiff, StopsAtTheLimit) {
  PushedRepository world;
  const CommitId commit = world.Push({{"a", "1"}, {"b", "1"}, {"c/d", "1"}});
  const Repository repository = Repository::Open(world.origin());
  const ChangedPathList two = ChangedPaths(repository, std::nullopt, commit, 2);
  EXPECT_TRUE(two.truncated);
  EXPECT_EQ(two.paths.size(), 2U);
  EXPECT_FALSE(ChangedPaths(repository, std::nullopt, commit, 3).truncated);
}

/// Names that sort differently as file and as folder.
std::string RandomPath(std::mt19937& random) {
  static const std::vector<std::string> kParts = {"a", "a-", "a.b", "a0", "ab", "b"};
  std::string path;
  const std::size_t depth = 1 + random() % 3;
  for (std::size_t i = 0; i < depth; ++i) {
    path += (i == 0 ? "" : "/") + kParts[random() % kParts.size()] + (i + 1 < depth ? "d" : "f");
  }
  return path;
}

TEST(TreeDiff, AgreesWithGitOnRandomTrees) {
  const TemporaryFolder folder;
  Repository repository = Repository::InitBare(folder.path() / "r.git");
  std::mt19937 random(20260102);
  std::optional<CommitId> before;
  for (int round = 0; round < 15; ++round) {
    CommitDraft draft;
    draft.author = draft.committer = {"A", "a@example.com"};
    draft.message = "x";
    for (int i = 0; i < 20; ++i) {
      const std::string path = RandomPath(random);
      const bool taken = std::any_of(draft.edits.begin(),
                                     draft.edits.end(),
                                     [&](const TreeEdit& e) { return e.path == path; });
      if (!taken) {
        draft.edits.push_back(
            {path, random() % 3 == 0 ? std::nullopt : std::optional(std::to_string(random()))});
      }
    }
    const CommitId after = WriteCommit(repository, before, draft, nullptr);
    if (before) {
      const std::string oracle =
          Git(repository.path(),
              {"diff-tree", "-r", "--name-status", "--no-renames", before->text(), after.text()});
      EXPECT_EQ(Join(Describe(ChangedPaths(repository, before, after, 1000)), "\n"), oracle);
    }
    before = after;
  }
}

}  // namespace
}  // namespace failgate
