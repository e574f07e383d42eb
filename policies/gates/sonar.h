// Gate `sonar`: the quality gate of the configured SonarQube server is OK for the analysis of the
// release's own revision.
#pragma once

#include <string>

#include "policies/facts.h"
#include "policies/gates/gate_settings.h"

namespace failgate {

struct SonarGate {
  GateMode mode = GateMode::kEnforce;
  std::string project = {};  ///< key at the server; empty: the project's own name
  std::string branch = {};   ///< empty: the main branch of the project at the server
  bool operator==(const SonarGate&) const = default;
};

struct SonarSettings {
  ModeSetting mode;
  MaybeWritten<std::string> project = {};
  MaybeWritten<std::string> branch = {};
};

[[nodiscard]] SonarSettings ReadSonarSettings(const YamlNode& node, ProblemSink& problems);
/// `floor` nullptr: the gate is new. What the floor names stays; what it leaves open a project may
/// name.
[[nodiscard]] SonarGate MergeSonar(const SonarGate* floor,
                                   const SonarSettings& settings,
                                   MergeProblems& problems);
/// The key that the server is asked for.
[[nodiscard]] std::string SonarProjectOf(const SonarGate& gate, const ProjectName& project);
/// Passes by the status OK alone, of an analysis of exactly this revision, asked for a short while
/// ago.
[[nodiscard]] GateVerdict EvaluateSonar(const SonarGate& gate, const Facts& facts);
/// The fact is about this question and says OK or ERROR of this revision.
[[nodiscard]] bool SonarHasAnswered(const SonarGate& gate, const Facts& facts);

}  // namespace failgate
