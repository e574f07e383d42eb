// What speaks with the MLflow server of the server file, put together.
#pragma once

#include <filesystem>
#include <string>

#include "controller/mlflow/mlflow_recorder.h"
#include "controller/promotion/promotion_snapshot.h"
#include "controller/targets/mlflow_target.h"

namespace failgate {

struct MlflowParts {
  /// Both must outlive it; `url` is where people find the controller.
  MlflowParts(const MlflowSettings& settings,
              const EnvironmentLookup& environment,
              const std::string& url)
      : caller(settings, environment),
        recording(caller, url),
        target(caller, recording),
        recorder(settings.projects, recording) {}

  /// One step of the recorder over the log as the snapshot has it; answers and throws as it does.
  bool RecordReleases(const std::filesystem::path& operations, const PromotionSnapshot& snapshot);

  MlflowCaller caller;
  RunRecording recording;
  MlflowAliasTarget target;
  MlflowRecorder recorder;
};

}  // namespace failgate
