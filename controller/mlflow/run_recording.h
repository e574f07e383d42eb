// Makes an MLflow server hold the run of a release: once, whoever asks how often.
#pragma once

#include <set>
#include <string>

#include "controller/base/guarded.h"
#include "controller/mlflow/mlflow_caller.h"
#include "controller/mlflow/mlflow_tracking.h"
#include "controller/release/release_record.h"

namespace failgate {

/// The run has all it is told.
[[nodiscard]] bool IsRecorded(const MlflowRun& run);

/// Thread-safe. One for a controller: the recorder and the target of models share it.
class RunRecording {
 public:
  /// `url` is where people find the controller; may be empty. The caller must outlive it.
  RunRecording(const MlflowCaller& caller, std::string url)
      : tracking_(caller), url_(std::move(url)) {}

  /// The run of the release, found by its tags before it is made, with everything it is told. A run
  /// that was deleted there is not made again. Throws Error; kRetry while another thread records
  /// the same release.
  MlflowRun Record(const ReleaseRecord& record);
  [[nodiscard]] const MlflowTracking& tracking() const { return tracking_; }

 private:
  [[nodiscard]] MlflowRun RecordAlone(const ReleaseRecord& record) const;

  MlflowTracking tracking_;
  std::string url_;
  Guarded<std::set<std::string>> under_way_;
};

}  // namespace failgate
