// What checks and commands say of a candidate, and asking for what they do not say yet.
#pragma once

#include "controller/promotion/release_facts.h"
#include "controller/promotion/situation.h"
#include "policies/decision_json.h"
#include "policies/facts.h"
#include "policies/policy.h"

namespace failgate {

/// Adds Facts::check_files, checks and commands where the policy asks for them; all other facts
/// must be there. Runs nothing.
void AddCheckFacts(const Situation& situation,
                   const Candidate& candidate,
                   const ReleaseRecord& record,
                   const Policy& policy,
                   Facts& facts);

/// Asks Situation::checks for the checks of this candidate that are due, then for answers of
/// commands: of a release that another gate refuses, nothing is run. True: something runs or is to
/// run.
bool WantChecks(const Situation& situation, const DecisionRecord& record, const Policy& policy);

}  // namespace failgate
