// The target of each step, by what the step deploys to.
#pragma once

#include "controller/targets/target.h"

namespace failgate {

/// As thread-safe as the targets behind it.
class TargetByKind final : public Target {
 public:
  /// They must outlive it; mlflow nullptr: the server file names no MLflow server, and such steps
  /// throw Error(kNeedsChange).
  TargetByKind(Target& directory, Target* mlflow) : directory_(directory), mlflow_(mlflow) {}

  [[nodiscard]] Observation Observe(const TargetStep& step, bool full) override;
  void Apply(const TargetStep& step) override;
  [[nodiscard]] HealthAnswer Healthy(const TargetStep& step,
                                     Milliseconds within,
                                     const std::stop_token& stop) override;
  void Prune(const TargetStep& step, const std::vector<TargetStep>& keep) override;
  void Remove(const TargetStep& step) override;

 private:
  [[nodiscard]] Target& Of(const TargetStep& step) const;

  Target& directory_;
  Target* mlflow_;
};

}  // namespace failgate
