// One run from its first step (or from where it was interrupted) to its end.
#pragma once

#include <stop_token>

#include "controller/pipeline/execution_parts.h"

namespace failgate {

enum class RunEnd {
  kFinished,     ///< the run has its final state
  kInterrupted,  ///< the program stops: the run goes on after the restart
  kQueuedFull,   ///< finished, and a full training was queued
};

/// Executes a run in state running. Steps that passed earlier are not repeated as long as what they
/// left is there. Throws Error(kRetry) when the controller's own machine fails: the step is pending
/// again and the run may be executed once more.
[[nodiscard]] RunEnd ExecuteRun(const ExecutionParts& parts, const Run& run, std::stop_token stop);

/// Puts the steps of an interrupted run back to pending, survivors killed first.
void ResetRunningSteps(const ExecutionParts& parts, const RunId& run);

}  // namespace failgate
