// From a planned pipeline to the row that queues its run. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "controller/base/ids.h"
#include "controller/pipeline/plan.h"
#include "controller/store/run.h"

namespace failgate {

/// Runs that are asked for with `--training full` have a key of their own beside the plain one.
inline constexpr const char* kFullTrainingNonce = "training-full";

struct RunDraft {
  SourceName source;
  std::string ref;
  CommitId revision;
  CommitId base_revision;
  std::string data_version;
  TriggerKind trigger = TriggerKind::kCode;
  std::optional<TrainingMode> training;  ///< nullopt: as the pipeline says
  std::vector<std::string> deliveries;
  std::string requested_by;
  std::string again_nonce;
  std::string reason;
  std::optional<OvertakenData> overtaken = {};
};

[[nodiscard]] RunTrigger ToRunTrigger(TriggerKind trigger);
[[nodiscard]] TriggerKind ToTriggerKind(RunTrigger trigger);

/// Plans the steps; `measured` are the statistics of the project. A draft without steps has nothing
/// to run.
[[nodiscard]] NewRun DraftRun(const Pipeline& pipeline,
                              const RunDraft& draft,
                              const std::map<std::string, StepStatistics>& measured);

}  // namespace failgate
