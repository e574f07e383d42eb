// Gate `repeatable`: steps that were run twice reported the same both times.
#pragma once

#include <string>
#include <vector>

#include "policies/facts.h"
#include "policies/gates/gate_settings.h"

namespace failgate {

struct RepeatableGate {
  GateMode mode = GateMode::kEnforce;
  std::vector<std::string> steps;  ///< sorted, not empty
  bool shuffled = false;           ///< the second time in another order
  double tolerance = 0;            ///< how far a metric may move between the two, absolute
  bool operator==(const RepeatableGate&) const = default;
};

struct RepeatableSettings {
  ModeSetting mode;
  MaybeWritten<std::vector<std::string>> steps = {};
  MaybeWritten<bool> shuffled = {};
  MaybeWritten<double> tolerance = {};
  int line = 0;
  int column = 0;
};

[[nodiscard]] RepeatableSettings ReadRepeatableSettings(const YamlNode& node,
                                                        ProblemSink& problems);
/// `floor` nullptr: the gate is new.
[[nodiscard]] RepeatableGate MergeRepeatable(const RepeatableGate* floor,
                                             const RepeatableSettings& settings,
                                             MergeProblems& problems);
/// A step that did not pass, or did not run twice, does not pass.
[[nodiscard]] GateVerdict EvaluateRepeatable(const RepeatableGate& gate, const Facts& facts);

}  // namespace failgate
