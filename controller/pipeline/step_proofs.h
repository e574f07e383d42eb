// More runs of a step that passed, where the pipeline asks for them: what they prove is evidence.
#pragma once

#include <stop_token>

#include "controller/pipeline/step_execution.h"

namespace failgate {

/// RunStepAttempt; when the step passed, its `repeat` and `regression` after it. What these show
/// never changes the verdict, it stands in the result; only a cancelled one, and a sandbox that
/// refuses, end the step so. Throws as RunStepAttempt.
[[nodiscard]] StepVerdict RunStepWithProofs(const ExecutionParts& parts,
                                            const StepAttemptOrder& order,
                                            std::stop_token stop);

}  // namespace failgate
