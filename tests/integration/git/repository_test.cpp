#include "controller/git/repository.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>

#include "controller/base/error.h"
#include "tests/support/stock_git.h"

namespace failgate {
namespace {

constexpr std::size_t kPlenty = 1U << 20U;

class RepositoryTest : public ::testing::Test {
 protected:
  Repository Open() { return Repository::Open(world_.origin()); }
  PushedRepository world_;
};

TEST_F(RepositoryTest, MakesABareRepositoryThatGitUnderstands) {
  const Repository made = Repository::InitBare(world_.folder() / "deep" / "new.git");
  EXPECT_EQ(Git(made.path(), {"rev-parse", "--is-bare-repository"}), "true");
  EXPECT_EQ(Git(made.path(), {"symbolic-ref", "HEAD"}), "refs/heads/main");
  EXPECT_EQ(Git(made.path(), {"config", "--get", "gc.auto"}), "0");
  EXPECT_EQ(made.Ref("refs/heads/main"), std::nullopt);
  EXPECT_THROW((void)Repository::InitBare(made.path()), Error);
  EXPECT_THROW((void)Repository::Open(world_.folder()), Error);
}

TEST_F(RepositoryTest, ReadsCommits) {
  const CommitId first = world_.Push({{"a", "1"}}, "First\n\nBecause");
  const CommitId second = world_.Push({{"a", "2"}});
  const Repository repository = Open();
  const CommitInfo commit = repository.ReadCommit(first);
  EXPECT_EQ(commit.subject, "First");
  EXPECT_EQ(commit.message, "First\n\nBecause\n");
  EXPECT_EQ(commit.author, (Person{"Alice Martin", "alice@example.com"}));
  EXPECT_TRUE(commit.parents.empty());
  EXPECT_EQ(repository.ReadCommit(second).parents, std::vector<CommitId>{first});
  EXPECT_TRUE(repository.HasCommit(first));
  EXPECT_FALSE(repository.HasCommit(CommitId(std::string(40, '1'))));
  EXPECT_FALSE(repository.HasCommit(CommitId(commit.tree.text())));
}

TEST_F(RepositoryTest, NamesTheObjectThatIsMissingOrNoId) {
  const Repository repository = Open();
  try {
    (void)repository.ReadCommit(CommitId(std::string(40, '1')));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find("reading commit " + std::string(40, '1') + ": "), 0U);
    EXPECT_EQ(error.remedy(), Remedy::kNeedsChange);
  }
  EXPECT_THROW((void)repository.ReadCommit(CommitId("main")), Error);
  EXPECT_THROW((void)repository.HasCommit(CommitId(std::string(64, '1'))), Error);
}

TEST_F(RepositoryTest, ReadsFilesFoldersAndTrees) {
  std::filesystem::create_directories(world_.work() / "sub");
  std::filesystem::create_symlink("f", world_.work() / "link");
  std::ofstream(world_.work() / "run") << "#!/bin/sh\n";
  std::filesystem::permissions(world_.work() / "run", std::filesystem::perms(0755));
  const CommitId commit = world_.Push({{"f", "text"}, {"sub/deep/g", "more"}});
  const Repository repository = Open();
  EXPECT_EQ(repository.ReadFile(commit, "f", kPlenty), "text");
  EXPECT_EQ(repository.ReadFile(commit, "sub/deep/g", kPlenty), "more");
  for (const char* path : {"absent", "sub", "link", "f/x", "sub/", ""}) {
    EXPECT_EQ(repository.ReadFile(commit, path, kPlenty), std::nullopt) << path;
  }
  EXPECT_THROW((void)repository.ReadFile(commit, "f", 3), Error);
  const ObjectId id(Git(world_.work(), {"rev-parse", "HEAD:f"}));
  EXPECT_EQ(repository.BlobId(commit, "f"), id);
  EXPECT_EQ(Repository::HashBlob("text"), id);
  EXPECT_EQ(repository.ReadBlob(id, kPlenty), "text");
  EXPECT_EQ(repository.TreeId(commit, "sub")->text(),
            Git(world_.work(), {"rev-parse", "HEAD:sub"}));
  EXPECT_EQ(repository.TreeId(commit, "f"), std::nullopt);
  const std::vector<TreeEntry> root = repository.ListFolder(commit, "");
  ASSERT_EQ(root.size(), 4U);
  EXPECT_EQ(root[0], (TreeEntry{"f", TreeEntryKind::kFile, id}));
  EXPECT_EQ(root[1].kind, TreeEntryKind::kSymlink);
  EXPECT_EQ(root[2].kind, TreeEntryKind::kExecutable);
  EXPECT_EQ(root[3].kind, TreeEntryKind::kFolder);
  EXPECT_TRUE(repository.ListFolder(commit, "nowhere").empty());
  const std::vector<TreeEntry> found = repository.FindFiles(commit, "sub", 10);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].name, "sub/deep/g");
  EXPECT_EQ(repository.FindFiles(commit, "", 10).size(), 4U);
  EXPECT_THROW((void)repository.FindFiles(commit, "", 3), Error);
}

TEST_F(RepositoryTest, ComparesAndSetsRefs) {
  const CommitId first = world_.Push({{"a", "1"}});
  const CommitId second = world_.Push({{"a", "2"}});
  Repository repository = Open();
  const std::string name = "refs/failgate/mark";
  EXPECT_TRUE(repository.SetRef(name, first, std::nullopt));
  EXPECT_FALSE(repository.SetRef(name, second, std::nullopt));
  EXPECT_FALSE(repository.SetRef(name, second, second));
  EXPECT_TRUE(repository.SetRef(name, second, first));
  EXPECT_EQ(repository.Ref(name), second);
  EXPECT_FALSE(repository.SetRef("refs/failgate/none", second, first));
  EXPECT_THROW((void)repository.SetRef(name, CommitId(std::string(40, '1')), second), Error);
  EXPECT_THROW((void)repository.SetRef("../evil", second, first), Error);
  EXPECT_THROW((void)repository.SetRef("refs/failgate/mark/below", second, std::nullopt), Error);
  EXPECT_EQ(Git(world_.origin(), {"rev-parse", name}), second.text());
  EXPECT_TRUE(repository.DeleteRef(name));
  EXPECT_FALSE(repository.DeleteRef(name));
}

TEST_F(RepositoryTest, FollowsTagsAndSymbolicRefs) {
  const CommitId commit = world_.Push({{"a", "1"}});
  Git(world_.origin(), {"tag", "-a", "-m", "x", "v1", "main"});
  Git(world_.origin(), {"update-ref", "refs/tags/tree", commit.text() + "^{tree}"});
  const Repository repository = Open();
  EXPECT_EQ(repository.Ref("refs/tags/v1"), commit);
  EXPECT_EQ(repository.Ref("HEAD"), commit);
  EXPECT_EQ(repository.Ref("refs/tags/tree"), std::nullopt);
  EXPECT_EQ(repository.Refs("refs/"),
            (std::vector<RefEntry>{{"refs/heads/main", commit}, {"refs/tags/v1", commit}}));
  EXPECT_EQ(Repository::InitBare(world_.folder() / "empty.git").Ref("HEAD"), std::nullopt);
}

TEST_F(RepositoryTest, WalksHistory) {
  const CommitId first = world_.Push({{"a", "1"}});
  const CommitId second = world_.Push({{"a", "2"}});
  const CommitId third = world_.Push({{"a", "3"}});
  Git(world_.work(), {"checkout", "--quiet", "-b", "side", first.text()});
  Git(world_.work(), {"commit", "--quiet", "--allow-empty", "-m", "side"});
  Git(world_.work(), {"push", "--quiet", "origin", "side"});
  const Repository repository = Open();
  const CommitId side = *repository.Ref("refs/heads/side");
  EXPECT_EQ(repository.CommitsBetween(first, third, 10), (std::vector<CommitId>{third, second}));
  EXPECT_EQ(repository.CommitsBetween(std::nullopt, third, 2),
            (std::vector<CommitId>{third, second}));
  EXPECT_TRUE(repository.CommitsBetween(third, third, 10).empty());
  EXPECT_TRUE(repository.IsAncestor(first, third));
  EXPECT_TRUE(repository.IsAncestor(third, third));
  EXPECT_FALSE(repository.IsAncestor(third, first));
  EXPECT_FALSE(repository.IsAncestor(second, side));
  EXPECT_EQ(repository.MergeBase(third, side), first);
}

TEST_F(RepositoryTest, SeesWhatAnotherProcessWrote) {
  const Repository repository = Open();
  const CommitId commit = world_.Push({{"a", "1"}});
  EXPECT_EQ(repository.Ref("refs/heads/main"), commit);
  EXPECT_EQ(repository.ReadFile(commit, "a", kPlenty), "1");
}

/// Lines of this process's maps that name a pack which is gone from the disk.
long MappedPacksThatAreGone() {
  std::ifstream maps("/proc/self/maps");
  long gone = 0;
  for (std::string line; std::getline(maps, line);) {
    gone += line.find(".pack (deleted)") != std::string::npos ? 1 : 0;
  }
  return gone;
}

TEST_F(RepositoryTest, LetsGoOfPacksAfterManyReads) {
  const CommitId first = world_.Push({{"a", "1"}});
  Git(world_.origin(), {"repack", "-adq"});
  const Repository repository = Open();
  EXPECT_EQ(repository.ReadFile(first, "a", kPlenty), "1");
  const CommitId second = world_.Push({{"a", "2"}});
  Git(world_.origin(), {"repack", "-adq"});
  EXPECT_EQ(repository.ReadFile(second, "a", kPlenty), "2");
  EXPECT_GT(MappedPacksThatAreGone(), 0);
  for (int i = 0; i < 2000; ++i) {
    ASSERT_EQ(repository.ReadFile(i % 2 == 0 ? first : second, "a", kPlenty),
              i % 2 == 0 ? "1" : "2");
  }
  EXPECT_EQ(MappedPacksThatAreGone(), 0);
  EXPECT_EQ(repository.Ref("refs/heads/main"), second);
}

TEST_F(RepositoryTest, ReadsOnWhileItLetsGoOfPacks) {
  constexpr std::size_t kFolders = 45;
  constexpr std::size_t kFiles = 100;
  std::map<std::string, std::optional<std::string>> files;
  for (std::size_t i = 0; i < kFolders * kFiles; ++i) {
    files[fmt::format("{:02}/{:02}", i / kFiles, i % kFiles)] = std::to_string(i);
  }
  const CommitId commit = world_.Push(files);
  Git(world_.origin(), {"repack", "-adq"});
  const Repository repository = Open();
  EXPECT_EQ(repository.FindFiles(commit, "", files.size()).size(), files.size());
  // Another pack in place of the one that is open.
  static_cast<void>(world_.Push({{"other", "file"}}));
  Git(world_.origin(), {"repack", "-adq"});
  EXPECT_GT(MappedPacksThatAreGone(), 0);
  repository.ExportTree(commit, world_.folder() / "out");
  EXPECT_EQ(MappedPacksThatAreGone(), 0);
  for (const auto& [path, content] : files) {
    std::string read;
    std::getline(std::ifstream(world_.folder() / "out" / path), read);
    ASSERT_EQ(read, content) << path;
    ASSERT_EQ(repository.ReadFile(commit, path, kPlenty), content) << path;
  }
}

TEST_F(RepositoryTest, ThrowsForACorruptObject) {
  const CommitId commit = world_.Push({{"a", "whole"}});
  const std::string blob = Git(world_.work(), {"rev-parse", "HEAD:a"});
  const std::string other = Git(world_.work(), {"rev-parse", "HEAD^{tree}"});
  const auto file = [this](const std::string& id) {
    return world_.origin() / "objects" / id.substr(0, 2) / id.substr(2);
  };
  std::filesystem::remove(file(blob));
  EXPECT_THROW((void)Open().ReadFile(commit, "a", kPlenty), Error);
  // A healthy object under a wrong name: only its hash tells.
  Git(world_.origin(), {"hash-object", "-w", (world_.work() / ".git" / "HEAD").native()});
  const std::string head =
      Git(world_.origin(), {"hash-object", (world_.work() / ".git" / "HEAD").native()});
  std::filesystem::copy_file(file(head), file(blob));
  EXPECT_THROW((void)Open().ReadFile(commit, "a", kPlenty), Error);
  std::filesystem::remove(file(other));
  EXPECT_THROW((void)Open().ListFolder(commit, ""), Error);
}

TEST_F(RepositoryTest, KnowsACommitByItsFirstDigits) {
  const CommitId commit = world_.Push({{"a", "1"}});
  const Repository repository = Repository::Open(world_.origin());
  EXPECT_EQ(*repository.CommitLike(commit.text()), commit);
  EXPECT_EQ(*repository.CommitLike(commit.text().substr(0, 7)), commit);
  for (const std::string& odd : {std::string("abc"),
                                 std::string("HEAD"),
                                 std::string("main"),
                                 commit.text() + "0",
                                 std::string(40, '7')}) {
    EXPECT_EQ(repository.CommitLike(odd).error().code, "unknown_commit") << odd;
  }
  const std::string tree = Git(world_.origin(), {"rev-parse", "main^{tree}"});
  EXPECT_EQ(repository.CommitLike(tree).error().code, "unknown_commit") << "a tree is no commit";
}

TEST_F(RepositoryTest, RefusesDigitsThatBeginSeveralIds) {
  // Of 1000 ids some begin with the same four digits; these always do.
  std::map<std::string, std::optional<std::string>> files;
  for (int i = 0; i < 1000; ++i) {
    files["f" + std::to_string(i)] = std::to_string(i);
  }
  world_.Push(files);
  const Repository repository = Repository::Open(world_.origin());
  std::map<std::string, int> begun;
  for (const auto& [name, text] : files) {
    ++begun[Repository::HashBlob(*text).text().substr(0, 4)];
  }
  const auto twice =
      std::find_if(begun.begin(), begun.end(), [](const auto& one) { return one.second > 1; });
  ASSERT_NE(twice, begun.end());
  EXPECT_EQ(repository.CommitLike(twice->first).error().code, "ambiguous_commit");
}

}  // namespace
}  // namespace failgate
