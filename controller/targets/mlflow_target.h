// The target `mlflow`: an alias of a registered model, at the version that is the release's
// artifact.
#pragma once

#include <string>

#include "controller/mlflow/mlflow_caller.h"
#include "controller/mlflow/mlflow_registry.h"
#include "controller/mlflow/run_recording.h"
#include "controller/targets/target.h"

namespace failgate {

/// Thread-safe for different steps. Nothing is kept here: what is there is asked of the server each
/// time. An alias is ours when the model's tag `failgate.alias.ALIAS` names the pair; one that
/// somebody else set is never moved.
class MlflowAliasTarget final : public Target {
 public:
  /// Both must outlive it.
  MlflowAliasTarget(const MlflowCaller& caller, RunRecording& recording)
      : registry_(caller), recording_(recording) {}

  [[nodiscard]] Observation Observe(const TargetStep& step, bool full) override;
  /// The version is found by its tags before it is made; the alias is read, set and read back.
  void Apply(const TargetStep& step) override;
  [[nodiscard]] HealthAnswer Healthy(const TargetStep& step,
                                     Milliseconds within,
                                     const std::stop_token& stop) override;
  /// Aliases of the model that the pair has no more; versions stay, they are the model's history.
  void Prune(const TargetStep& step, const std::vector<TargetStep>& keep) override;
  /// The alias goes; model, versions and runs stay.
  void Remove(const TargetStep& step) override;

 private:
  [[nodiscard]] MlflowVersion VersionFor(const TargetStep& step, const MlflowTags& wanted);

  MlflowRegistry registry_;
  RunRecording& recording_;
};

}  // namespace failgate
