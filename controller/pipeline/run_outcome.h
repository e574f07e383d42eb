// From finished steps to what a run proved and whether a release is owed.
#pragma once

#include <string>
#include <vector>

#include "controller/pipeline/execution_parts.h"
#include "controller/pipeline/run_context.h"
#include "controller/release/run_result.h"

namespace failgate {

/// Evidence over all steps, and every artifact of the run. Refused: contradicting metrics, a kept
/// report that is gone.
[[nodiscard]] Result<RunResult> CollectRunResult(const ExecutionParts& parts,
                                                 const RunContext& context);

/// What a successful run may release (product.md §3, "Code or data").
struct ReleaseChoice {
  bool release = false;
  bool needs_full_training = false;
  std::string reason;                     ///< why not, or what is carried on; may be empty
  std::vector<ArtifactRecord> artifacts;  ///< of the release
  /// What the trainings that made carried artifacts measured, in place of degraded steps.
  std::vector<StepMeasurement> measured = {};
};

/// A degraded artifact is replaced by the one of the newest full training; without one, or when an
/// input of the training changed since, a full training is needed first. What a later step made of
/// a degraded artifact cannot be carried on: it needs a full training too.
[[nodiscard]] ReleaseChoice ChooseRelease(const ExecutionParts& parts, const RunContext& context);

}  // namespace failgate
