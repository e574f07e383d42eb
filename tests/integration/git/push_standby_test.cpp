// Pushes that follow each other closely, against stock git-receive-pack.
#include "controller/git/push_standby.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>

#include "controller/base/error.h"
#include "controller/git/commit_writer.h"
#include "controller/git/direct_push.h"
#include "controller/git/remote.h"
#include "tests/support/stock_git.h"

namespace failgate {
namespace {

constexpr Milliseconds kDeadline{60'000};
constexpr const char* kBranch = "refs/heads/log";

/// Empty for a process that is gone, and of a zombie.
std::string WordsOf(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::ostringstream words;
  words << stream.rdbuf();  // unlike an iterator it does not throw when the process goes meanwhile
  return words.str();
}

/// Children of this process whose command line holds `text`.
std::vector<pid_t> Children(const std::string& text) {
  const std::string parent = "\nPPid:\t" + std::to_string(getpid()) + "\n";
  std::vector<pid_t> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    if (WordsOf(entry.path() / "cmdline").find(text) != std::string::npos &&
        WordsOf(entry.path() / "status").find(parent) != std::string::npos) {
      found.push_back(std::stoi(entry.path().filename()));
    }
  }
  return found;
}

class PushStandbyTest : public ::testing::Test {
 protected:
  /// One more commit onto the last one that was pushed.
  PushResult Push(Milliseconds deadline = kDeadline) {
    RemoteConfig config;
    config.url = world_.origin().native();
    config.home = world_.folder() / "home";
    CommitDraft draft;
    draft.edits = {{"room/f", std::to_string(++pushes_)}};
    draft.author = draft.committer = {"failgate", "failgate@example.com"};
    draft.message = "Write " + std::to_string(pushes_);
    CommitChain chain = DraftCommits(mirror_, head_, {draft}, nullptr);
    int stored = 0;
    const auto make = [&] {
      return PushOffer{chain.commits().back(), {chain.Pack(), [&] {
                                                  chain.Store();
                                                  ++stored;
                                                }}};
    };
    const auto pushed =
        Remote(runner_, config)
            .PushMade(mirror_.path(), kBranch, head_, deadline, make, standby_.get());
    EXPECT_EQ(stored, 1);
    if (pushed->outcome == PushOutcome::kPushed) {
      head_ = chain.commits().back();
      EXPECT_EQ(Git(world_.origin(), {"rev-parse", kBranch}), head_->text());
    }
    return *pushed;
  }
  /// Pushes until one stands by.
  void Begin() {
    while (pushes_ < 100 && Waiting().empty()) {
      ASSERT_EQ(Push().outcome, PushOutcome::kPushed);
    }
    ASSERT_EQ(Waiting().size(), 1U);
  }
  [[nodiscard]] std::vector<pid_t> Waiting() const { return Children(world_.origin().native()); }

  int pushes_ = 0;
  std::optional<CommitId> head_;
  PushedRepository world_;
  ProcessRunner runner_;
  std::unique_ptr<PushStandby> standby_ = std::make_unique<PushStandby>(std::chrono::minutes(2));
  Repository mirror_ = Repository::InitBare(world_.folder() / "mirror.git");
};

TEST_F(PushStandbyTest, StartsNothingAfterAPushThatFollowedNone) {
  ASSERT_EQ(Push().outcome, PushOutcome::kPushed);
  EXPECT_TRUE(Waiting().empty());
}

TEST_F(PushStandbyTest, GivesTheNextPushWhatStandsByForIt) {
  Begin();
  const std::vector<pid_t> waiting = Waiting();
  // What its hook has as parent is what took the push.
  world_.InstallHook("pre-receive", "echo $PPID > taken-by\n");
  ASSERT_EQ(Push().outcome, PushOutcome::kPushed);
  EXPECT_EQ(ReadFile(world_.origin() / "taken-by"), std::to_string(waiting.front()) + "\n");
  for (int i = 0; i < 40; ++i) {
    ASSERT_EQ(Push().outcome, PushOutcome::kPushed);
  }
  EXPECT_EQ(Git(world_.origin(), {"fsck", "--strict", "--no-dangling"}), "");
}

TEST_F(PushStandbyTest, EndsWhatWaitsForAnother) {
  Begin();
  ProcessSpec other;
  other.argv = {"/bin/true"};
  EXPECT_FALSE(standby_->Take(other).has_value());
  EXPECT_TRUE(Waiting().empty());
}

TEST_F(PushStandbyTest, EndsWhatWaitsTooLong) {
  PushStandby impatient(Milliseconds(300));
  std::array<int, 2> ends = {-1, -1};
  ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  const FileDescriptor ours(ends[0]);
  FileDescriptor of_child(ends[1]);
  ProcessSpec sleeping;
  sleeping.argv = {"/bin/sleep", "600"};
  sleeping.pass_fds = {{of_child.get(), 3}};
  EXPECT_FALSE(impatient.Take(sleeping).has_value());
  EXPECT_FALSE(impatient.Take(sleeping).has_value());
  impatient.Prepare(runner_, sleeping);
  of_child.Close();
  // The other end is open as long as the child lives.
  pollfd watched{ours.get(), POLLIN, 0};
  EXPECT_EQ(poll(&watched, 1, 20'000), 1);
  EXPECT_FALSE(impatient.Take(sleeping).has_value());
}

TEST_F(PushStandbyTest, HasNothingWaitThatCannotBeStarted) {
  ProcessSpec absent;
  absent.argv = {"/no/such/program"};
  EXPECT_FALSE(standby_->Take(absent).has_value());
  EXPECT_NO_THROW(standby_->Prepare(runner_, absent)) << "it followed none closely";
  EXPECT_FALSE(standby_->Take(absent).has_value());
  EXPECT_THROW(standby_->Prepare(runner_, absent), Error);
  EXPECT_FALSE(standby_->Take(absent).has_value());
}

TEST_F(PushStandbyTest, SeesWhatHappenedSinceItStands) {
  Begin();
  world_.InstallHook("pre-receive", "echo 'only on Tuesdays' >&2\nexit 1\n");
  const PushResult refused = Push();
  EXPECT_EQ(refused.outcome, PushOutcome::kRefused);
  EXPECT_NE(refused.text.find("only on Tuesdays"), std::string::npos) << refused.text;
  std::filesystem::remove(world_.origin() / "hooks" / "pre-receive");
  Begin();
  const CommitId theirs = world_.Push({{"a", "1"}});
  Git(world_.origin(), {"update-ref", kBranch, theirs.text()});
  EXPECT_EQ(Push().outcome, PushOutcome::kLostRace);
  EXPECT_EQ(Git(world_.origin(), {"rev-parse", kBranch}), theirs.text());
}

TEST_F(PushStandbyTest, IsReplacedWhenItDied) {
  Begin();
  ASSERT_EQ(kill(Waiting().front(), SIGKILL), 0);
  EXPECT_EQ(Push().outcome, PushOutcome::kPushed);
}

TEST_F(PushStandbyTest, EndsAtTheDeadlineWhenAHookHangs) {
  Begin();
  world_.InstallHook("pre-receive", "exec sleep 600\n");
  const auto begin = SystemClock().Steady();
  EXPECT_THROW((void)Push(Milliseconds(1500)), Error);
  EXPECT_LT(SystemClock().Steady() - begin, std::chrono::seconds(20));
  EXPECT_EQ(Git(world_.origin(), {"rev-parse", kBranch}), head_->text());
}

}  // namespace
}  // namespace failgate
