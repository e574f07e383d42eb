// What a push asks for, and which steps run in which order and why. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/ids.h"
#include "controller/pipeline/pipeline_file.h"

namespace failgate {

enum class PushKind {
  kCode,
  kData,
  kCheck,    ///< tests only, never a release
  kNothing,  ///< nothing to run; `reason` says why
};
[[nodiscard]] std::string_view ToText(PushKind kind);

struct PushFacts {
  std::string ref;             ///< full, "refs/heads/main"
  bool is_first_head = false;  ///< the source was never looked at before on this ref
  /// Paths that differ from the head looked at last; nullopt = the comparison cannot be made.
  std::optional<std::vector<std::string>> changed_paths;
};

struct PushClass {
  PushKind kind = PushKind::kNothing;
  std::string reason;  ///< one sentence, untrusted names escaped
  bool operator==(const PushClass&) const = default;
};

/// Rules of product.md §3: a push that touches data paths is a data push whatever else it touches;
/// the first head is a code push; branches that are not code branches are checks or nothing. When
/// the paths are unknown the push counts as a data push if the pipeline has data paths (a full
/// training is never wrong, a degraded one may be), else as a code push. Tags and other refs are
/// nothing.
[[nodiscard]] PushClass Classify(const Pipeline& pipeline, const PushFacts& push);

/// "*" and "**" match every branch; a pattern without '/' matches only branches without '/' (so
/// that "main" is never "feature/main"); otherwise as GlobMatches.
[[nodiscard]] bool BranchMatches(std::string_view pattern, std::string_view branch);

/// kNothing has no trigger and gives nullopt.
[[nodiscard]] std::optional<TriggerKind> TriggerOf(PushKind kind);

/// Measured over earlier runs of the step, skipped ones left out.
struct StepHistory {
  long long runs = 0;
  long long failures = 0;
  Milliseconds mean_duration{0};
};

struct PlanRequest {
  TriggerKind trigger = TriggerKind::kCode;
  /// The last rank to run; absent: `until` of the check trigger for a check, else all ranks. What a
  /// step within it needs runs too.
  std::optional<StepLevel> until;
  /// `failgate run --training full`: wins over the pipeline's training keys.
  std::optional<TrainingMode> training;
  std::map<std::string, StepHistory, std::less<>> statistics;  ///< by step name
};

struct PlannedStep {
  std::string name;
  StepLevel level = StepLevel::kUnit;
  TrainingMode training = TrainingMode::kFull;  ///< its FAILGATE_TRAINING
  std::string why;                              ///< why it stands here, one sentence
  bool operator==(const PlannedStep&) const = default;
};

struct UnplannedStep {
  std::string name;
  std::string why;
  bool operator==(const UnplannedStep&) const = default;
};

/// New data whose own run was superseded before it began.
struct OvertakenData {
  RunId run;           ///< the first that was to train on it
  CommitId revision;   ///< the push, or the head when the data came from elsewhere
  std::string data;    ///< its data version
  std::string reason;  ///< why it was new data, one sentence
  bool operator==(const OvertakenData&) const = default;
};

struct RunPlan {
  TriggerKind trigger = TriggerKind::kCode;
  /// Degraded when one training step of the plan is.
  TrainingMode training = TrainingMode::kFull;
  std::vector<PlannedStep> steps;       ///< in the order to run
  std::vector<UnplannedStep> left_out;  ///< in file order
  /// Watches whose data the steps get, sorted: the last parts of the run's data version.
  std::vector<std::string> watched = {};
  /// What it trains on in another run's place.
  std::optional<OvertakenData> overtaken = {};
  bool operator==(const RunPlan&) const = default;
};

/// Needs first; then rank; within a rank steps never measured (file order), then the least mean
/// duration ÷ failure rate, then file order. The rate is smoothed, (failures + 1) / (runs + 2), so
/// that a step that never failed still has one.
[[nodiscard]] RunPlan PlanRun(const Pipeline& pipeline, const PlanRequest& request);

/// The mode of a training step for a trigger: `wanted` if given, else what the pipeline says (a
/// check trains as code does).
[[nodiscard]] TrainingMode EffectiveTraining(const PipelineStep& step,
                                             TriggerKind trigger,
                                             std::optional<TrainingMode> wanted = std::nullopt);

/// (failures + 1) / (runs + 2).
[[nodiscard]] double SmoothedFailureRate(const StepHistory& statistics);

}  // namespace failgate
