// Whether a verdict is about the release, or only says that facts are missing: what is not known is
// never overridden.
#pragma once

#include "policies/policy.h"

namespace failgate {

struct Facts;

/// All facts that the gate of this policy judges are there and can be believed. The policy must
/// have the gate.
[[nodiscard]] bool AfterIsJudged(const Policy& policy, const Facts& facts);
[[nodiscard]] bool SoakIsJudged(const Policy& policy, const Facts& facts);
[[nodiscard]] bool TestsAreJudged(const Policy& policy, const Facts& facts);
[[nodiscard]] bool CoverageIsJudged(const Policy& policy, const Facts& facts);
[[nodiscard]] bool MaxDurationIsJudged(const Policy& policy, const Facts& facts);
[[nodiscard]] bool RepeatableIsJudged(const Policy& policy, const Facts& facts);
[[nodiscard]] bool RegressionTestIsJudged(const Policy& policy, const Facts& facts);
[[nodiscard]] bool SignedIsJudged(const Policy& policy, const Facts& facts);
[[nodiscard]] bool ArtifactsAreJudged(const Policy& policy, const Facts& facts);
[[nodiscard]] bool RequirementsAreJudged(const Policy& policy, const Facts& facts);
[[nodiscard]] bool SonarIsJudged(const Policy& policy, const Facts& facts);
[[nodiscard]] bool DataIsJudged(const Policy& policy, const Facts& facts);
[[nodiscard]] bool ApprovalsAreJudged(const Policy& policy, const Facts& facts);
[[nodiscard]] bool WindowIsJudged(const Policy& policy, const Facts& facts);

}  // namespace failgate
