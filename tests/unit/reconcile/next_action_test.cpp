#include "controller/reconcile/next_action.h"

#include <gtest/gtest.h>

namespace failgate {
namespace {

using Kind = Action::Kind;
using Seen = Observation::Kind;
using State = DeploymentState;

Order TwoSteps() {
  Order order;
  order.wanted.release = ReleaseName("churn-2");
  order.wanted.steps = {DeployStep{"one", {}, std::nullopt}, DeployStep{"two", {}, std::nullopt}};
  order.previous = order.wanted;
  order.previous->release = ReleaseName("churn-1");
  return order;
}

StepView Step(Seen seen, StepHealth health = StepHealth::kUnasked) {
  StepView view;
  view.seen = Observation{seen, "why"};
  view.health = health;
  return view;
}

struct Row {
  const char* name;
  std::optional<State> row;
  std::vector<StepView> steps;
  Kind kind;
  std::size_t step;
  ReconcileEnd end;
};

StepView Failed() {
  StepView view = Step(Seen::kDiffers);
  view.failure = "broken";
  return view;
}

std::vector<Row> Table() {
  const StepView unseen;
  const StepView good = Step(Seen::kAsWanted);
  const StepView absent = Step(Seen::kAbsent);
  const StepView differs = Step(Seen::kDiffers);
  const StepView foreign = Step(Seen::kForeign);
  const StepView healthy = Step(Seen::kAsWanted, StepHealth::kHealthy);
  const StepView sick = Step(Seen::kAsWanted, StepHealth::kUnhealthy);
  constexpr auto kNone = ReconcileEnd::kDeployed;
  return {
      {"no row", std::nullopt, {}, Kind::kBegin, 0, kNone},
      {"nothing seen", State::kPending, {unseen, unseen}, Kind::kObserve, 0, kNone},
      {"absent", State::kPending, {absent, unseen}, Kind::kApply, 0, kNone},
      {"first right", State::kApplying, {good, unseen}, Kind::kObserve, 1, kNone},
      {"second differs", State::kApplying, {good, differs}, Kind::kApply, 1, kNone},
      {"all right", State::kApplying, {good, good}, Kind::kCheck, 0, kNone},
      {"changed while checking", State::kChecking, {good, differs}, Kind::kApply, 1, kNone},
      {"checking", State::kChecking, {good, good}, Kind::kAskHealth, 0, kNone},
      {"first healthy", State::kChecking, {healthy, good}, Kind::kAskHealth, 1, kNone},
      {"all healthy", State::kChecking, {healthy, healthy}, Kind::kEnd, 0, kNone},
      {"sick", State::kChecking, {healthy, sick}, Kind::kRollBack, 0, kNone},
      {"foreign", State::kApplying, {foreign, unseen}, Kind::kRollBack, 0, kNone},
      {"broken", State::kApplying, {good, Failed()}, Kind::kRollBack, 0, kNone},
      {"back: unseen", State::kRollingBack, {unseen, unseen}, Kind::kObserve, 0, kNone},
      {"back: differs", State::kRollingBack, {differs, unseen}, Kind::kApply, 0, kNone},
      {"back: asks", State::kRollingBack, {good, good}, Kind::kAskHealth, 0, kNone},
      {"back: healthy",
       State::kRollingBack,
       {healthy, healthy},
       Kind::kEnd,
       0,
       ReconcileEnd::kRolledBack},
      {"back: sick",
       State::kRollingBack,
       {healthy, sick},
       Kind::kEnd,
       0,
       ReconcileEnd::kRollbackFailed},
      {"back: foreign",
       State::kRollingBack,
       {foreign, unseen},
       Kind::kEnd,
       0,
       ReconcileEnd::kRollbackFailed},
  };
}

TEST(NextAction, FollowsTheTable) {
  for (const Row& row : Table()) {
    const Action action = NextAction(TwoSteps(), AttemptView{row.row, row.steps});
    EXPECT_EQ(action.kind, row.kind) << row.name;
    EXPECT_EQ(action.step, row.step) << row.name;
    EXPECT_EQ(action.end, row.end) << row.name;
  }
}

TEST(NextAction, StaysWhenToldToOrWhenThereIsNoWayBack) {
  const AttemptView sick{State::kChecking,
                         {Step(Seen::kAsWanted, StepHealth::kUnhealthy), Step(Seen::kAsWanted)}};
  Order stay = TwoSteps();
  stay.on_failure = OnFailure::kStay;
  EXPECT_EQ(NextAction(stay, sick).end, ReconcileEnd::kFailed);
  Order first = TwoSteps();
  first.previous.reset();
  EXPECT_EQ(NextAction(first, sick).end, ReconcileEnd::kFailed);
}

TEST(NextAction, EndsABegunWayBackWhoseReleaseIsGone) {
  Order order = TwoSteps();
  order.previous.reset();
  const Action action = NextAction(order, AttemptView{State::kRollingBack, {}});
  EXPECT_EQ(action.end, ReconcileEnd::kRollbackFailed);
}

struct CheckRow {
  const char* name;
  State row;
  StepHealth checks;
  OnFailure on_failure;
  Kind kind;
  ReconcileEnd end;
};

TEST(NextAction, AsksTheChecksOnceAllIsHealthy) {
  constexpr auto kDone = ReconcileEnd::kDeployed;
  const std::vector<CheckRow> table = {
      {"unasked",
       State::kChecking,
       StepHealth::kUnasked,
       OnFailure::kRollback,
       Kind::kAskChecks,
       kDone},
      {"passed", State::kChecking, StepHealth::kHealthy, OnFailure::kRollback, Kind::kEnd, kDone},
      {"failed",
       State::kChecking,
       StepHealth::kUnhealthy,
       OnFailure::kRollback,
       Kind::kRollBack,
       kDone},
      {"stays",
       State::kChecking,
       StepHealth::kUnhealthy,
       OnFailure::kStay,
       Kind::kEnd,
       ReconcileEnd::kFailed},
      {"back",
       State::kRollingBack,
       StepHealth::kUnasked,
       OnFailure::kRollback,
       Kind::kEnd,
       ReconcileEnd::kRolledBack}};
  const StepView healthy = Step(Seen::kAsWanted, StepHealth::kHealthy);
  for (const CheckRow& row : table) {
    Order order = TwoSteps();
    order.checks = {OperationsCheck{"smoke", "functional", "./smoke.sh"}};
    order.on_failure = row.on_failure;
    AttemptView view{row.row, {healthy, healthy}};
    view.checks = row.checks;
    view.checks_detail = "check smoke failed";
    const Action action = NextAction(order, view);
    EXPECT_EQ(action.kind, row.kind) << row.name;
    if (row.kind == Kind::kEnd) {
      EXPECT_EQ(action.end, row.end) << row.name;
    }
  }
  Order sick = TwoSteps();
  sick.checks = {OperationsCheck{"smoke", "functional", "./smoke.sh"}};
  EXPECT_EQ(NextAction(sick, {State::kChecking, {healthy, Step(Seen::kAsWanted)}}).kind,
            Kind::kAskHealth)
      << "health comes first";
}

}  // namespace
}  // namespace failgate
