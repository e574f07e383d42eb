// Names of steps of the pipeline, as the settings of a gate list them.
#pragma once

#include <string>
#include <vector>

#include "policies/facts.h"
#include "policies/gates/gate_settings.h"

namespace failgate {

/// `steps:` of the gate `gate`: 1 to 200 names, sorted, each once; absent when it is not written or
/// holds a problem.
[[nodiscard]] MaybeWritten<std::vector<std::string>> ReadStepNames(MappingReader& reader,
                                                                   const std::string& gate,
                                                                   ProblemSink& problems);

/// nullptr when there is none of that name, or several.
[[nodiscard]] const StepEvidence* OnlyStep(const Evidence& evidence, const std::string& name);

}  // namespace failgate
