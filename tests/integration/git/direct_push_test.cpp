// Pushes to a repository on this machine with the pack at hand, against stock git-receive-pack.
#include "controller/git/direct_push.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <functional>
#include <optional>
#include <thread>

#include "controller/base/error.h"
#include "controller/git/commit_writer.h"
#include "controller/git/maintenance.h"
#include "controller/git/remote.h"
#include "tests/support/stock_git.h"

namespace failgate {
namespace {

constexpr Milliseconds kDeadline{60'000};
constexpr const char* kBranch = "refs/heads/log";

CommitDraft Draft(const std::string& content, const std::string& path = "room/f") {
  CommitDraft draft;
  draft.edits = {{path, content}};
  draft.author = draft.committer = {"failgate", "failgate@example.com"};
  draft.message = "Write " + content;
  return draft;
}

class DirectPushTest : public ::testing::Test {
 protected:
  CommitChain Chain(const std::vector<CommitDraft>& drafts, const std::optional<CommitId>& parent) {
    return DraftCommits(mirror_, parent, drafts, nullptr);
  }
  PushResult Push(CommitChain& chain,
                  const std::optional<CommitId>& expected,
                  Milliseconds deadline = kDeadline) {
    EXPECT_FALSE(chain.Pack().empty());
    return PushBytes(chain, chain.Pack(), expected, deadline);
  }
  PushResult PushBytes(CommitChain& chain,
                       std::string_view pack,
                       const std::optional<CommitId>& expected,
                       Milliseconds deadline = kDeadline) {
    PushResult result = At(url_).Push(
        mirror_.path(), chain.commits().back(), kBranch, expected, deadline, {pack, [&chain] {
                                                                                chain.Store();
                                                                              }});
    EXPECT_TRUE(Repository::Open(mirror_.path()).HasCommit(chain.commits().back()));
    return result;
  }
  /// What a push of one commit to a new branch throws.
  Error ErrorOf(Milliseconds deadline = kDeadline) {
    try {
      CommitChain chain = Chain({Draft("tried " + std::to_string(++tries_))}, std::nullopt);
      const PushResult result = Push(chain, std::nullopt, deadline);
      ADD_FAILURE() << "pushed or refused: " << result.text;
    } catch (const Error& error) {
      return error;
    }
    return {Remedy::kRetry, ""};
  }
  std::string Head() { return Git(world_.origin(), {"rev-parse", kBranch}); }
  /// What the remote reads of each object that we sent.
  void ExpectSound() { EXPECT_EQ(Git(world_.origin(), {"fsck", "--strict", "--no-dangling"}), ""); }
  Remote At(const std::string& url) {
    RemoteConfig config;
    config.url = url;
    config.home = world_.folder() / "home";
    return {runner_, config};
  }

  int tries_ = 0;
  PushedRepository world_;
  ProcessRunner runner_;
  std::string url_ = "file://" + world_.origin().native();
  Repository mirror_ = Repository::InitBare(world_.folder() / "mirror.git");
};

TEST_F(DirectPushTest, IsForRemotesOnThisMachine) {
  const auto direct = [](const std::string& url) { return CanPushDirectly(*ParseRemoteUrl(url)); };
  EXPECT_TRUE(direct("file:///srv/operations.git"));
  EXPECT_TRUE(direct("/srv/100%25.git"));
  EXPECT_FALSE(direct("file:///srv/a%20b.git"));
  EXPECT_FALSE(direct("https://example.com/operations.git"));
  EXPECT_FALSE(direct("git@example.com:operations.git"));
}

TEST_F(DirectPushTest, StartsTheRemoteBeforeItIsKnownWhatToPush) {
  const auto push = [&](const MakeOffer& make) {
    return At(url_).PushMade(mirror_.path(), kBranch, std::nullopt, kDeadline, make);
  };
  // Nothing to push is no failure, and what goes wrong is told.
  EXPECT_EQ(push([] { return std::nullopt; }), std::nullopt);
  EXPECT_THROW((void)push([]() -> std::optional<PushOffer> {
                 throw Error(Remedy::kNeedsChange, "a draft that cannot be made");
               }),
               Error);
  EXPECT_THROW((void)push([] { return PushOffer{CommitId("--all"), {"PACK", {}}}; }), Error);
  EXPECT_TRUE(At(url_).List({kBranch}, kDeadline).empty());
  CommitChain chain = Chain({Draft("1")}, std::nullopt);
  const auto pushed = push([&] {
    return PushOffer{chain.commits().back(), {chain.Pack(), [&] { chain.Store(); }}};
  });
  ASSERT_TRUE(pushed.has_value());
  EXPECT_EQ(pushed->outcome, PushOutcome::kPushed);
  EXPECT_EQ(Head(), chain.commits().back().text());
  ExpectSound();
}

TEST_F(DirectPushTest, TakesMoreThanARemoteReadsAtOnce) {
  std::string noise(3'000'000, '\0');
  std::uint32_t state = 1;
  for (char& byte : noise) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<char>(state >> 24U);
  }
  CommitDraft large = Draft("1", "large");
  large.edits.front().content = noise;
  CommitChain chain = Chain({large, Draft("2")}, std::nullopt);
  EXPECT_EQ(Push(chain, std::nullopt).outcome, PushOutcome::kPushed);
  EXPECT_EQ(Git(world_.origin(), {"cat-file", "-s", std::string(kBranch) + ":large"}), "3000000");
  ExpectSound();
}

TEST_F(DirectPushTest, TakesANewBranchAndWhatFollows) {
  CommitChain first = Chain({Draft("1")}, std::nullopt);
  EXPECT_EQ(Push(first, std::nullopt).outcome, PushOutcome::kPushed);
  EXPECT_EQ(Head(), first.commits().back().text());
  std::vector<CommitDraft> few;
  for (int i = 0; i < 5; ++i) {
    few.push_back(Draft("f" + std::to_string(i)));
  }
  CommitChain second = Chain(few, first.commits().back());
  EXPECT_EQ(Push(second, first.commits().back()).outcome, PushOutcome::kPushed);
  // Past git's limit for unpacking: the remote keeps the pack.
  std::vector<CommitDraft> many;
  for (int i = 0; i < 60; ++i) {
    many.push_back(Draft("n" + std::to_string(i), "room/" + std::to_string(i % 7)));
  }
  CommitChain third = Chain(many, second.commits().back());
  EXPECT_EQ(Push(third, second.commits().back()).outcome, PushOutcome::kPushed);
  EXPECT_EQ(Head(), third.commits().back().text());
  EXPECT_EQ(CountObjects(world_.origin()).packs, 1U);
  ExpectSound();
}

TEST_F(DirectPushTest, BringsWhatOnlyADraftThatNobodySentHas) {
  CommitChain first = Chain({Draft("1")}, std::nullopt);
  ASSERT_EQ(Push(first, std::nullopt).outcome, PushOutcome::kPushed);
  // Its content again, and the very commit again.
  Chain({Draft("2")}, first.commits().back()).Store();
  CommitChain second = Chain({Draft("2"), Draft("3"), Draft("2")}, first.commits().back());
  EXPECT_EQ(Push(second, first.commits().back()).outcome, PushOutcome::kPushed);
  EXPECT_EQ(Head(), second.commits().back().text());
  ExpectSound();
}

TEST_F(DirectPushTest, LeavesToGitWhatItHasNoPackOf) {
  CommitChain first = Chain({Draft("1")}, std::nullopt);
  EXPECT_EQ(PushBytes(first, {}, std::nullopt).outcome, PushOutcome::kPushed);
  EXPECT_EQ(Head(), first.commits().back().text());
  ExpectSound();
}

TEST_F(DirectPushTest, LosesTheRaceAgainstAnotherPush) {
  const CommitId base = world_.Push({{"a", "1"}});
  Git(world_.origin(), {"update-ref", kBranch, base.text()});
  At(url_).Fetch(mirror_.path(), {"+refs/heads/*:refs/heads/*"}, kDeadline);
  const CommitId theirs = world_.Push({{"a", "2"}});
  Git(world_.origin(), {"update-ref", kBranch, theirs.text()});
  CommitChain ours = Chain({Draft("ours")}, base);
  EXPECT_EQ(Push(ours, base).outcome, PushOutcome::kLostRace);
  CommitChain new_branch = Chain({Draft("new")}, std::nullopt);
  EXPECT_EQ(Push(new_branch, std::nullopt).outcome, PushOutcome::kLostRace);
  EXPECT_EQ(Head(), theirs.text());
  Git(world_.origin(), {"update-ref", "-d", kBranch});
  EXPECT_EQ(Push(ours, base).outcome, PushOutcome::kLostRace);
}

TEST_F(DirectPushTest, LosesTheRaceAgainstACommitThatNobodyHereHas) {
  const CommitId theirs = world_.Push({{"a", "1"}});
  Git(world_.origin(), {"update-ref", kBranch, theirs.text()});
  CommitChain first = Chain({Draft("1")}, std::nullopt);
  first.Store();
  CommitChain second = Chain({Draft("2")}, first.commits().back());
  // The pack leans on a commit that the remote never had.
  EXPECT_EQ(Push(second, first.commits().back()).outcome, PushOutcome::kLostRace);
  EXPECT_EQ(Head(), theirs.text());
}

TEST_F(DirectPushTest, LosesTheRaceThatIsDecidedInsideTheRemote) {
  CommitChain base = Chain({Draft("1")}, std::nullopt);
  ASSERT_EQ(Push(base, std::nullopt).outcome, PushOutcome::kPushed);
  const CommitId theirs = world_.Push({{"a", "1"}});
  world_.InstallHook("update",
                     "unset GIT_QUARANTINE_PATH\nexec git update-ref " + std::string(kBranch) +
                         " " + theirs.text() + "\n");
  CommitChain ours = Chain({Draft("2")}, base.commits().back());
  const PushResult result = Push(ours, base.commits().back());
  EXPECT_EQ(result.outcome, PushOutcome::kLostRace) << result.text;
  EXPECT_EQ(Head(), theirs.text());
}

TEST_F(DirectPushTest, IsPushedWhenTheAnswerToTheFirstTryWasLost) {
  CommitChain first = Chain({Draft("1")}, std::nullopt);
  ASSERT_EQ(Push(first, std::nullopt).outcome, PushOutcome::kPushed);
  EXPECT_EQ(Push(first, std::nullopt).outcome, PushOutcome::kPushed);
}

TEST_F(DirectPushTest, SaysWhatTheHooksOfTheRemoteSay) {
  CommitChain chain = Chain({Draft("1")}, std::nullopt);
  for (const std::string hook : {"pre-receive", "update"}) {
    world_.InstallHook(hook, "echo 'only on Tuesdays' >&2\nexit 1\n");
    const PushResult result = Push(chain, std::nullopt);
    EXPECT_EQ(result.outcome, PushOutcome::kRefused);
    EXPECT_NE(result.text.find("hook declined"), std::string::npos) << result.text;
    EXPECT_NE(result.text.find("only on Tuesdays"), std::string::npos) << result.text;
    EXPECT_EQ(result.text.find('\n'), std::string::npos);
    std::filesystem::remove(world_.origin() / "hooks" / hook);
  }
  EXPECT_EQ(Push(chain, std::nullopt).outcome, PushOutcome::kPushed);
}

TEST_F(DirectPushTest, KeepsWhatItsOwnSettingsMakeGitSayOutOfTheReason) {
  // Git asks for refs of alternates before the hook is asked; a hook that says nothing has no
  // words.
  world_.InstallHook("update", "exit 1\n");
  CommitChain chain = Chain({Draft("1")}, std::nullopt);
  const PushResult result = Push(chain, std::nullopt);
  EXPECT_EQ(result.outcome, PushOutcome::kRefused);
  EXPECT_EQ(result.text.find("alternates"), std::string::npos) << result.text;
  EXPECT_NE(result.text.find("hook declined"), std::string::npos) << result.text;
}

TEST_F(DirectPushTest, MakesTheRemoteSyncWhatItTakes) {
  world_.InstallHook("pre-receive", "git config core.fsync > fsync-of-hook\n");
  CommitChain chain = Chain({Draft("1")}, std::nullopt);
  ASSERT_EQ(Push(chain, std::nullopt).outcome, PushOutcome::kPushed);
  EXPECT_EQ(ReadFile(world_.origin() / "fsync-of-hook"), "committed,reference\n");
}

TEST_F(DirectPushTest, LetsOnePushOfThirtyTwoLookWhetherTheRemoteShallPack) {
  world_.InstallHook("pre-receive",
                     "git config receive.autogc > autogc || echo its own > autogc\n");
  const auto looks = [this] { return ReadFile(world_.origin() / "autogc") == "its own\n"; };
  int looked = 0;
  std::optional<CommitId> head;
  for (int i = 0; i < 64; ++i) {
    CommitChain chain = Chain({Draft(std::to_string(i))}, head);
    ASSERT_EQ(Push(chain, head).outcome, PushOutcome::kPushed);
    looked += looks() ? 1 : 0;
    head = chain.commits().back();
  }
  // Commits without a time have the same ids each time: another text may draw another number.
  EXPECT_GT(looked, 0);
  EXPECT_LT(looked, 6);
}

TEST_F(DirectPushTest, LeavesAPackThatTheRemoteCannotReadToGit) {
  CommitChain first = Chain({Draft("1")}, std::nullopt);
  ASSERT_EQ(Push(first, std::nullopt).outcome, PushOutcome::kPushed);
  CommitChain second = Chain({Draft("2"), Draft("3")}, first.commits().back());
  std::string broken(second.Pack());
  broken[broken.size() / 2] = static_cast<char>(~broken[broken.size() / 2]);
  EXPECT_EQ(PushBytes(second, broken, first.commits().back()).outcome, PushOutcome::kPushed);
  // A pack that lacks what the commit needs.
  CommitChain third = Chain({Draft("4")}, second.commits().back());
  third.Store();
  CommitChain fourth = Chain({Draft("5")}, third.commits().back());
  EXPECT_EQ(Push(fourth, second.commits().back()).outcome, PushOutcome::kPushed);
  EXPECT_EQ(Head(), fourth.commits().back().text());
  ExpectSound();
}

TEST_F(DirectPushTest, ReportsThatTheRemoteCannotUnpack) {
  CommitChain first = Chain({Draft("1")}, std::nullopt);
  // Neither way may write more than the remote takes.
  Git(world_.origin(), {"config", "receive.maxInputSize", "10"});
  const PushResult result = Push(first, std::nullopt);
  EXPECT_EQ(result.outcome, PushOutcome::kRefused);
  EXPECT_NE(result.text.find("[remote rejected] (unpacker error)"), std::string::npos)
      << result.text;
  EXPECT_NE(result.text.find("exceeds maximum allowed size"), std::string::npos) << result.text;
}

TEST_F(DirectPushTest, EndsAtTheDeadlineWhenAHookHangs) {
  world_.InstallHook("pre-receive", "echo $$ > hook.pid\nexec sleep 600\n");
  const auto begin = std::chrono::steady_clock::now();
  const Error error = ErrorOf(Milliseconds(1500));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
  EXPECT_EQ(error.remedy(), Remedy::kRetry);
  EXPECT_NE(std::string(error.what()).find("no end within"), std::string::npos) << error.what();
  // The hook went with the rest of its process group.
  const pid_t hook = std::stoi(ReadFile(world_.origin() / "hook.pid"));
  const FileDescriptor ended(static_cast<int>(syscall(SYS_pidfd_open, hook, 0)));
  pollfd watched{ended.get(), POLLIN, 0};
  EXPECT_TRUE(!ended.valid() || poll(&watched, 1, 10'000) == 1);
  EXPECT_TRUE(At(url_).List({kBranch}, kDeadline).empty());
}

TEST_F(DirectPushTest, KnowsWhatWasTakenThoughALaterHookHangs) {
  world_.InstallHook("post-receive", "exec sleep 600\n");
  CommitChain chain = Chain({Draft("1")}, std::nullopt);
  EXPECT_EQ(Push(chain, std::nullopt, Milliseconds(1500)).outcome, PushOutcome::kPushed);
  EXPECT_EQ(Head(), chain.commits().back().text());
}

TEST_F(DirectPushTest, MayBeTriedAgainWhenTheRemoteDiesHalfWay) {
  world_.InstallHook("pre-receive", "kill -9 $PPID\nsleep 600\n");
  const Error error = ErrorOf();
  EXPECT_EQ(error.remedy(), Remedy::kRetry);
  EXPECT_NE(std::string(error.what()).find("killed by signal 9"), std::string::npos)
      << error.what();
  std::filesystem::remove(world_.origin() / "hooks" / "pre-receive");
  CommitChain chain = Chain({Draft("2")}, std::nullopt);
  EXPECT_EQ(Push(chain, std::nullopt).outcome, PushOutcome::kPushed);
}

TEST_F(DirectPushTest, IsNotTakenInByGarbage) {
  // A hook that writes into the protocol itself, a little and 100 MB.
  for (const std::string bytes : {"10", "100000000"}) {
    world_.InstallHook("pre-receive",
                       "head -c " + bytes + " /dev/zero > /proc/$PPID/fd/1\nexit 1\n");
    const Error error = ErrorOf();
    EXPECT_EQ(error.remedy(), Remedy::kRetry);
    EXPECT_NE(std::string(error.what()).find("not what git answers a push"), std::string::npos)
        << error.what();
  }
}

TEST_F(DirectPushTest, ReadsAnAdvertisementOfManyRefs) {
  const CommitId commit = world_.Push({{"a", "1"}});
  std::string refs;
  for (int i = 0; i < 20'000; ++i) {
    refs += commit.text() + " refs/tags/release-" + std::to_string(i) + "\n";
  }
  WriteFileDurably(world_.origin() / "packed-refs",
                   "# pack-refs with: peeled fully-peeled \n" + refs);
  CommitChain chain = Chain({Draft("2")}, std::nullopt);
  EXPECT_EQ(Push(chain, std::nullopt).outcome, PushOutcome::kPushed);
}

TEST_F(DirectPushTest, NeedsAChangeWhenThereIsNoRepository) {
  url_ = (world_.folder() / "absent.git").native();
  EXPECT_EQ(ErrorOf().remedy(), Remedy::kNeedsChange);
}

TEST_F(DirectPushTest, ThrowsWhatStoringThrewOnceTheRemoteHasEnded) {
  CommitChain chain = Chain({Draft("1")}, std::nullopt);
  const auto fail = [] { throw Error(Remedy::kRetry, "the disk is full"); };
  EXPECT_THROW((void)At(url_).Push(mirror_.path(),
                                   chain.commits().back(),
                                   kBranch,
                                   std::nullopt,
                                   kDeadline,
                                   {chain.Pack(), fail}),
               Error);
  EXPECT_EQ(Head(), chain.commits().back().text());
}

TEST_F(DirectPushTest, LetsTheRemoteEndItsPushWhenTheControllerIsKilled) {
  // Where the ref is locked and the new value not yet in its place.
  world_.InstallHook("reference-transaction",
                     "test \"$1\" = prepared || exit 0\n: > waiting\n"
                     "until test -e go; do sleep 0.05; done\n");
  CommitChain chain = Chain({Draft("1")}, std::nullopt);
  const pid_t controller = fork();
  if (controller == 0) {
    RemoteConfig config;
    config.url = url_;
    config.home = world_.folder() / "home";
    ProcessRunner runner;
    (void)Remote(runner, config)
        .Push(mirror_.path(),
              chain.commits().back(),
              kBranch,
              std::nullopt,
              kDeadline,
              {chain.Pack(), {}});
    _exit(0);
  }
  const std::filesystem::path lock = world_.origin() / (std::string(kBranch) + ".lock");
  const auto wait_until = [](const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition() && std::chrono::steady_clock::now() < end) {
      std::this_thread::yield();
    }
    return condition();
  };
  ASSERT_TRUE(wait_until([&] { return std::filesystem::exists(world_.origin() / "waiting"); }));
  ASSERT_TRUE(std::filesystem::exists(lock));
  ASSERT_EQ(kill(controller, SIGKILL), 0);
  waitpid(controller, nullptr, 0);
  WriteFileDurably(world_.origin() / "go", "");
  EXPECT_TRUE(wait_until([&] { return !std::filesystem::exists(lock); }));
  EXPECT_EQ(Head(), chain.commits().back().text());
}

}  // namespace
}  // namespace failgate
