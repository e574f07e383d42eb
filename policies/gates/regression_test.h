// Gate `regression_test`: a test that is new in the release fails on the code before it.
#pragma once

#include <string>
#include <vector>

#include "policies/facts.h"
#include "policies/gates/gate_settings.h"

namespace failgate {

struct RegressionTestGate {
  GateMode mode = GateMode::kEnforce;
  std::vector<std::string> steps = {};  ///< one of them must show it; empty: any step may
  bool only_fixes = false;              ///< asked of releases with a commit that says it is a fix
  std::vector<std::string> fixes = {};  ///< first words of such commits, lower case, sorted
  bool since_running = false;           ///< compared with exactly what runs in the environment
  bool build_failure_counts = false;    ///< tests that could not even run there count as failed
  bool operator==(const RegressionTestGate&) const = default;
};

struct RegressionTestSettings {
  ModeSetting mode;
  MaybeWritten<std::vector<std::string>> steps = {};
  MaybeWritten<bool> only_fixes = {};
  MaybeWritten<std::vector<std::string>> fixes = {};
  MaybeWritten<bool> since_running = {};
  MaybeWritten<bool> build_failure_counts = {};
};

[[nodiscard]] RegressionTestSettings ReadRegressionTestSettings(const YamlNode& node,
                                                                ProblemSink& problems);
/// `floor` nullptr: the gate is new.
[[nodiscard]] RegressionTestGate MergeRegressionTest(const RegressionTestGate* floor,
                                                     const RegressionTestSettings& settings,
                                                     MergeProblems& problems);
/// A release of which nothing was recorded does not pass.
[[nodiscard]] GateVerdict EvaluateRegressionTest(const RegressionTestGate& gate,
                                                 const Facts& facts);
/// Whether a step of the gate recorded something to judge.
[[nodiscard]] bool RegressionIsKnown(const RegressionTestGate& gate, const Facts& facts);

}  // namespace failgate
