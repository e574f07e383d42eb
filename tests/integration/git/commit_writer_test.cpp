#include "controller/git/commit_writer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "controller/base/error.h"
#include "controller/git/maintenance.h"
#include "tests/support/stock_git.h"

namespace failgate {
namespace {

constexpr std::size_t kPlenty = 1U << 20U;

CommitDraft Draft(std::vector<TreeEdit> edits, const std::string& message = "Change") {
  CommitDraft draft;
  draft.edits = std::move(edits);
  draft.author = {"Alice", "alice@example.com"};
  draft.author_time = *ParseTime("2026-01-02T03:04:05Z");
  draft.committer = {"failgate", "failgate@example.com"};
  draft.committer_time = *ParseTime("2026-01-02T03:04:06Z");
  draft.message = message;
  return draft;
}

std::string PackOf(std::filesystem::path index) {
  return index.replace_extension(".pack").string();
}

class CommitWriterTest : public ::testing::Test {
 protected:
  CommitId Write(const std::optional<CommitId>& parent, std::vector<TreeEdit> edits) {
    return WriteCommit(repository_, parent, Draft(std::move(edits)), nullptr);
  }
  std::string Files(const CommitId& commit) {
    return Git(repository_.path(), {"ls-tree", "-r", "--name-only", commit.text()});
  }
  TemporaryFolder folder_;
  Repository repository_ = Repository::InitBare(folder_.path() / "r.git");
};

TEST_F(CommitWriterTest, WritesWhatGitReadsAndMovesNoRef) {
  const CommitId commit = Write(std::nullopt, {{"a", "1"}, {"dir/sub/b", "2"}});
  EXPECT_EQ(Files(commit), "a\ndir/sub/b");
  EXPECT_EQ(
      Git(repository_.path(), {"log", "-1", "--format=%an %ae %at %cn %ct %B", commit.text()}),
      "Alice alice@example.com 1767323045 failgate 1767323046 Change\n");
  EXPECT_EQ(Git(repository_.path(), {"for-each-ref"}), "");
  EXPECT_EQ(Git(repository_.path(), {"fsck", "--strict", "--no-dangling", commit.text()}), "");
}

TEST_F(CommitWriterTest, EditsTheParentsTree) {
  const CommitId first = Write(std::nullopt, {{"a", "1"}, {"dir/b", "1"}, {"dir/c", "1"}});
  const CommitId second = Write(first, {{"a", "2"}, {"dir/b", std::nullopt}, {"new/d", "1"}});
  EXPECT_EQ(Files(second), "a\ndir/c\nnew/d");
  EXPECT_EQ(repository_.ReadFile(second, "a", kPlenty), "2");
  EXPECT_EQ(repository_.ReadCommit(second).parents, std::vector<CommitId>{first});
  const CommitId third = Write(second, {{"dir/c", std::nullopt}, {"new", std::nullopt}});
  EXPECT_EQ(Files(third), "a");
  EXPECT_EQ(repository_.TreeId(third, "dir"), std::nullopt);
  EXPECT_EQ(Files(Write(third, {{"a", std::nullopt}})), "");
}

TEST_F(CommitWriterTest, TakesDeletingWhatIsAbsentAndEmptyDrafts) {
  const CommitId first = Write(std::nullopt, {{"a", "1"}});
  const CommitId second =
      Write(first, {{"x", std::nullopt}, {"y/z", std::nullopt}, {"a/b", std::nullopt}});
  EXPECT_EQ(repository_.TreeId(second, ""), repository_.TreeId(first, ""));
  EXPECT_EQ(repository_.TreeId(Write(first, {}), ""), repository_.TreeId(first, ""));
  EXPECT_EQ(Files(Write(std::nullopt, {})), "");
}

TEST_F(CommitWriterTest, KeepsExecutableFilesExecutable) {
  PushedRepository world;
  world.Push({{"run", "1"}});
  std::filesystem::permissions(world.work() / "run", std::filesystem::perms(0755));
  const CommitId before = world.Push({{"run", "2"}});
  Repository repository = Repository::Open(world.origin());
  const CommitId after = WriteCommit(repository, before, Draft({{"run", "3"}}), nullptr);
  EXPECT_EQ(repository.ListFolder(after, "").front().kind, TreeEntryKind::kExecutable);
}

TEST_F(CommitWriterTest, RefusesUnsafeAndConflictingEdits) {
  const CommitId base = Write(std::nullopt, {{"file", "1"}, {"dir/x", "1"}});
  for (const std::vector<TreeEdit>& edits :
       std::vector<std::vector<TreeEdit>>{{{"../x", "1"}},
                                          {{"/x", "1"}},
                                          {{"", "1"}},
                                          {{"a//b", "1"}},
                                          {{".git/config", "1"}},
                                          {{"dir/.GIT/x", "1"}},
                                          {{"x", "1"}, {"x", "2"}},
                                          {{"x", "1"}, {"x/y", "2"}},
                                          {{"x/y", "1"}, {"x", "2"}},
                                          {{"dir", "1"}},
                                          {{"file/x", "1"}}}) {
    EXPECT_THROW((void)Write(base, edits), Error) << edits.front().path;
  }
  CommitDraft nul = Draft({}, std::string("a\0b", 3));
  EXPECT_THROW((void)WriteCommit(repository_, base, nul, nullptr), Error);
  CommitDraft nobody = Draft({});
  nobody.author = {"<>", "\n"};
  EXPECT_THROW((void)WriteCommit(repository_, base, nobody, nullptr), Error);
  EXPECT_THROW((void)Write(CommitId(std::string(40, '1')), {{"a", "1"}}), Error);
}

TEST_F(CommitWriterTest, CannotBeMadeToForgeHeaders) {
  CommitDraft draft = Draft({});
  draft.author = {"Eve\ncommitter Root <root@example.com> 1 +0000", "eve@example.com>\nparent x"};
  const CommitInfo commit =
      repository_.ReadCommit(WriteCommit(repository_, std::nullopt, draft, nullptr));
  EXPECT_EQ(commit.committer.email, "failgate@example.com");
  EXPECT_TRUE(commit.parents.empty());
  EXPECT_EQ(Git(repository_.path(), {"fsck", "--strict", "--no-dangling", commit.id.text()}), "");
}

TEST_F(CommitWriterTest, WritesABatchAsOnePackOfJustTheNewObjects) {
  const CommitId base = Write(std::nullopt, {{"kept/file", "kept"}, {"n", "0"}});
  std::vector<CommitDraft> drafts;
  for (int i = 0; i < 20; ++i) {
    drafts.push_back(Draft({{"n", std::to_string(i)}, {"dir/" + std::to_string(i), "same"}}));
  }
  const std::vector<CommitId> commits = WriteCommits(repository_, base, drafts, nullptr);
  ASSERT_EQ(commits.size(), 20U);
  EXPECT_EQ(CountObjects(repository_.path()).packs, 2U);
  EXPECT_EQ(CountObjects(repository_.path()).loose, 0U);
  EXPECT_EQ(repository_.CommitsBetween(base, commits.back(), 100).size(), 20U);
  EXPECT_EQ(repository_.ReadFile(commits[7], "n", kPlenty), "7");
  EXPECT_EQ(repository_.ReadFile(commits[19], "kept/file", kPlenty), "kept");
  // 20 x (commit, root, dir) + "same" + numbers 0 to 19, beside the 5 objects of the base: that one
  // of these is the file "0" too, nobody looks for.
  EXPECT_EQ(
      Git(repository_.path(), {"count-objects", "-v"}).find("in-pack: 86\n") != std::string::npos,
      true);
  EXPECT_EQ(Git(repository_.path(), {"fsck", "--strict", "--no-dangling"}), "");
}

TEST_F(CommitWriterTest, WritesTheSameCommitsOneByOneAndAtOnce) {
  std::vector<CommitDraft> drafts;
  for (int i = 0; i < 8; ++i) {
    drafts.push_back(Draft({{"f" + std::to_string(i % 3), std::to_string(i)}}));
  }
  const std::vector<CommitId> packed = WriteCommits(repository_, std::nullopt, drafts, nullptr);
  std::optional<CommitId> parent;
  std::vector<CommitId> single;
  for (const CommitDraft& draft : drafts) {
    parent = WriteCommit(repository_, parent, draft, nullptr);
    single.push_back(*parent);
  }
  EXPECT_EQ(packed, single);
  EXPECT_EQ(WriteCommits(repository_, std::nullopt, drafts, nullptr), packed);
  EXPECT_TRUE(WriteCommits(repository_, std::nullopt, {}, nullptr).empty());
}

/// What git's own programs say of the pack: they read each object through its differences.
TEST_F(CommitWriterTest, PacksALongBatchAsDifferencesThatGitReads) {
  std::vector<TreeEdit> many;
  for (int i = 0; i < 600; ++i) {
    many.push_back({"releases/app/app-" + std::to_string(i) + ".json", std::to_string(i)});
  }
  CommitId base = Write(std::nullopt, many);
  std::vector<CommitDraft> drafts;
  std::string state;
  for (int i = 0; i < 100; ++i) {
    state += "{\"end\": " + std::to_string(i * 7919) + "},\n";
    std::vector<TreeEdit> edits{{"prod/app.json", state}};
    edits.push_back({"releases/app/new-" + std::to_string(i) + ".json", state + "record"});
    if (i % 10 == 9) {
      edits.push_back({"releases/app/app-" + std::to_string(i) + ".json", std::nullopt});
    }
    if (i % 25 == 24) {
      edits[0] = {"prod", std::nullopt};
    }
    drafts.push_back(Draft(std::move(edits)));
  }
  const std::vector<CommitId> packed = WriteCommits(repository_, base, drafts, nullptr);
  EXPECT_EQ(Git(repository_.path(), {"fsck", "--strict", "--no-dangling"}), "");
  std::string objects;
  const auto pack =
      std::find_if(std::filesystem::directory_iterator(repository_.path() / "objects" / "pack"),
                   std::filesystem::directory_iterator(),
                   [&](const auto& entry) {
                     if (entry.path().extension() != ".idx") {
                       return false;
                     }
                     objects = Git(repository_.path(), {"verify-pack", "-v", entry.path()});
                     return objects.find(packed.back().text()) != std::string::npos;
                   });
  EXPECT_NE(objects.find("chain length = 40: "), std::string::npos);
  EXPECT_EQ(objects.find("chain length = 41: "), std::string::npos);
  EXPECT_EQ(Git(repository_.path(), {"index-pack", "--strict", "--verify", PackOf(pack->path())}),
            "");
  // 100 whole trees of 600 entries would be 1.2 MB.
  EXPECT_LT(std::filesystem::file_size(PackOf(pack->path())), 400'000U);
  for (const CommitDraft& draft : drafts) {
    base = WriteCommit(repository_, base, draft, nullptr);
  }
  EXPECT_EQ(packed.back(), base);
  EXPECT_EQ(repository_.ReadFile(packed.back(), "releases/app/new-99.json", kPlenty),
            state + "record");
}

TEST_F(CommitWriterTest, KeepsADraftInMemoryUntilItIsStored) {
  CommitChain chain = DraftCommits(repository_, std::nullopt, {Draft({{"a", "1"}})}, nullptr);
  EXPECT_FALSE(repository_.HasCommit(chain.commits().front()));
  EXPECT_EQ(CountObjects(repository_.path()).packs, 0U);
  EXPECT_EQ(chain.Pack().substr(0, 4), "PACK");
  chain.Store();
  EXPECT_EQ(repository_.ReadFile(chain.commits().front(), "a", kPlenty), "1");
  EXPECT_TRUE(DraftCommits(repository_, std::nullopt, {}, nullptr).Pack().empty());
}

TEST_F(CommitWriterTest, LeavesNothingBehindWhenADraftOfABatchIsRefused) {
  std::vector<CommitDraft> drafts(9, Draft({{"a", "1"}}));
  drafts.back().edits = {{"../x", "1"}};
  EXPECT_THROW((void)WriteCommits(repository_, std::nullopt, drafts, nullptr), Error);
  EXPECT_EQ(CountObjects(repository_.path()).packs, 0U);
  EXPECT_EQ(CountObjects(repository_.path()).loose, 0U);
}

}  // namespace
}  // namespace failgate
