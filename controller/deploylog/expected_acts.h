// What people's acts make of an environment's state: holds, overrides, removals. For
// expected_state.cpp, which knows the rest.
#pragma once

#include <vector>

#include "controller/deploylog/audit_report.h"
#include "controller/deploylog/fact.h"
#include "controller/deploylog/log_state.h"
#include "policies/decision_json.h"

namespace failgate {

/// `state` is what the fact finds, and becomes what it leaves; `after` lends what the fact does not
/// tell. Lives for one fact.
struct ExpectedAct {
  EnvironmentState& state;
  const EnvironmentState& after;
  const WrittenFact& written;
  std::vector<AuditFinding>& findings;
};

void ExpectHeld(const ExpectedAct& act);
void ExpectHoldEnded(const ExpectedAct& act);
void ExpectOverridden(const ExpectedAct& act);
/// By a promotion: those of the release are used up, and none counted that nobody had given.
/// `decision` may be nullptr.
void ExpectOverridesUsed(const ExpectedAct& act, const DecisionRecord* decision);
/// `attempt` is the next one; the caller has checked that the fact names it.
void ExpectRemovalOrdered(const ExpectedAct& act, long attempt);
/// The caller has checked the attempt of both.
void ExpectRemoved(const ExpectedAct& act);
void ExpectRemovalFailed(const ExpectedAct& act);

}  // namespace failgate
