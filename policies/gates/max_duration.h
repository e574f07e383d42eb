// Gate `max_duration`: the run that made the release was quick enough, as a whole and by level.
#pragma once

#include <map>
#include <string>

#include "policies/facts.h"
#include "policies/gates/gate_settings.h"

namespace failgate {

struct MaxDurationGate {
  GateMode mode = GateMode::kEnforce;
  std::map<std::string, Milliseconds> limits;  ///< by level or "total"; not empty
  bool operator==(const MaxDurationGate&) const = default;
};

struct MaxDurationSettings {
  ModeSetting mode;
  std::map<std::string, Written<Milliseconds>> limits;
  int line = 0;
  int column = 0;
};

[[nodiscard]] MaxDurationSettings ReadMaxDurationSettings(const YamlNode& node,
                                                          ProblemSink& problems);
/// `floor` nullptr: the gate is new.
[[nodiscard]] MaxDurationGate MergeMaxDuration(const MaxDurationGate* floor,
                                               const MaxDurationSettings& settings,
                                               MergeProblems& problems);
/// What was not recorded does not pass.
[[nodiscard]] GateVerdict EvaluateMaxDuration(const MaxDurationGate& gate, const Facts& facts);

}  // namespace failgate
