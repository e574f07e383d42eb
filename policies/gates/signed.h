// Gate `signed`: every commit of the source since what runs is signed by a listed person's key.
#pragma once

#include "policies/facts.h"
#include "policies/gates/gate_settings.h"

namespace failgate {

struct SignedGate {
  GateMode mode = GateMode::kEnforce;
  bool operator==(const SignedGate&) const = default;
};

struct SignedSettings {
  ModeSetting mode;
};

[[nodiscard]] SignedSettings ReadSignedSettings(const YamlNode& node, ProblemSink& problems);
/// `floor` nullptr: the gate is new.
[[nodiscard]] SignedGate MergeSigned(const SignedGate* floor,
                                     const SignedSettings& settings,
                                     MergeProblems& problems);
/// Commits that are not known, or not all of them, do not pass.
[[nodiscard]] GateVerdict EvaluateSigned(const SignedGate& gate, const Facts& facts);

}  // namespace failgate
