// Each kind of tampering, done to a log that the real controller wrote, is found and named.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/deploylog/tamperings.h"
#include "tests/integration/promotion/ladder_world.h"

namespace failgate {
namespace {

using testing::Contains;

/// A log of two starts, a token that came and went, one release, three environments and two
/// approvals.
class TamperedLog : public testing::TestWithParam<Tampering> {
 protected:
  static void SetUpTestSuite() {
    world_ = new LadderWorld;
    world_->Tokens().Create(
        {"Alice Martin", "alice@example.com"}, Role::kApprover, {"app"}, std::nullopt, "root");
    world_->PassRun({});
    world_->Turn();
    world_->Tokens().Revoke(world_->Tokens().List().front().identity.id, "root");
    world_->Restart();
    world_->Turn();
    world_->Ask("promote", "prod", "app-1", "dana@example.com");
    world_->Ask("approve", "prod", "app-1", "alice@example.com");
    world_->Ask("approve", "prod", "app-1", "bob@example.com");
  }
  static void TearDownTestSuite() {
    delete world_;
    world_ = nullptr;
  }
  TamperedLog()
      : log_(world_->operations.origin(), folder_.path()),
        foreign_(SigningKey::Generate(folder_.path() / "foreign", "eve")),
        person_(SigningKey::Generate(folder_.path() / "person", "alice")),
        scene_{log_, world_->key, foreign_, person_, {}} {
    scene_.scope.controllers = OnlyAllowed(world_->key);
  }
  AuditReport Verify() {
    return VerifyLog(log_.repository, log_.repository.Ref(kDeployLogRef), scene_.scope);
  }

  static LadderWorld* world_;
  TemporaryFolder folder_;
  ForgedLog log_;
  SigningKey foreign_;
  SigningKey person_;
  Scene scene_;
};
LadderWorld* TamperedLog::world_ = nullptr;

TEST_P(TamperedLog, IsFoundAndNamed) {
  const CommitId dropped = log_.commits.back().id;
  const std::size_t place = GetParam().apply(scene_);
  log_.Write();
  const AuditReport report = Verify();
  const CommitId named = place < log_.commits.size() ? log_.commits[place].id : dropped;
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.problems.front().commit, named) << WriteJson(report);
  std::vector<std::string> kinds;
  for (const AuditProblem& problem : report.problems) {
    if (problem.commit == named) {
      kinds.push_back(Word(problem.kind));
    }
  }
  EXPECT_THAT(kinds, Contains(Word(GetParam().kind))) << WriteJson(report);
}

std::string NameOf(const testing::TestParamInfo<Tampering>& info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(Of, TamperedLog, testing::ValuesIn(AllTamperings()), NameOf);

class UntouchedLog : public TamperedLog {};

TEST_F(UntouchedLog, IsCleanAndWrittenAgainTheSame) {
  const CommitId head = log_.commits.back().id;
  scene_.scope.expect = head;
  scene_.scope.people = OnlyAllowed(person_);
  log_.Write();
  EXPECT_EQ(log_.commits.back().id, head);
  const AuditReport report = Verify();
  EXPECT_TRUE(report.ok()) << WriteJson(report);
  EXPECT_EQ(report.commits, log_.commits.size());
}

TEST_F(UntouchedLog, IsCleanFromEveryPlaceOn) {
  for (const ForgedCommit& commit : log_.commits) {
    scene_.scope.since = commit.id;
    const AuditReport report = Verify();
    EXPECT_TRUE(report.ok()) << commit.message << WriteJson(report);
  }
}

TEST_F(UntouchedLog, IsReportedTheSameByAnyNumberOfThreads) {
  EditedRunningSigned(scene_);
  EditedGateLineSigned(scene_);
  log_.Write();
  scene_.scope.threads = 1;
  const std::string one = WriteJson(Verify());
  for (const std::size_t threads : {2U, 5U}) {
    scene_.scope.threads = threads;
    EXPECT_EQ(WriteJson(Verify()), one);
  }
}

TEST_F(UntouchedLog, IsTrustedUpToWhereTheAuditBeginsOnly) {
  const std::size_t place = EditedRunningSigned(scene_);
  log_.Write();
  scene_.scope.since = log_.commits[place - 1].id;
  EXPECT_EQ(Verify().problems.front().commit, log_.commits[place].id);
  scene_.scope.since = log_.commits.back().id;
  EXPECT_TRUE(Verify().ok());
}

TEST_F(UntouchedLog, ShowsAForgedRestartThoughThePromotionLiesBeforeTheBeginning) {
  const std::size_t place = ForgedRecoveredSigned(scene_);
  log_.Write();
  scene_.scope.since = log_.commits[place - 1].id;
  const AuditReport report = Verify();
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.problems.front().commit, log_.commits[place].id);
  EXPECT_EQ(report.problems.front().kind, AuditKind::kOrphan) << WriteJson(report);
}

TEST(LogOfARemoval, ShowsAForgedRestartThoughItsOrderLiesBeforeTheBeginning) {
  LadderWorld world;
  world.PassRun({});
  world.Turn();
  world.Ask("remove", "dev", "", "alice@example.com", Role::kOperator, "make room");
  world.Turn();
  const TemporaryFolder folder;
  ForgedLog log(world.operations.origin(), folder.path());
  const std::size_t place = log.Find("removed app from dev");
  log.commits[place].message += "Recovered: true\n";
  log.SignFrom(place, world.key);
  log.Write();
  AuditScope scope;
  scope.controllers = OnlyAllowed(world.key);
  for (const std::size_t before : {place - 1, place - 2}) {
    scope.since = log.commits[before].id;
    const AuditReport report = VerifyLog(log.repository, log.repository.Ref(kDeployLogRef), scope);
    ASSERT_FALSE(report.ok()) << before;
    EXPECT_EQ(report.problems.front().commit, log.commits[place].id);
    EXPECT_EQ(report.problems.front().kind, AuditKind::kOrphan) << WriteJson(report);
  }
}

TEST_F(UntouchedLog, DoesNotBeginAtACommitOfAnotherPlace) {
  scene_.scope.since = *log_.repository.Ref(kMainRef);
  const AuditReport report = Verify();
  ASSERT_EQ(report.problems.size(), 1U);
  EXPECT_EQ(report.problems.front().kind, AuditKind::kCutOff);
  EXPECT_EQ(report.commits, log_.commits.size());
}

}  // namespace
}  // namespace failgate
