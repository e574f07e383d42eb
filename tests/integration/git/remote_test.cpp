#include "controller/git/remote.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "controller/base/error.h"
#include "controller/git/commit_writer.h"
#include "tests/support/stock_git.h"

namespace failgate {
namespace {

constexpr Milliseconds kDeadline{60'000};

CommitDraft Draft(const std::string& content) {
  CommitDraft draft;
  draft.edits = {{"f", content}};
  draft.author = draft.committer = {"failgate", "failgate@example.com"};
  draft.message = "Write " + content;
  return draft;
}

class RemoteTest : public ::testing::Test {
 protected:
  Remote At(const std::string& url) {
    RemoteConfig config;
    config.url = url;
    config.home = world_.folder() / "home";
    return {runner_, config};
  }
  PushResult PushNew(const std::string& content,
                     const std::optional<CommitId>& parent,
                     const std::optional<CommitId>& expected) {
    const CommitId commit = WriteCommit(mirror_, parent, Draft(content), nullptr);
    return remote_.Push(mirror_.path(), commit, "refs/heads/main", expected, kDeadline);
  }

  PushedRepository world_;
  ProcessRunner runner_;
  Remote remote_ = At("file://" + world_.origin().native());
  Repository mirror_ = Repository::InitBare(world_.folder() / "mirror.git");
};

TEST_F(RemoteTest, ListsRefs) {
  const CommitId commit = world_.Push({{"a", "1"}});
  Git(world_.origin(), {"tag", "-a", "-m", "x", "v1", "main"});
  EXPECT_EQ(remote_.List({"refs/heads/*"}, kDeadline),
            (std::vector<RemoteRef>{{"refs/heads/main", ObjectId(commit.text())}}));
  EXPECT_EQ(remote_.List({}, kDeadline).size(), 3U);
  EXPECT_TRUE(remote_.List({"refs/heads/none"}, kDeadline).empty());
  EXPECT_EQ(At(world_.origin().native()).List({"refs/heads/main"}, kDeadline).size(), 1U);
}

TEST_F(RemoteTest, FetchesNewForcedAndDeletedRefs) {
  const CommitId first = world_.Push({{"a", "1"}});
  Git(world_.origin(), {"branch", "side", "main"});
  remote_.Fetch(mirror_.path(), {"+refs/heads/*:refs/heads/*"}, kDeadline);
  EXPECT_EQ(mirror_.Refs("refs/").size(), 2U);
  const CommitId second = world_.Push({{"a", "2"}});
  remote_.Fetch(mirror_.path(), {"+refs/heads/*:refs/heads/*"}, kDeadline);
  EXPECT_EQ(mirror_.Ref("refs/heads/main"), second);
  Git(world_.origin(), {"update-ref", "refs/heads/main", first.text()});
  Git(world_.origin(), {"branch", "-D", "side"});
  remote_.Fetch(mirror_.path(), {"+refs/heads/*:refs/heads/*"}, kDeadline);
  EXPECT_EQ(mirror_.Ref("refs/heads/main"), first);
  EXPECT_EQ(mirror_.Ref("refs/heads/side"), std::nullopt);
  EXPECT_FALSE(std::filesystem::exists(mirror_.path() / "FETCH_HEAD"));
}

TEST_F(RemoteTest, PushesANewBranchAndThenOnTopOfIt) {
  const CommitId first = WriteCommit(mirror_, std::nullopt, Draft("1"), nullptr);
  EXPECT_EQ(remote_.Push(mirror_.path(), first, "refs/heads/log", std::nullopt, kDeadline).outcome,
            PushOutcome::kPushed);
  const CommitId second = WriteCommit(mirror_, first, Draft("2"), nullptr);
  EXPECT_EQ(remote_.Push(mirror_.path(), second, "refs/heads/log", first, kDeadline).outcome,
            PushOutcome::kPushed);
  EXPECT_EQ(Git(world_.origin(), {"rev-parse", "refs/heads/log"}), second.text());
  EXPECT_EQ(remote_.Push(mirror_.path(), second, "refs/heads/log", first, kDeadline).outcome,
            PushOutcome::kPushed);
}

TEST_F(RemoteTest, LosesTheRaceAgainstAnotherPush) {
  const CommitId base = world_.Push({{"a", "1"}});
  remote_.Fetch(mirror_.path(), {"+refs/heads/*:refs/heads/*"}, kDeadline);
  const CommitId theirs = world_.Push({{"a", "2"}});
  const PushResult result = PushNew("ours", base, base);
  EXPECT_EQ(result.outcome, PushOutcome::kLostRace);
  EXPECT_NE(result.text, "");
  EXPECT_EQ(PushNew("ours", base, std::nullopt).outcome, PushOutcome::kLostRace);
  EXPECT_EQ(Git(world_.origin(), {"rev-parse", "main"}), theirs.text());
  Git(world_.origin(), {"update-ref", "-d", "refs/heads/main"});
  EXPECT_EQ(PushNew("ours", base, base).outcome, PushOutcome::kLostRace);
}

TEST_F(RemoteTest, LosesTheRaceThatIsDecidedInsideTheRemote) {
  const CommitId base = world_.Push({{"a", "1"}});
  remote_.Fetch(mirror_.path(), {"+refs/heads/*:refs/heads/*"}, kDeadline);
  const CommitId theirs = WriteCommit(mirror_, base, Draft("theirs"), nullptr);
  Git(mirror_.path(),
      {"push", "--quiet", world_.origin().native(), theirs.text() + ":refs/heads/x"});
  // Between our look and our write, as only the remote's own lock can see it.
  world_.InstallHook(
      "update",
      "unset GIT_QUARANTINE_PATH\nexec git update-ref refs/heads/main " + theirs.text() + "\n");
  const PushResult result = PushNew("ours", base, base);
  EXPECT_EQ(result.outcome, PushOutcome::kLostRace) << result.text;
  EXPECT_EQ(Git(world_.origin(), {"rev-parse", "main"}), theirs.text());
}

TEST_F(RemoteTest, ReportsARefusalOfTheRemotesHook) {
  world_.InstallHook("pre-receive", "echo 'only on Tuesdays' >&2\nexit 1\n");
  const PushResult result = PushNew("1", std::nullopt, std::nullopt);
  EXPECT_EQ(result.outcome, PushOutcome::kRefused);
  EXPECT_NE(result.text.find("pre-receive hook declined"), std::string::npos);
  EXPECT_NE(result.text.find("only on Tuesdays"), std::string::npos);
  EXPECT_EQ(result.text.find('\n'), std::string::npos);
  EXPECT_TRUE(remote_.List({"refs/heads/main"}, kDeadline).empty());
}

TEST_F(RemoteTest, WorksOnARepositoryOfAnotherUser) {
  if (geteuid() != 0) {
    GTEST_SKIP() << "only root can give files away";
  }
  const CommitId commit = world_.Push({{"a", "1"}});
  ASSERT_TRUE(RunProgram({"chown", "-R", "65534", world_.origin().native()}).Succeeded());
  ASSERT_TRUE(RunProgram({"chown", "-R", "65534", mirror_.path().native()}).Succeeded());
  remote_.Fetch(mirror_.path(), {"+refs/heads/*:refs/heads/*"}, kDeadline);
  EXPECT_EQ(mirror_.Ref("refs/heads/main"), commit);
  EXPECT_EQ(PushNew("1", commit, commit).outcome, PushOutcome::kPushed);
}

TEST_F(RemoteTest, IgnoresAConfigurationAboveItsHome) {
  Git(world_.folder(), {"init", "--quiet"});
  Git(world_.folder(), {"config", "url.ext::false.insteadOf", "file://"});
  EXPECT_TRUE(remote_.List({}, kDeadline).empty());
}

TEST_F(RemoteTest, RunsNoHookOfTheLocalRepository) {
  const std::filesystem::path hook = mirror_.path() / "hooks" / "pre-push";
  WriteFileDurably(hook, "#!/bin/sh\nexit 1\n", 0755);
  EXPECT_EQ(PushNew("1", std::nullopt, std::nullopt).outcome, PushOutcome::kPushed);
}

}  // namespace
}  // namespace failgate
