// One run while it is executed: what is known of it so far.
#pragma once

#include <map>
#include <string>

#include "controller/pipeline/pipeline_file.h"
#include "controller/pipeline/plan.h"
#include "controller/pipeline/step_result.h"
#include "controller/store/run.h"

namespace failgate {

struct RunContext {
  Run run;
  Pipeline pipeline;
  RunPlan plan;
  std::map<std::string, StepResult, std::less<>> results;  ///< of the steps that passed, by name
};

}  // namespace failgate
