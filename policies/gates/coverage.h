// Gate `coverage`: recounted from lines and branches, never from a tool's percentage.
#pragma once

#include <optional>

#include "policies/facts.h"
#include "policies/gates/gate_settings.h"
#include "policies/gates/percent.h"

namespace failgate {

/// At least one of the two is asked for.
struct CoverageGate {
  GateMode mode = GateMode::kEnforce;
  std::optional<Percent> lines;
  std::optional<Percent> branches;
  bool operator==(const CoverageGate&) const = default;
};

struct CoverageSettings {
  ModeSetting mode;
  MaybeWritten<Percent> lines;
  MaybeWritten<Percent> branches;
  int line = 0;
  int column = 0;
};

[[nodiscard]] CoverageSettings ReadCoverageSettings(const YamlNode& node, ProblemSink& problems);
[[nodiscard]] CoverageGate MergeCoverage(const CoverageGate* floor,
                                         const CoverageSettings& settings,
                                         MergeProblems& problems);
[[nodiscard]] GateVerdict EvaluateCoverage(const CoverageGate& gate, const Facts& facts);

}  // namespace failgate
