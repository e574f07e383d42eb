// What executing runs needs from the rest of the program: stores, runner, bounds, folders,
// questions.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "controller/artifacts/artifact_store.h"
#include "controller/base/clock.h"
#include "controller/base/ids.h"
#include "controller/config/server_file.h"
#include "controller/runners/runner.h"
#include "controller/store/run_store.h"
#include "controller/store/step_store.h"
#include "policies/model_facts.h"

namespace failgate {

class RunData;
class WatchedData;

/// What runs in the last environment of the ladder.
struct Champion {
  ReleaseName release;
  std::vector<ArtifactRecord> artifacts;
  CommitId revision = {};
};

/// Not known is not the same as none: before the log was read once nobody can tell.
struct ChampionAnswer {
  bool known = false;
  std::optional<Champion> champion;  ///< nullopt of a known one: nothing runs there
};

/// An artifact of the newest full training that was released.
struct CarriedArtifact {
  ArtifactRecord artifact;  ///< origin_run and origin_release say where the bytes come from
  CommitId revision;        ///< of the code they were trained with; empty = not known
  /// What the run of that training measured.
  std::vector<StepMeasurement> measured = {};
};

/// Called from worker threads, also at the same time; each may be empty.
struct ExecutionQuestions {
  std::function<ChampionAnswer(const ProjectName&)> champion;
  std::function<std::optional<CarriedArtifact>(const ProjectName&, const std::string& artifact)>
      carried;
  /// Checks the mirror of a source that could not be read; true = it is broken and being replaced.
  std::function<bool(const SourceName&)> mirror_is_broken;
};

/// Folders below the data directory.
struct ExecutionFolders {
  std::filesystem::path mirrors;           ///< SOURCE.git
  std::filesystem::path workspaces;        ///< RUN/STEP-ATTEMPT, removed after each attempt
  std::filesystem::path logs;              ///< RUN/STEP.log
  std::filesystem::path reports;           ///< RUN/STEP/…, removed when the run has ended
  std::filesystem::path checkpoints = {};  ///< PROJECT/STEP, removed when the training has passed

  [[nodiscard]] static ExecutionFolders Below(const std::filesystem::path& data_dir);
};

/// The references outlive every execution; all of them are thread-safe.
struct ExecutionParts {
  RunStore& runs;
  StepStore& steps;
  ArtifactStore& artifacts;
  StepRunner& runner;
  const Clock& clock;
  RunnerSettings settings;
  ExecutionFolders folders;
  ExecutionQuestions questions;
  std::optional<MlflowSettings> mlflow = {};  ///< steps of its projects are told where it is
  WatchedData* watched = {};                  ///< nullptr: there are no watches
  RunData* data = nullptr;  ///< brings what git keeps elsewhere; nullptr: there is no data
};

}  // namespace failgate
