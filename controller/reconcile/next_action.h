// What comes next in carrying out an order: a pure function of the order, the row and what is seen.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/reconcile/order.h"
#include "controller/store/deployment_store.h"
#include "controller/targets/target.h"

namespace failgate {

enum class StepHealth { kUnasked, kHealthy, kUnhealthy };

/// What is known of one step of the goal.
struct StepView {
  std::optional<Observation> seen;  ///< nullopt: not looked at yet
  StepHealth health = StepHealth::kUnasked;
  std::string health_detail;
  std::string failure;  ///< not empty: it cannot be applied, or was applied and is not so
};

/// How far an attempt is.
struct AttemptView {
  std::optional<DeploymentState> row;        ///< nullopt: not begun
  std::vector<StepView> steps;               ///< of the goal
  StepHealth checks = StepHealth::kUnasked;  ///< of Order::checks, together
  std::string checks_detail = {};
};

struct Action {
  enum class Kind {
    kBegin,      ///< write the row
    kObserve,    ///< look at `step`
    kApply,      ///< make `step` so, and look again
    kCheck,      ///< all is in place: the row goes to checking
    kAskHealth,  ///< of `step`
    kAskChecks,  ///< all is healthy: the order's checks look at it
    kRollBack,   ///< the row goes to rolling-back; the goal is the previous release from now on
    kEnd,        ///< the attempt ends with `end`
  };
  Kind kind = Kind::kBegin;
  std::size_t step = 0;
  ReconcileEnd end = ReconcileEnd::kDeployed;
  std::string reason;  ///< for kRollBack and a failed end: why
};

/// What the attempt works towards: `wanted`, or `previous` once the row is rolling back.
[[nodiscard]] const Deployable& GoalOf(const Order& order, std::optional<DeploymentState> row);

/// A begun way back goes on and is not judged again; a failure on it is the end. `view.row` is
/// never a finished state.
[[nodiscard]] Action NextAction(const Order& order, const AttemptView& view);

}  // namespace failgate
