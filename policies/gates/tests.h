// Gate `tests`: every level asked for was tested, nothing failed, and the tests are what the policy
// asks them to be.
#pragma once

#include <map>
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
  std::map<std::string, long long> min_of = {};  ///< of single levels, instead of `min`
  bool in_order = false;                         ///< levels ran in rank order
  std::vector<std::string> usecases = {};        ///< each has passing tests; sorted, unique
  bool given_when_then = false;                  ///< names of functional test cases
  long long real_calls = 0;  ///< least number of passed cases marked as calling real systems
  bool operator==(const TestsGate&) const = default;
};

struct TestsSettings {
  ModeSetting mode;
  MaybeWritten<std::vector<std::string>> levels;
  MaybeWritten<long long> min;
  std::map<std::string, Written<long long>> min_of = {};
  MaybeWritten<bool> in_order = {};
  MaybeWritten<std::vector<std::string>> usecases = {};
  MaybeWritten<bool> given_when_then = {};
  MaybeWritten<long long> real_calls = {};
  int line = 0;
  int column = 0;
};

[[nodiscard]] TestsSettings ReadTestsSettings(const YamlNode& node, ProblemSink& problems);
/// `floor` nullptr: the gate is new and must be complete.
[[nodiscard]] TestsGate MergeTests(const TestsGate* floor,
                                   const TestsSettings& settings,
                                   MergeProblems& problems);
[[nodiscard]] GateVerdict EvaluateTests(const TestsGate& gate, const Facts& facts);

/// Of one level: its own, else the one for all.
[[nodiscard]] long long LeastTestsOf(const TestsGate& gate, const std::string& level);

}  // namespace failgate
