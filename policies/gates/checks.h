// Gate `checks`: every check of `checks.before` ran for this release, this champion and this
// content of the checks, and passed. Implied by the checks; it cannot be written under `gates`.
#pragma once

#include <vector>

#include "policies/decision.h"
#include "policies/operations_check.h"

namespace failgate {

struct CheckFact;
struct Facts;

/// `checks` must not be empty. A check that did not end for exactly these inputs waits.
[[nodiscard]] GateVerdict EvaluateChecks(const std::vector<OperationsCheck>& checks,
                                         const Facts& facts);

/// The result of a check that ended, well or not, for exactly these inputs; nullptr: it did not.
[[nodiscard]] const CheckFact* EndedCheck(const OperationsCheck& check, const Facts& facts);

/// Every check ended for exactly these inputs, well or not.
[[nodiscard]] bool ChecksEnded(const std::vector<OperationsCheck>& checks, const Facts& facts);

}  // namespace failgate
