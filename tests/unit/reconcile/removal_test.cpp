// Taking away what a pair has deployed.
#include "tests/unit/reconcile/reconcile_world.h"

namespace failgate {
namespace {

class RemovalTest : public ReconcileWorld {
 protected:
  RemovalTest() { Runs() = "churn-1"; }
  static Order RemovalOrder(long attempt = 2) {
    Order order = MakeOrder(attempt, "churn-1", "");
    order.removes = true;
    return order;
  }
};

TEST_F(RemovalTest, TakesItAwayOnceAndTells) {
  Give({RemovalOrder()});
  RunOut();
  EXPECT_TRUE(target_.runs.empty());
  EXPECT_EQ(One().end, ReconcileEnd::kRemoved);
  EXPECT_EQ(One().release.text(), "churn-1");
  EXPECT_EQ(One().attempt, 2);
  Give({RemovalOrder()});  // the fact is not on the remote yet
  RunOut();
  EXPECT_EQ(reconciler_->Results().size(), 1U);
}

TEST_F(RemovalTest, FollowsADriftWatchAndIsFollowedByADeployment) {
  Give({Finished(1, "churn-1", "")});
  RunOut();
  Give({RemovalOrder()});
  RunOut();
  EXPECT_EQ(One().end, ReconcileEnd::kRemoved);
  AcknowledgeAll();
  Give({});
  Give({MakeOrder(3, "churn-1", "")});
  RunOut();
  EXPECT_EQ(Runs(), "churn-1");
  EXPECT_EQ(One().end, ReconcileEnd::kDeployed);
}

TEST_F(RemovalTest, IsDoneAgainByTheNextProcessAndSaysSo) {
  Give({RemovalOrder()});
  RunOut();
  Restart();
  Give({RemovalOrder()});
  RunOut();
  EXPECT_EQ(One().end, ReconcileEnd::kRemoved);
  EXPECT_TRUE(One().recovered);
}

TEST_F(RemovalTest, IsTriedAgainWhenTheErrorMayPassAndGivenUpWhenItDoesNot) {
  target_.passing_errors = 3;
  Give({RemovalOrder()});
  RunOut();
  EXPECT_EQ(One().end, ReconcileEnd::kRemoved);
  AcknowledgeAll();
  Runs() = "churn-1";
  target_.passing_errors = 100;
  Give({RemovalOrder(3)});
  RunOut();
  EXPECT_EQ(One().end, ReconcileEnd::kRemoveFailed);
  EXPECT_NE(One().detail.find("disk full"), std::string::npos);
}

TEST_F(RemovalTest, IsNotBelievedBeforeNothingIsThereAnyMore) {
  target_.stays = true;
  Give({RemovalOrder()});
  reconciler_->StepForTest();
  EXPECT_TRUE(reconciler_->Results().empty()) << "it is tried again";
  RunOut();
  EXPECT_EQ(One().end, ReconcileEnd::kRemoveFailed);
  EXPECT_NE(One().detail.find("was taken away, but something is there"), std::string::npos);
}

TEST_F(RemovalTest, TouchesNothingWhenSomethingForeignStandsThere) {
  target_.foreign = "/srv/model";
  Give({RemovalOrder()});
  RunOut();
  EXPECT_EQ(One().end, ReconcileEnd::kRemoveFailed);
  EXPECT_EQ(Runs(), "churn-1");
}

}  // namespace
}  // namespace failgate
