// Gate `tests`: every level asked for was tested, and nothing failed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "policies/facts.h"
#include "policies/gates/gate_settings.h"

namespace failgate {

struct TestsGate {
  GateMode mode = GateMode::kEnforce;
  std::vector<std::string> levels;  ///< in rank order, not empty
  long long min = 1;                ///< least number of passed test cases of each level
  bool operator==(const TestsGate&) const = default;
};

struct TestsSettings {
  ModeSetting mode;
  MaybeWritten<std::vector<std::string>> levels;
  MaybeWritten<long long> min;
  int line = 0;
  int column = 0;
};

[[nodiscard]] TestsSettings ReadTestsSettings(const YamlNode& node, ProblemSink& problems);
/// `floor` nullptr: the gate is new and must be complete.
[[nodiscard]] TestsGate MergeTests(const TestsGate* floor,
                                   const TestsSettings& settings,
                                   MergeProblems& problems);
[[nodiscard]] GateVerdict EvaluateTests(const TestsGate& gate, const Facts& facts);

}  // namespace failgate
