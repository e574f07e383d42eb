#include "controller/deploylog/deploy_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/integration/deploylog/log_world.h"

namespace failgate {
namespace {

TEST(DeployLog, EveryFactIsACommitThatStockGitVerifies) {
  LogWorld world;
  world.ControllerWithFacts(12);
  world.Git({"fetch", "-q", "origin"});
  const std::string signers = (world.operations.clone() / "allowed_signers").string();
  const std::string ids = world.Git({"rev-list", "origin/deploy-log"});
  int commits = 0;
  for (const std::string& id :
       {ids.substr(0, 40), ids.substr(41, 40), ids.substr(ids.size() - 40)}) {
    world.Git({"-c",
               "gpg.ssh.allowedSignersFile=" + signers,
               "-c",
               "gpg.format=ssh",
               "verify-commit",
               id});
    ++commits;
  }
  EXPECT_EQ(commits, 3);
  EXPECT_EQ(world.Git({"rev-list", "--count", "origin/deploy-log"}), "13");
  EXPECT_EQ(world.Git({"rev-list", "--count", "origin/deploy-log", "--", "prod/"}), "12");
  world.Git({"fsck", "--strict"});
}

TEST(DeployLog, WritesABatchInOrderWithRunningNumbers) {
  LogWorld world;
  auto log = world.ControllerWithFacts(0);
  std::vector<FactDraft> drafts;
  for (int i = 0; i < 20; ++i) {
    drafts.push_back(world.Draft(FactKind::kHealed, "healed " + std::to_string(i)));
  }
  const auto ids = log->Append(drafts);
  ASSERT_EQ(ids.size(), 20U);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto written = ParseFactMessage(log->repository().ReadCommit(*ids[i]).message);
    EXPECT_EQ(written->sequence, static_cast<long>(i) + 2);
    EXPECT_EQ(written->fact.subject, "healed " + std::to_string(i));
  }
  EXPECT_TRUE(world.Audit().ok());
}

FactDraft Ended(LogWorld& world, long number) {
  FactDraft draft = world.Draft(FactKind::kDeployed, "deployed " + std::to_string(number));
  draft.change = [number, at = world.clock.Now()](LogEdit& edit) {
    edit.environment->Remember(HistoryEntry{MakeReleaseName(ProjectName("churn"), number),
                                            "sha256:aa",
                                            "sha256:dd",
                                            at,
                                            DeploymentEnd::kHealthy});
    return true;
  };
  return draft;
}

TEST(DeployLog, KeepsAHundredEndsInFilesOfTheirOwn) {
  LogWorld world;
  auto log = world.ControllerWithFacts(0);
  std::vector<FactDraft> drafts;
  for (long number = 1; number <= 105; ++number) {
    drafts.push_back(Ended(world, number));
  }
  log->Append(drafts);
  LogViewReader reader;
  const std::pair<EnvironmentName, ProjectName> pair{EnvironmentName("prod"), ProjectName("churn")};
  EXPECT_EQ(reader.Read(log->repository(), log->LogHead())
                ->Environment(pair.first, pair.second)
                .history.size(),
            100U);
  log->Append({Ended(world, 106), Ended(world, 50)});
  const Repository& repository = log->repository();
  const auto files = repository.ListFolder(*log->LogHead(), "prod/churn.ends");
  EXPECT_EQ(files.size(), 100U);
  const EnvironmentState state = LogTree(repository, log->LogHead())
                                     .Environment(EnvironmentName("prod"), ProjectName("churn"));
  ASSERT_EQ(state.history.size(), 100U);
  EXPECT_EQ(state.history.front().release.text(), "churn-7");
  EXPECT_EQ(state.history.back().release.text(), "churn-50");
  EXPECT_EQ(reader.Read(repository, log->LogHead())->Environment(pair.first, pair.second).history,
            state.history);
  EXPECT_EQ(LogViewReader()
                .Read(repository, log->LogHead())
                ->Environment(pair.first, pair.second)
                .history,
            state.history);
}

/// What the log says of prod/churn after facts of every kind, a restart before each where
/// `forgets`.
std::map<std::string, std::string> FilesOfPair(bool forgets) {
  LogWorld world;
  auto log = world.ControllerWithFacts(0);
  std::vector<FactDraft> first;
  for (long number = 1; number <= 98; ++number) {
    first.push_back(Ended(world, number));
  }
  log->Append(first);
  for (long number = 99; number <= 108; ++number) {
    world.clock.Advance(std::chrono::milliseconds(1234));
    if (forgets) {
      log.reset();
      log = world.Controller("one");
    }
    if (number <= 103) {
      log->Append({Ended(world, number)});
    } else {
      FactDraft draft = world.Draft(FactKind::kHealed, "healed");
      draft.change = [number](LogEdit& edit) {
        edit.environment->drift = Drift::kNone;
        return number % 3 != 0;  // true already: what was read stays known
      };
      log->Append({draft, Ended(world, number % 7)});
    }
  }
  std::map<std::string, std::string> files;
  const CommitId head = *log->LogHead();
  for (const TreeEntry& entry : log->repository().ListFolder(head, "prod/churn.ends")) {
    files[entry.name] = entry.id.text();
  }
  files["state"] = log->repository().ReadFile(head, "prod/churn.json", 1U << 20U).value_or("");
  return files;
}

TEST(DeployLog, WritesTheSameWhetherItRemembersOrReadsWhatItWrote) {
  const auto remembered = FilesOfPair(false);
  EXPECT_EQ(remembered.size(), 101U);
  EXPECT_EQ(remembered, FilesOfPair(true));
}

TEST(DeployLog, WritesNothingForADraftThatIsNoLongerTrue) {
  LogWorld world;
  auto log = world.ControllerWithFacts(1);
  const auto before = log->LogHead();
  FactDraft draft = world.Draft(FactKind::kHealed, "healed");
  draft.change = [](LogEdit&) { return false; };
  const auto ids = log->Append({draft});
  EXPECT_EQ(ids.front(), std::nullopt);
  EXPECT_EQ(log->LogHead(), before);
}

TEST(DeployLog, CommitterDatesNeverGoBackWhenTheClockDoes) {
  LogWorld world;
  auto log = world.ControllerWithFacts(2);
  const TimePoint newest = log->repository().ReadCommit(*log->LogHead()).committer_time;
  world.clock.SetWall(newest - std::chrono::hours(3));
  log->Append({world.Draft(FactKind::kHealed, "healed")});
  const CommitInfo commit = log->repository().ReadCommit(*log->LogHead());
  EXPECT_EQ(commit.committer_time, newest);
  EXPECT_TRUE(world.Audit().ok());
}

TEST(DeployLog, AFactNamesTheTimeOfItsOwnClockThoughItWasSetBack) {
  LogWorld world;
  auto older = world.ControllerWithFacts(2);
  const TimePoint newest = older->repository().ReadCommit(*older->LogHead()).committer_time;
  world.clock.SetWall(newest - std::chrono::hours(3));
  auto newer = world.Controller("two");
  newer->Fetch();
  newer->TakeOver();
  const CommitInfo started = newer->repository().ReadCommit(*newer->LogHead());
  EXPECT_EQ(started.committer_time, newest);
  EXPECT_LT(started.author_time, newest);
  EXPECT_TRUE(world.Audit().ok());
}

TEST(DeployLog, WhatMayRepeatIsNotTakenForAReplayWhenTheClockGoesBack) {
  LogWorld world;
  auto log = world.ControllerWithFacts(0);
  const TimePoint first = world.clock.Now();
  log->Append({world.Draft(FactKind::kHealed, "healed")});
  world.clock.SetWall(first + std::chrono::minutes(5));
  log->Append({world.Draft(FactKind::kHealed, "healed later")});
  world.clock.SetWall(first);
  log->Append({world.Draft(FactKind::kHealed, "healed")});
  const AuditReport report = world.Audit();
  EXPECT_TRUE(report.ok()) << WriteJson(report);
}

TEST(DeployLog, AnOlderInstanceStopsAtItsNextPush) {
  LogWorld world;
  auto older = world.ControllerWithFacts(1);
  auto newer = world.Controller("two");
  newer->Fetch();
  newer->TakeOver();
  EXPECT_THROW(older->Append({world.Draft(FactKind::kHealed, "healed")}), Error);
  EXPECT_EQ(older->standing(), LogStanding::kFenced);
  EXPECT_THAT(older->trouble(), testing::HasSubstr("another instance"));
  EXPECT_EQ(newer->Fetch(), LogStanding::kOurs);
  newer->Append({world.Draft(FactKind::kHealed, "healed")});
  EXPECT_TRUE(world.Audit().ok());
}

TEST(DeployLog, SaysOnceThatItStartedWhenTheAnswerOfThePushWasLost) {
  LogWorld world;
  auto log = world.ControllerWithFacts(0);
  const auto head = log->LogHead();
  log->TakeOver();  // as a loop does that saw its first push fail
  EXPECT_EQ(log->Fetch(), LogStanding::kOurs);
  EXPECT_EQ(log->LogHead(), head);
  EXPECT_TRUE(world.Audit().ok());
}

TEST(DeployLog, RefusesALogOfAnotherController) {
  LogWorld world;
  world.ControllerWithFacts(1);
  auto stranger = world.Controller("two", "other");
  stranger->Fetch();
  EXPECT_THROW(stranger->TakeOver(), Error);
}

TEST(DeployLog, GoesOnWhereAPowerCutLeftItsNotesOfTheLogHalf) {
  LogWorld world;
  EXPECT_EQ(world.ControllerWithFacts(2)->Fetch(), LogStanding::kOurs);
  const std::filesystem::path refs = world.folder.path() / "mirror-one.git/refs";
  for (const char* ref : {"failgate/deploy-log", "remotes/origin/deploy-log"}) {
    ASSERT_TRUE(std::filesystem::exists(refs / ref));
    std::filesystem::resize_file(refs / ref, 0);
  }
  auto log = world.Controller("one");
  EXPECT_EQ(log->Fetch(), LogStanding::kOurs);
  log->TakeOver();
  log->Append({world.Draft(FactKind::kHealed, "healed")});
  EXPECT_TRUE(world.Audit().ok());
}

TEST(DeployLog, StopsWhenTheLogOrMainWasRewritten) {
  for (const char* branch : {"deploy-log", "main"}) {
    LogWorld world;
    auto log = world.ControllerWithFacts(3);
    world.operations.Commit({{"a", "1"}}, "more");
    world.operations.Push();
    ASSERT_EQ(log->Fetch(), LogStanding::kOurs);
    world.Git({"fetch", "-q", "origin"});
    world.Git({"push",
               "-q",
               "-f",
               "origin",
               std::string("origin/") + branch + "~1:refs/heads/" + branch});
    EXPECT_EQ(log->Fetch(), LogStanding::kRewritten) << branch;
    EXPECT_THAT(log->trouble(), testing::HasSubstr(branch));
    EXPECT_THROW(log->Append({world.Draft(FactKind::kHealed, "healed")}), Error);
  }
}

/// A controller whose branch lost its newest `lost` commits; `log` knows them.
struct RewrittenWorld : LogWorld {
  explicit RewrittenWorld(const std::string& branch, int lost = 1) {
    log = ControllerWithFacts(4);
    operations.Commit({{"a", "1"}}, "more");
    operations.Push();
    EXPECT_EQ(log->Fetch(), LogStanding::kOurs);
    before = *log->repository().Ref("refs/failgate/" + branch);
    Git({"fetch", "-q", "origin"});
    Force(branch, "origin/" + branch + "~" + std::to_string(lost));
    EXPECT_EQ(log->Fetch(), LogStanding::kRewritten);
  }
  void Force(const std::string& branch, const std::string& commit) {
    Git({"push", "-q", "-f", "origin", commit + ":refs/heads/" + branch});
  }
  std::unique_ptr<DeployLog> log;
  CommitId before;
};

TEST(DeployLog, GoesOnWhenWhatWasLostIsPutBack) {
  for (const char* branch : {"deploy-log", "main"}) {
    RewrittenWorld world(branch);
    world.Force(branch, world.before.text());
    EXPECT_EQ(world.log->Fetch(), LogStanding::kOurs) << branch;
    EXPECT_EQ(world.log->trouble(), "");
    EXPECT_FALSE(world.log->rewritten());
    world.log->Append({world.Draft(FactKind::kHealed, "healed")});
    EXPECT_TRUE(world.Audit(world.log->LogHead()).ok());
  }
}

TEST(DeployLog, TakesWhatIsLeftOfABranchAndKeepsWhatWasLost) {
  for (const char* branch : {"deploy-log", "main"}) {
    RewrittenWorld world(branch);
    ASSERT_TRUE(world.log->rewritten());
    EXPECT_EQ(world.log->rewritten()->name, branch);
    EXPECT_EQ(world.log->rewritten()->accepted, world.before);
    const auto lost = world.log->AcceptRewritten("0193-request");
    ASSERT_TRUE(lost) << lost.error().text;
    EXPECT_EQ(*lost, world.before);
    EXPECT_EQ(world.log->repository().Ref(LostRef(branch, "0193-request")), world.before);
    EXPECT_EQ(world.log->Fetch(), LogStanding::kOurs);
    world.log->Append({world.Draft(FactKind::kHealed, "healed")});
    EXPECT_TRUE(world.Audit().ok());
  }
}

TEST(DeployLog, NeverTakesARewrittenLogThatHoldsForeignCommits) {
  RewrittenWorld world("deploy-log");
  world.Git({"checkout", "-q", "-B", "forged", "origin/deploy-log~2"});
  world.operations.Commit({{"prod/churn.json", "{}"}}, "deployed churn-9 to prod");
  world.Force("deploy-log", "forged");
  ASSERT_EQ(world.log->Fetch(), LogStanding::kRewritten);
  const auto lost = world.log->AcceptRewritten("0193-request");
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, "not_acceptable");
  EXPECT_EQ(world.log->LogHead(), world.before);
  EXPECT_EQ(world.log->Fetch(), LogStanding::kRewritten);
}

TEST(DeployLog, StopsWhenABranchIsGone) {
  for (const char* branch : {"deploy-log", "main"}) {
    LogWorld world;
    auto log = world.ControllerWithFacts(2);
    // The remote itself refuses to lose its HEAD by a push.
    const std::string origin = world.operations.origin().string();
    world.Git({"-C", origin, "update-ref", "-d", std::string("refs/heads/") + branch});
    EXPECT_EQ(log->Fetch(), LogStanding::kRewritten) << branch;
    EXPECT_THAT(log->trouble(), testing::HasSubstr("gone"));
    EXPECT_FALSE(log->rewritten());
  }
}

TEST(DeployLog, StopsWhenSomebodyElseWroteToTheLog) {
  LogWorld world;
  auto log = world.ControllerWithFacts(1);
  world.Git({"fetch", "-q", "origin"});
  world.Git({"checkout", "-q", "-B", "forged", "origin/deploy-log"});
  world.operations.Commit({{"prod/churn.json", "{}"}}, "deployed churn-9 to prod");
  world.operations.Push("deploy-log");
  EXPECT_EQ(log->Fetch(), LogStanding::kRewritten);
  EXPECT_THAT(log->trouble(), testing::HasSubstr("somebody else"));
}

TEST(DeployLog, TakesTheRemoteUpAgainWithoutItsDisk) {
  LogWorld world;
  world.ControllerWithFacts(5);
  auto reborn = world.Controller("two");
  EXPECT_EQ(reborn->Fetch(), LogStanding::kOurs);
  reborn->TakeOver();
  const auto written =
      ParseFactMessage(reborn->repository().ReadCommit(*reborn->LogHead()).message);
  EXPECT_EQ(written->sequence, 7);
  EXPECT_EQ(written->fact.kind, FactKind::kStarted);
}

}  // namespace
}  // namespace failgate
