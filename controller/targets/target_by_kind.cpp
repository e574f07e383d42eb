#include "controller/targets/target_by_kind.h"

#include <fmt/format.h>

#include "controller/base/error.h"

namespace failgate {

Target& TargetByKind::Of(const TargetStep& step) const {
  if (!step.step->mlflow) return directory_;
  if (mlflow_ == nullptr) {
    throw Error(Remedy::kNeedsChange,
                fmt::format("step {} deploys to MLflow, and the server file has no mlflow section",
                            step.step->name));
  }
  return *mlflow_;
}

Observation TargetByKind::Observe(const TargetStep& step, bool full) {
  return Of(step).Observe(step, full);
}

void TargetByKind::Apply(const TargetStep& step) {
  Of(step).Apply(step);
}

HealthAnswer TargetByKind::Healthy(const TargetStep& step,
                                   Milliseconds within,
                                   const std::stop_token& stop) {
  return Of(step).Healthy(step, within, stop);
}

void TargetByKind::Prune(const TargetStep& step, const std::vector<TargetStep>& keep) {
  std::vector<TargetStep> alike;
  for (const TargetStep& other : keep) {
    if (other.step->mlflow.has_value() == step.step->mlflow.has_value()) alike.push_back(other);
  }
  Of(step).Prune(step, alike);
}

void TargetByKind::Remove(const TargetStep& step) {
  Of(step).Remove(step);
}

}  // namespace failgate
