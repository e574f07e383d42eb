// Gate `consistency`: the model predicts the same when it is loaded again, behaves as its cases
// say, reads the champion's input, and comes out the same from the same seed.
#pragma once

#include <optional>
#include <string>

#include "policies/facts.h"
#include "policies/gates/gate_settings.h"

namespace failgate {

struct ConsistencyGate {
  GateMode mode = GateMode::kEnforce;
  bool predictions = false;                  ///< a reloaded model predicts the same
  std::optional<long long> invariance = {};  ///< least number of such cases; none may fail
  std::optional<long long> direction = {};   ///< likewise
  bool schema = false;  ///< the input is the champion's, field by field, in its order
  bool seeds = false;   ///< a second training with the same seed has the same metrics
  bool operator==(const ConsistencyGate&) const = default;
};

struct ConsistencySettings {
  ModeSetting mode;
  MaybeWritten<bool> predictions = {};
  MaybeWritten<long long> invariance = {};
  MaybeWritten<long long> direction = {};
  MaybeWritten<bool> schema = {};
  MaybeWritten<bool> seeds = {};
  int line = 0;
  int column = 0;
};

[[nodiscard]] ConsistencySettings ReadConsistencySettings(const YamlNode& node,
                                                          ProblemSink& problems);
/// `floor` nullptr: the gate is new.
[[nodiscard]] ConsistencyGate MergeConsistency(const ConsistencyGate* floor,
                                               const ConsistencySettings& settings,
                                               MergeProblems& problems);
/// What no report tells does not pass.
[[nodiscard]] GateVerdict EvaluateConsistency(const ConsistencyGate& gate, const Facts& facts);
/// Reports tell all that the gate asks for.
[[nodiscard]] bool ConsistencyIsJudged(const ConsistencyGate& gate, const Facts& facts);

}  // namespace failgate
