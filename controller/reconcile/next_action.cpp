#include "controller/reconcile/next_action.h"

#include <fmt/format.h>

#include "controller/base/error.h"

namespace failgate {
namespace {

Action Make(Action::Kind kind, std::size_t step = 0) {
  Action action;
  action.kind = kind;
  action.step = step;
  return action;
}

Action End(ReconcileEnd end, std::string reason = {}) {
  Action action = Make(Action::Kind::kEnd);
  action.end = end;
  action.reason = std::move(reason);
  return action;
}

Action AfterFailure(const Order& order, DeploymentState row, std::string reason) {
  if (row == DeploymentState::kRollingBack) return End(ReconcileEnd::kRollbackFailed, reason);
  if (order.on_failure == OnFailure::kStay || !order.previous) {
    return End(ReconcileEnd::kFailed, std::move(reason));
  }
  Action action = Make(Action::Kind::kRollBack);
  action.reason = std::move(reason);
  return action;
}

}  // namespace

const Deployable& GoalOf(const Order& order, std::optional<DeploymentState> row) {
  const bool back = row == DeploymentState::kRollingBack && order.previous.has_value();
  return back ? *order.previous : order.wanted;
}

Action NextAction(const Order& order, const AttemptView& view) {
  if (!view.row) return Make(Action::Kind::kBegin);
  const DeploymentState row = *view.row;
  Check(!IsFinished(row), "an attempt that ended has no next action");
  if (row == DeploymentState::kRollingBack && !order.previous) {
    return End(ReconcileEnd::kRollbackFailed, "there is no earlier release to go back to");
  }
  const std::vector<DeployStep>& steps = GoalOf(order, row).steps;
  Check(view.steps.size() == steps.size(), "each step of the goal has a view");
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const StepView& step = view.steps[i];
    if (!step.failure.empty()) {
      return AfterFailure(order, row, fmt::format("{}: {}", steps[i].name, step.failure));
    }
    if (!step.seen) return Make(Action::Kind::kObserve, i);
    switch (step.seen->kind) {
      case Observation::Kind::kAsWanted:
        break;
      case Observation::Kind::kForeign:
        return AfterFailure(order, row, fmt::format("{}: {}", steps[i].name, step.seen->detail));
      case Observation::Kind::kAbsent:
      case Observation::Kind::kDiffers:
        return Make(Action::Kind::kApply, i);
    }
  }
  if (row == DeploymentState::kPending || row == DeploymentState::kApplying) {
    return Make(Action::Kind::kCheck);
  }
  for (std::size_t i = 0; i < steps.size(); ++i) {
    switch (view.steps[i].health) {
      case StepHealth::kHealthy:
        break;
      case StepHealth::kUnasked:
        return Make(Action::Kind::kAskHealth, i);
      case StepHealth::kUnhealthy:
        return AfterFailure(
            order,
            row,
            fmt::format("{} is not healthy: {}", steps[i].name, view.steps[i].health_detail));
    }
  }
  // The way back leads to what passed its checks when it came.
  if (row != DeploymentState::kRollingBack && !order.checks.empty()) {
    switch (view.checks) {
      case StepHealth::kHealthy:
        break;
      case StepHealth::kUnasked:
        return Make(Action::Kind::kAskChecks);
      case StepHealth::kUnhealthy:
        return AfterFailure(order, row, view.checks_detail);
    }
  }
  return End(row == DeploymentState::kRollingBack ? ReconcileEnd::kRolledBack
                                                  : ReconcileEnd::kDeployed);
}

}  // namespace failgate
