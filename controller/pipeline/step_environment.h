// The environment variables of a step (product.md §3). Pure.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "controller/pipeline/pipeline_file.h"
#include "controller/store/run.h"

namespace failgate {

using EnvironmentList = std::vector<std::pair<std::string, std::string>>;

struct StepFacts {
  TrainingMode training = TrainingMode::kFull;
  std::string output_file;              ///< as the step sees it
  std::optional<std::string> champion;  ///< folder as the step sees it
};

/// The contract's variables and `step_env`, each name once; nobody can write over the contract's.
[[nodiscard]] EnvironmentList StepEnvironment(const Run& run,
                                              const StepFacts& facts,
                                              const EnvironmentList& step_env);

}  // namespace failgate
