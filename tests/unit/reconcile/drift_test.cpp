#include <gmock/gmock.h>

#include "tests/unit/reconcile/reconcile_world.h"

namespace failgate {
namespace {

class DriftTest : public ReconcileWorld {
 protected:
  std::vector<ReconcileEnd> Ends() {
    std::vector<ReconcileEnd> ends;
    for (const ReconcileResult& result : reconciler_->Results()) ends.push_back(result.end);
    return ends;
  }
  [[nodiscard]] Observed Seen() const { return reconciler_->Observations().begin()->second; }
};

TEST_F(DriftTest, IsToldThenHealed) {
  Runs() = "churn-1";
  Give({Finished(1, "churn-1", "")});
  reconciler_->StepForTest();
  EXPECT_TRUE(Seen().as_wanted);
  EXPECT_TRUE(Ends().empty());
  Runs() = "tampered";
  RunOut();
  EXPECT_THAT(Ends(), testing::ElementsAre(ReconcileEnd::kDrifted, ReconcileEnd::kHealed));
  EXPECT_EQ(Runs(), "churn-1");
}

TEST_F(DriftTest, IsNoneWhenTheTargetOnlyHasSomethingToSay) {
  Runs() = "churn-1";
  target_.notice = "another name points elsewhere";
  const Order order = Finished(1, "churn-1", "");
  Give({order});
  RunOut();
  EXPECT_TRUE(Seen().as_wanted);
  EXPECT_TRUE(Ends().empty());
  EXPECT_THAT(reconciler_->Notice(order.environment, order.project),
              testing::HasSubstr("another name points elsewhere"));
  target_.notice.clear();
  RunOut();
  EXPECT_EQ(reconciler_->Notice(order.environment, order.project), "");
}

TEST_F(DriftTest, IsLookedForSoonWhenSomebodyHintsAtIt) {
  Runs() = "churn-1";
  Order order = Finished(1, "churn-1", "");
  order.drift.every = std::chrono::hours(1);
  Give({order});
  reconciler_->StepForTest();
  Runs() = "tampered";
  reconciler_->CheckSoon([](const Order& one) { return one.project.text() == "another"; });
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_EQ(reconciler_->StepForTest(), 0U);
  for (int i = 0; i < 100; ++i) {
    reconciler_->CheckSoon([](const Order&) { return true; });
  }
  EXPECT_EQ(reconciler_->StepForTest(), 0U) << "hints that come together are one look";
  clock_.Advance(std::chrono::milliseconds(500));
  EXPECT_EQ(reconciler_->StepForTest(), 1U);
  EXPECT_THAT(Ends(), testing::ElementsAre(ReconcileEnd::kDrifted));
}

TEST_F(DriftTest, IsOnlyToldOnceWhenNotToBeHealed) {
  Order order = Finished(1, "churn-1", "");
  order.drift.heal = false;
  Runs() = "tampered";
  Give({order});
  RunOut();
  EXPECT_THAT(Ends(), testing::ElementsAre(ReconcileEnd::kDrifted));
  EXPECT_EQ(Runs(), "tampered");
  EXPECT_FALSE(Seen().as_wanted);
  Runs() = "churn-1";
  RunOut();
  EXPECT_THAT(Ends(), testing::ElementsAre(ReconcileEnd::kDrifted, ReconcileEnd::kHealed));
}

TEST_F(DriftTest, TellsAFailedHealOnceAndTriesAgain) {
  Runs() = "tampered";
  target_.broken = "churn-1";
  Give({Finished(1, "churn-1", "")});
  RunOut();
  EXPECT_THAT(Ends(), testing::ElementsAre(ReconcileEnd::kDrifted, ReconcileEnd::kHealFailed));
  EXPECT_GT(target_.applies, 1);
  target_.broken.clear();
  for (int i = 0; i < 10; ++i) RunOut();
  EXPECT_THAT(Ends(),
              testing::ElementsAre(
                  ReconcileEnd::kDrifted, ReconcileEnd::kHealFailed, ReconcileEnd::kHealed));
}

TEST_F(DriftTest, OwesHealedWhenTheLogStillSaysDrifted) {
  Order order = Finished(1, "churn-1", "");
  order.drifted = true;
  Runs() = "churn-1";
  Give({order});
  RunOut();
  EXPECT_THAT(Ends(), testing::ElementsAre(ReconcileEnd::kHealed));
}

TEST_F(DriftTest, ASickReleaseIsToldOnceEachWayAndNotTouched) {
  Runs() = "churn-1";
  target_.sick = "churn-1";
  Give({Finished(1, "churn-1", "")});
  reconciler_->StepForTest();
  EXPECT_TRUE(Ends().empty()) << "a second look decides";
  RunOut();
  EXPECT_THAT(Ends(), testing::ElementsAre(ReconcileEnd::kUnhealthy));
  EXPECT_EQ(One().detail, "it is sick");
  EXPECT_TRUE(Seen().as_wanted);
  EXPECT_FALSE(Seen().healthy);
  EXPECT_EQ(target_.applies, 0);
  target_.sick.clear();
  RunOut();
  EXPECT_THAT(Ends(), testing::ElementsAre(ReconcileEnd::kUnhealthy, ReconcileEnd::kHealed));
  EXPECT_TRUE(reconciler_->Results().back().healthy);
}

TEST_F(DriftTest, OwesHealedWhenTheLogStillSaysUnhealthy) {
  Order order = Finished(1, "churn-1", "");
  order.unhealthy = true;
  Runs() = "churn-1";
  target_.sick = "churn-1";
  Give({order});
  RunOut();
  EXPECT_TRUE(Ends().empty()) << "the log has it already";
  target_.sick.clear();
  RunOut();
  EXPECT_THAT(Ends(), testing::ElementsAre(ReconcileEnd::kHealed));
}

TEST_F(DriftTest, LooksFullyAsOftenAsTold) {
  Order order = Finished(1, "churn-1", "");
  order.drift.full = Milliseconds(600'000);
  Runs() = "churn-1";
  Give({order});
  for (int i = 0; i < 15; ++i) RunOut();
  EXPECT_GE(target_.full_looks, 2);
  EXPECT_LE(target_.full_looks, 4);
}

TEST_F(DriftTest, LooksAtOnceWhenAsked) {
  Runs() = "churn-1";
  Give({Finished(1, "churn-1", "")});
  reconciler_->StepForTest();
  EXPECT_EQ(reconciler_->StepForTest(), 0U);
  reconciler_->CheckNow(EnvironmentName("prod"), ProjectName("churn"));
  EXPECT_EQ(reconciler_->StepForTest(), 1U);
}

}  // namespace
}  // namespace failgate
