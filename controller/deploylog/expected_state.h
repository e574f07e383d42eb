// The state of an environment as the facts make it; see state_audit.h. Pure.
#pragma once

#include <vector>

#include "controller/deploylog/audit_report.h"
#include "controller/deploylog/fact.h"
#include "controller/deploylog/log_state.h"
#include "policies/decision_json.h"

namespace failgate {

/// `after` lends what the fact does not tell. `findings` gets what makes the fact itself impossible
/// in the state `before`.
[[nodiscard]] EnvironmentState ExpectedState(const EnvironmentState& before,
                                             const EnvironmentState& after,
                                             const WrittenFact& written,
                                             const DecisionRecord* decision,
                                             std::vector<AuditFinding>& findings);

/// The time that the fact names, with the file's fractions of a second when it is the same second.
[[nodiscard]] TimePoint TimeAsIn(TimePoint file, TimePoint fact);

}  // namespace failgate
