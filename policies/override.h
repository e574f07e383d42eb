// Break-glass: a listed person lets one gate pass for one release, for some hours, and says why.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "policies/decision.h"
#include "policies/facts.h"
#include "policies/policy.h"

namespace failgate {

/// An override may last no longer.
inline constexpr Milliseconds kLongestOverride = std::chrono::hours(24);

/// `override: {from: [EMAIL]}`; `node` nullptr: it is not written.
[[nodiscard]] MaybeWritten<std::vector<std::string>> ReadOverridePeople(const YamlNode* node,
                                                                        ProblemSink& problems);
/// A project file may leave people out, never add one.
void MergeOverridePeople(const GateSettings& settings, Policy& policy, MergeProblems& problems);

/// Why nobody may override this verdict, one sentence; nullopt: a listed person may. What could not
/// be judged because facts are missing is never overridden, nor are `except` and `policy`.
[[nodiscard]] std::optional<std::string> WhyNotOverridable(const Policy& policy,
                                                           const Facts& facts,
                                                           const std::string& gate);

/// Verdicts of enforced gates that an override of the facts covers become a pass that names person,
/// time, reason and what the gate had said. An override that does not count is told beside the
/// verdict, which stays.
void ApplyOverrides(const Policy& policy, const Facts& facts, std::vector<GateVerdict>& verdicts);

}  // namespace failgate
