// Verdicts in the words of the deploy log: its writer and its auditor must mean the same.
#pragma once

#include <string>

#include "policies/decision.h"

namespace failgate {

/// "tests pass (unit 212, integration 18)".
[[nodiscard]] std::string GateLine(const GateVerdict& verdict);
/// "blocked tests=pass approvals=fail": the part of a decision whose change is a new fact: outcome
/// and each gate's verdict, no reasons.
[[nodiscard]] std::string VerdictSummary(const Decision& decision);

}  // namespace failgate
