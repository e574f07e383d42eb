#include "controller/git/maintenance.h"

#include <gtest/gtest.h>

#include "controller/base/error.h"
#include "controller/git/commit_writer.h"
#include "tests/support/stock_git.h"

namespace failgate {
namespace {

TEST(Maintenance, RepacksPastTheThresholdAndLosesNothing) {
  const TemporaryFolder folder;
  Repository repository = Repository::InitBare(folder.path() / "r.git");
  ProcessRunner runner;
  std::optional<CommitId> parent;
  std::vector<CommitId> commits;
  for (int batch = 0; batch < 6; ++batch) {
    CommitDraft draft;
    draft.author = draft.committer = {"A", "a@example.com"};
    draft.edits = {{"f", std::to_string(batch)}};
    draft.message = "x";
    for (const CommitId& commit :
         WriteCommits(repository, parent, std::vector<CommitDraft>(8, draft), nullptr)) {
      commits.push_back(commit);
    }
    parent = WriteCommit(repository, commits.back(), draft, nullptr);
    commits.push_back(*parent);
  }
  EXPECT_FALSE(MaintainRepository(runner, repository.path(), Milliseconds(60'000)));
  EXPECT_EQ(CountObjects(repository.path()).packs, 12U);
  EXPECT_TRUE(MaintainRepository(runner, repository.path(), Milliseconds(60'000), {5, 4000}));
  EXPECT_EQ(CountObjects(repository.path()).packs, 1U);
  for (const CommitId& commit : commits) {
    EXPECT_TRUE(repository.HasCommit(commit));
  }
  EXPECT_EQ(Repository::Open(repository.path()).CommitsBetween(std::nullopt, *parent, 100).size(),
            commits.size());
}

TEST(Maintenance, PacksLooseObjectsThatAnOpenReaderStillFinds) {
  const TemporaryFolder folder;
  Repository origin = Repository::InitBare(folder.path() / "origin.git");
  Repository repository = Repository::InitBare(folder.path() / "r.git");
  ProcessRunner runner;
  std::optional<CommitId> parent;
  std::vector<CommitId> commits;
  CommitDraft draft;
  draft.author = draft.committer = {"A", "a@example.com"};
  draft.message = "x";
  for (int number = 0; number < 20; ++number) {
    draft.edits = {{"f", std::to_string(number)}};
    parent = WriteCommit(origin, parent, draft, nullptr);
    commits.push_back(*parent);
  }
  ASSERT_TRUE(origin.SetRef("refs/heads/main", *parent, std::nullopt));
  // As a fetch of little leaves them.
  Git(repository.path(),
      {"fetch", "--quiet", origin.path().native(), "refs/heads/main:refs/heads/main"});
  const Repository reader = Repository::Open(repository.path());
  EXPECT_EQ(CountObjects(repository.path()).loose, 60U);
  EXPECT_TRUE(MaintainRepository(runner, repository.path(), Milliseconds(60'000), {50, 40}));
  EXPECT_EQ(CountObjects(repository.path()).loose, 0U);
  EXPECT_EQ(CountObjects(repository.path()).packs, 1U);
  EXPECT_EQ(reader.CommitsBetween(std::nullopt, *parent, 10'000).size(), commits.size());
  EXPECT_EQ(reader.ReadFile(commits.front(), "f", 100), "0");
}

TEST(Maintenance, OfALoopLogsWhatFailedAndClearsUp) {
  const TemporaryFolder folder;
  ProcessRunner runner;
  const std::filesystem::path packs = folder.path() / "objects" / "pack";
  std::filesystem::create_directories(packs);
  for (int i = 0; i < 60; ++i) {
    WriteFileDurably(packs / ("x" + std::to_string(i) + ".pack"), "");
  }
  WriteFileDurably(packs / ".tmp-7-pack-aa.pack", "half");
  KeepRepositorySmall(runner, folder.path());
  EXPECT_FALSE(std::filesystem::exists(packs / ".tmp-7-pack-aa.pack"));
  EXPECT_TRUE(std::filesystem::exists(packs / "x0.pack"));
}

TEST(Maintenance, SaysWhatFailed) {
  const TemporaryFolder folder;
  ProcessRunner runner;
  for (int i = 0; i < 2; ++i) {
    WriteFileDurably(folder.path() / ("p" + std::to_string(i)), "");
  }
  std::filesystem::create_directories(folder.path() / "objects" / "pack");
  WriteFileDurably(folder.path() / "objects" / "pack" / "x.pack", "");
  try {
    MaintainRepository(runner, folder.path(), Milliseconds(60'000), {0, 0});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("repacking"), std::string::npos);
  }
}

}  // namespace
}  // namespace failgate
