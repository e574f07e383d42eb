// Gate `requirements`: each import of the source resolves from the requirement file of its own set,
// and nothing that only developers need lies in an artifact.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "policies/facts.h"
#include "policies/gates/gate_settings.h"

namespace failgate {

struct RequirementSet {
  std::vector<std::string> paths;  ///< globs; a file belongs to the first set that matches it
  std::string file;                ///< requirement file in the source
  bool operator==(const RequirementSet&) const = default;
};

struct RequirementsGate {
  GateMode mode = GateMode::kEnforce;
  std::vector<RequirementSet> sets = {};
  std::vector<std::string> dev = {};              ///< requirement files of developers and tests
  std::map<std::string, std::string> names = {};  ///< import → distribution
  bool uncovered_fails = true;
  bool operator==(const RequirementsGate&) const = default;
};

struct RequirementsSettings {
  ModeSetting mode;
  int line = 0;
  int column = 0;
  std::vector<RequirementSet> sets = {};
  std::vector<std::string> dev = {};
  std::map<std::string, std::string> names = {};
  MaybeWritten<std::string> uncovered = {};  ///< "fail" | "ignore"
  [[nodiscard]] bool SaysFiles() const { return !sets.empty() || !dev.empty() || !names.empty(); }
};

[[nodiscard]] RequirementsSettings ReadRequirementsSettings(const YamlNode& node,
                                                            ProblemSink& problems);
/// `floor` nullptr: the gate is new.
[[nodiscard]] RequirementsGate MergeRequirements(const RequirementsGate* floor,
                                                 const RequirementsSettings& settings,
                                                 MergeProblems& problems);
/// A source whose imports are not known, or that has no file to judge, does not pass.
[[nodiscard]] GateVerdict EvaluateRequirements(const RequirementsGate& gate, const Facts& facts);

}  // namespace failgate
