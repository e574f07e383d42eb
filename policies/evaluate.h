// Facts + policy -> decision. Pure and deterministic: an auditor gets the same bytes years later.
#pragma once

#include "policies/decision.h"
#include "policies/facts.h"
#include "policies/policy.h"

namespace failgate {

/// Verdicts in the fixed order except, policy, after, soak, tests, coverage, max_duration,
/// repeatable, regression_test, signed, artifacts, requirements, sonar, data, checks, model,
/// consistency, stability, command, approvals,
/// window; only gates the policy has. Missing facts never pass. Does not depend on the order of
/// lists in the facts.
[[nodiscard]] Decision Evaluate(const Policy& policy, const Facts& facts);

}  // namespace failgate
