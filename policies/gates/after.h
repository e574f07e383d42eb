// Gate `after`: the rung before has been passed and nothing bad happened there since.
#pragma once

#include "policies/decision.h"
#include "policies/facts.h"

namespace failgate {

/// Implied by `after:` of the environment; always enforced.
[[nodiscard]] GateVerdict EvaluateAfter(const EnvironmentName& after, const Facts& facts);

}  // namespace failgate
