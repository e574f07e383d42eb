// Gate `coverage`: recounted from lines and branches, never from a tool's percentage.
#pragma once

#include <optional>

#include "policies/facts.h"
#include "policies/gates/gate_settings.h"
#include "policies/gates/percent.h"

namespace failgate {

/// At least one of the three is asked for.
struct CoverageGate {
  GateMode mode = GateMode::kEnforce;
  std::optional<Percent> lines;
  std::optional<Percent> branches;
  std::optional<Percent> changed_lines = {};  ///< of the lines changed since the release before
  bool operator==(const CoverageGate&) const = default;
};

struct CoverageSettings {
  ModeSetting mode;
  MaybeWritten<Percent> lines;
  MaybeWritten<Percent> branches;
  MaybeWritten<Percent> changed_lines = {};
  int line = 0;
  int column = 0;
};

[[nodiscard]] CoverageSettings ReadCoverageSettings(const YamlNode& node, ProblemSink& problems);
[[nodiscard]] CoverageGate MergeCoverage(const CoverageGate* floor,
                                         const CoverageSettings& settings,
                                         MergeProblems& problems);
[[nodiscard]] GateVerdict EvaluateCoverage(const CoverageGate& gate, const Facts& facts);

}  // namespace failgate
