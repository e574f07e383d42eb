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
  std::string output_file;                      ///< as the step sees it
  std::optional<std::string> champion;          ///< folder as the step sees it
  std::optional<std::string> checkpoints = {};  ///< the same; of a training
};

/// The contract's variables and `step_env`, each name once; nobody can write over the contract's.
[[nodiscard]] EnvironmentList StepEnvironment(const Run& run,
                                              const StepFacts& facts,
                                              const EnvironmentList& step_env);

/// `env` with `more` over it; PYTEST_ADDOPTS and GOFLAGS, which are lists of options, keep what
/// they have in front.
[[nodiscard]] EnvironmentList OverlayVariables(EnvironmentList env, const EnvironmentList& more);

/// Variables of the second run of a step: FAILGATE_REPEAT, FAILGATE_SHUFFLE_SEED (1 to 99,999, the
/// same for the same revision), and those by which the tool shuffles.
[[nodiscard]] EnvironmentList RepeatVariables(const RepeatSpec& spec, const CommitId& revision);

}  // namespace failgate
