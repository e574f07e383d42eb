// What the parts of reconciling share: what they act with, and what one pass over a pair comes to.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/base/clock.h"
#include "controller/checks/check_desk.h"
#include "controller/reconcile/order.h"
#include "controller/store/deployment_store.h"
#include "controller/targets/target.h"

namespace failgate {

struct ReconcileParts {
  Target& target;
  DeploymentStore& deployments;
  const Clock& clock;
  std::string process;          ///< this life of the controller
  CheckDesk* checks = nullptr;  ///< nullptr: checks after a deployment cannot be run
};

struct ReconcilePass {
  std::vector<ReconcileResult> results;  ///< new ones, in order
  std::optional<Milliseconds> wait;      ///< until the next pass; nullopt: nothing left to do
  Observed observed;
};

[[nodiscard]] inline TargetStep StepOf(const Order& order,
                                       const Deployable& goal,
                                       std::size_t index) {
  return TargetStep{order.environment, order.project, &goal, &goal.steps[index]};
}

}  // namespace failgate
