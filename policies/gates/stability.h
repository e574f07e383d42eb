// Gate `stability`: trainings with several seeds reach about the same.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "policies/facts.h"
#include "policies/gates/gate_settings.h"
#include "policies/operations_check.h"

namespace failgate {

struct StabilityGate {
  GateMode mode = GateMode::kEnforce;
  std::string metric;      ///< reported as METRIC[seed=N]
  long long seeds = 0;     ///< at least so many, two or more
  double max_spread = -1;  ///< largest less smallest value; negative: nothing passes
  bool operator==(const StabilityGate&) const = default;
};

struct StabilitySettings {
  ModeSetting mode;
  MaybeWritten<std::string> metric = {};
  MaybeWritten<long long> seeds = {};
  MaybeWritten<double> max_spread = {};
  int line = 0;
  int column = 0;
};

[[nodiscard]] StabilitySettings ReadStabilitySettings(const YamlNode& node, ProblemSink& problems);
/// `floor` nullptr: the gate is new and must be complete.
[[nodiscard]] StabilityGate MergeStability(const StabilityGate* floor,
                                           const StabilitySettings& settings,
                                           MergeProblems& problems);
/// Values of checks before the deployment count where they tell seeds; else those of the run.
[[nodiscard]] GateVerdict EvaluateStability(const StabilityGate& gate,
                                            const std::vector<OperationsCheck>& checks,
                                            const Facts& facts);
/// So many seeds were measured, each with a finite value.
[[nodiscard]] bool StabilityIsJudged(const StabilityGate& gate,
                                     const std::vector<OperationsCheck>& checks,
                                     const Facts& facts);

}  // namespace failgate
