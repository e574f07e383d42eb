// Experiments and runs of an MLflow server.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "controller/mlflow/mlflow_answers.h"
#include "controller/mlflow/mlflow_caller.h"

namespace failgate {

/// What a run is told once it is there. Metrics carry one time, so that logging twice is logging
/// once.
struct MlflowBatch {
  std::map<std::string, std::string> params;
  std::map<std::string, double> metrics;
  long long at = 0;  ///< milliseconds since 1970
};

/// Thread-safe. Functions throw Error, as MlflowCaller and for refusals.
class MlflowTracking {
 public:
  explicit MlflowTracking(const MlflowCaller& caller) : caller_(caller) {}

  /// The id; nullopt when there is no experiment of that name.
  [[nodiscard]] std::optional<std::string> FindExperiment(const std::string& name) const;
  /// Made unless it is there: somebody else may make it at the same time.
  [[nodiscard]] std::string Experiment(const std::string& name, const MlflowTags& tags) const;
  /// Runs with that tag, deleted ones included; at most 1,000. `value` is plain: letters, digits,
  /// '.', '_', '-'. Empty value: every run that has the tag.
  [[nodiscard]] MlflowRunPage FindRuns(const std::string& experiment,
                                       const std::string& tag,
                                       const std::string& value,
                                       const std::string& page = "") const;
  [[nodiscard]] MlflowRun MakeRun(const std::string& experiment,
                                  const std::string& name,
                                  long long started,
                                  const MlflowTags& tags) const;
  void Log(const std::string& run, const MlflowBatch& batch) const;
  void Finish(const std::string& run, long long ended) const;

 private:
  const MlflowCaller& caller_;
};

}  // namespace failgate
