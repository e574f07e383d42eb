#include <gmock/gmock.h>

#include "controller/reconcile/attempt_record.h"
#include "tests/unit/reconcile/reconcile_world.h"

namespace failgate {
namespace {

using testing::HasSubstr;

class ReconcilerTest : public ReconcileWorld {};

TEST_F(ReconcilerTest, DeploysProvesAndTellsTheSameUntilAcknowledged) {
  Runs() = "churn-1";
  Give({MakeOrder(2, "churn-2", "churn-1")});
  EXPECT_EQ(reconciler_->StepForTest(), 1U);
  const ReconcileResult result = One();
  EXPECT_EQ(result.end, ReconcileEnd::kDeployed);
  EXPECT_EQ(result.running.text(), "churn-2");
  EXPECT_TRUE(result.healthy);
  EXPECT_FALSE(result.recovered);
  EXPECT_EQ(target_.full_looks, 1);
  RunOut();
  EXPECT_EQ(reconciler_->Results().size(), 1U);
  reconciler_->Acknowledge(result);
  EXPECT_TRUE(reconciler_->Results().empty());
  EXPECT_EQ(store_.List({}).front().state, DeploymentState::kDone);
}

TEST_F(ReconcilerTest, RemembersTheDecisionThatLetItIn) {
  Order order = MakeOrder(1, "churn-1", "");
  order.decision = "sha256:77aa";
  Give({order});
  EXPECT_EQ(reconciler_->StepForTest(), 1U);
  EXPECT_EQ(store_.List({}).front().decision, "sha256:77aa");
}

TEST_F(ReconcilerTest, TakesBackWhatIsNotHealthy) {
  Runs() = "churn-1";
  target_.sick = "churn-2";
  Give({MakeOrder(2, "churn-2", "churn-1")});
  RunOut();
  const ReconcileResult result = One();
  EXPECT_EQ(result.end, ReconcileEnd::kRolledBack);
  EXPECT_EQ(result.running.text(), "churn-1");
  EXPECT_THAT(result.detail, HasSubstr("it is sick"));
  EXPECT_EQ(Runs(), "churn-1");
  EXPECT_GE(result.duration, Milliseconds(29'000));
}

TEST_F(ReconcilerTest, StaysWhenToldTo) {
  Runs() = "churn-1";
  target_.sick = "churn-2";
  Order order = MakeOrder(2, "churn-2", "churn-1");
  order.on_failure = OnFailure::kStay;
  Give({order});
  RunOut();
  EXPECT_EQ(One().end, ReconcileEnd::kFailed);
  EXPECT_EQ(One().running.text(), "churn-2");
}

TEST_F(ReconcilerTest, StopsWhenTheWayBackFailsToo) {
  Runs() = "churn-1";
  target_.broken = "churn-1";
  target_.sick = "churn-2";
  Give({MakeOrder(2, "churn-2", "churn-1")});
  RunOut();
  EXPECT_EQ(One().end, ReconcileEnd::kRollbackFailed);
  EXPECT_THAT(One().detail, HasSubstr("bytes are gone"));
  const int applies = target_.applies;
  RunOut();
  EXPECT_EQ(target_.applies, applies);
}

TEST_F(ReconcilerTest, DoesNotBelieveAnApplyThatHadNoEffect) {
  target_.ignored = "churn-2";
  Give({MakeOrder(2, "churn-2", "")});
  RunOut();
  EXPECT_EQ(One().end, ReconcileEnd::kFailed);
  EXPECT_THAT(One().detail, HasSubstr("was applied, but is not so"));
  EXPECT_TRUE(One().running.empty());
}

TEST_F(ReconcilerTest, TriesPassingErrorsAgainAndGivesUpAfterFive) {
  target_.passing_errors = 5;
  Give({MakeOrder(1, "churn-1", "")});
  RunOut();
  EXPECT_EQ(One().end, ReconcileEnd::kDeployed);
  AcknowledgeAll();
  target_.passing_errors = 6;
  Give({MakeOrder(2, "churn-2", "")});
  RunOut();
  EXPECT_EQ(One().end, ReconcileEnd::kFailed);
  EXPECT_EQ(One().running.text(), "");
}

TEST_F(ReconcilerTest, TellsWhatWasDoneButNotToldBeforeARestart) {
  Give({MakeOrder(1, "churn-1", "")});
  reconciler_->StepForTest();
  ASSERT_EQ(One().end, ReconcileEnd::kDeployed);
  const int applies = target_.applies;
  Restart();
  Give({MakeOrder(1, "churn-1", "")});
  RunOut();
  EXPECT_EQ(One().end, ReconcileEnd::kDeployed);
  EXPECT_TRUE(One().recovered);
  EXPECT_EQ(target_.applies, applies);
}

TEST_F(ReconcilerTest, TellsOfNoRestartWhenItsFirstAttemptFailsBeforeItChangedAnything) {
  target_.broken = "churn-1";
  Give({MakeOrder(1, "churn-1", "")});
  RunOut();
  EXPECT_EQ(One().end, ReconcileEnd::kFailed);
  EXPECT_FALSE(One().recovered);
}

TEST_F(ReconcilerTest, TellsARecordedFailureAgainWithoutJudgingItAgain) {
  target_.sick = "churn-2";
  Order order = MakeOrder(2, "churn-2", "");
  Give({order});
  RunOut();
  ASSERT_EQ(One().end, ReconcileEnd::kFailed);
  target_.sick.clear();
  Restart();
  Give({order});
  RunOut();
  EXPECT_EQ(One().end, ReconcileEnd::kFailed);
  EXPECT_TRUE(One().recovered);
}

TEST_F(ReconcilerTest, GoesOnWithABegunWayBackWithoutJudgingItAgain) {
  Deployment row;
  row.environment = EnvironmentName("prod");
  row.project = ProjectName("churn");
  row.release = ReleaseName("churn-2");
  row.spec = "spec";
  row.state = DeploymentState::kRollingBack;
  row.reason = "it was sick";
  AttemptRecord record;
  record.order = 2;
  record.process = "earlier";
  row.steps_json = AttemptRecordToJson(record);
  ASSERT_TRUE(store_.Begin(row));
  Runs() = "churn-2";
  Give({MakeOrder(2, "churn-2", "churn-1")});
  RunOut();
  EXPECT_EQ(One().end, ReconcileEnd::kRolledBack);
  EXPECT_EQ(One().detail, "it was sick");
  EXPECT_TRUE(One().recovered);
  EXPECT_EQ(Runs(), "churn-1");
}

TEST_F(ReconcilerTest, OwesTheFactWhenOnlyTheTargetKnowsThatItWasDone) {
  Runs() = "churn-1";
  Give({MakeOrder(1, "churn-1", "")});
  RunOut();
  EXPECT_EQ(One().end, ReconcileEnd::kDeployed);
  EXPECT_TRUE(One().recovered);
  EXPECT_EQ(target_.applies, 0);
}

TEST_F(ReconcilerTest, EndsADeploymentInProgressBeforeALaterOrder) {
  target_.sick = "churn-1";
  Give({MakeOrder(1, "churn-1", "")});
  reconciler_->StepForTest();
  Give({MakeOrder(2, "churn-2", "")});
  reconciler_->StepForTest();
  EXPECT_EQ(Runs(), "churn-1");
  RunOut();
  const auto results = reconciler_->Results();
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(results[0].end, ReconcileEnd::kFailed);
  EXPECT_EQ(results[1].end, ReconcileEnd::kDeployed);
  EXPECT_EQ(Runs(), "churn-2");
}

TEST_F(ReconcilerTest, LeavesAPairThatIsNoLongerOrderedAsItRuns) {
  Give({Finished(1, "churn-1", "")});
  Give({});
  RunOut();
  EXPECT_EQ(target_.applies, 0);
  EXPECT_TRUE(reconciler_->Observations().empty());
}

TEST_F(ReconcilerTest, PrunesOnlyWhenTheLogHasTheEnd) {
  Give({MakeOrder(2, "churn-2", "churn-1")});
  RunOut();
  Give({Finished(2, "churn-2", "churn-1")});
  reconciler_->StepForTest();
  EXPECT_EQ(target_.pruned, "never");
  AcknowledgeAll();
  RunOut();
  EXPECT_EQ(target_.pruned, "churn-2 churn-1 ");
}

TEST_F(ReconcilerTest, WorksInItsOwnThreadsAndStops) {
  Reconciler real(target_, store_, {2}, SystemClock());
  Guarded<int> told;
  std::condition_variable_any changed;
  real.OnResult([&] {
    *told.Lock() += 1;
    changed.notify_all();
  });
  real.Start();
  real.SetOrders(Shared({MakeOrder(1, "churn-1", "")}));
  {
    auto access = told.Lock();
    changed.wait(access.lock(), [&access] { return *access > 0; });
  }
  EXPECT_EQ(real.Results().front().end, ReconcileEnd::kDeployed);
  real.Stop();
  real.Stop();
}

}  // namespace
}  // namespace failgate
