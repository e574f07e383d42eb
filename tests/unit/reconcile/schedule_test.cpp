#include "controller/reconcile/schedule.h"

#include "tests/unit/reconcile/reconcile_world.h"

namespace failgate {
namespace {

class ScheduleTest : public ReconcileWorld {
 protected:
  static Order Of(const std::string& project) {
    Order order = Finished(1, "churn-1", "");
    order.project = ProjectName(project);
    return order;
  }
  static Pair Named(const std::string& project) {
    return {EnvironmentName("prod"), ProjectName(project)};
  }
  /// Project of the pair that is taken next; "" when none is due.
  std::string Take() {
    const auto due = schedule_.TakeNext();
    return due ? due->pair.second.text() : std::string();
  }
  void GiveBack(const std::string& project, Milliseconds wait) {
    ReconcilePass pass;
    pass.wait = wait;
    schedule_.Done(Named(project), std::move(pass));
  }

  ReconcileParts parts_{target_, store_, clock_, "process"};
  Schedule schedule_{parts_};
};

TEST_F(ScheduleTest, GivesEachDuePairToOneWorkerLongestDueFirst) {
  schedule_.SetOrders(Shared({Of("a"), Of("b"), Of("c")}));
  EXPECT_EQ(Take(), "a");
  EXPECT_EQ(schedule_.Due().size(), 2U);
  EXPECT_EQ(Take(), "b");
  EXPECT_EQ(Take(), "c");
  EXPECT_EQ(Take(), "");
  EXPECT_FALSE(schedule_.UntilDue().has_value());
  GiveBack("a", Milliseconds(3000));
  GiveBack("b", Milliseconds(1000));
  GiveBack("c", Milliseconds(2000));
  EXPECT_FALSE(schedule_.HasDue());
  EXPECT_EQ(schedule_.UntilDue(), Milliseconds(1001));
  clock_.Advance(Milliseconds(10'000));
  EXPECT_EQ(Take(), "b");
  EXPECT_EQ(Take(), "c");
  EXPECT_EQ(Take(), "a");
}

TEST_F(ScheduleTest, LooksAgainWhenAskedWhileAWorkerHasIt) {
  schedule_.SetOrders(Shared({Of("a")}));
  EXPECT_EQ(Take(), "a");
  schedule_.CheckNow(Named("a"));
  EXPECT_FALSE(schedule_.HasDue());
  GiveBack("a", Milliseconds(60'000));
  EXPECT_EQ(Take(), "a");
  GiveBack("a", Milliseconds(60'000));
  EXPECT_FALSE(schedule_.HasDue());
  schedule_.CheckNow(Named("a"));
  EXPECT_EQ(Take(), "a");
}

TEST_F(ScheduleTest, AnOrderThatIsGoneIsLetGoWhenItsWorkerGivesItBack) {
  schedule_.SetOrders(Shared({Of("a"), Of("b")}));
  EXPECT_EQ(Take(), "a");
  schedule_.SetOrders({});
  EXPECT_TRUE(schedule_.Observations().empty());
  EXPECT_EQ(Take(), "");
  GiveBack("a", Milliseconds(1000));
  clock_.Advance(Milliseconds(60'000));
  EXPECT_EQ(Take(), "");
  EXPECT_FALSE(schedule_.UntilDue().has_value());
  schedule_.SetOrders(Shared({Of("a")}));
  EXPECT_EQ(Take(), "a");
}

}  // namespace
}  // namespace failgate
