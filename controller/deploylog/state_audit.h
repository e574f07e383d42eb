// What each fact makes of the state file it is about, computed again from the file before it: an
// edited file cannot hide behind a good signature. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "controller/deploylog/audit_report.h"
#include "controller/deploylog/deployment_ends.h"
#include "controller/deploylog/fact.h"
#include "controller/deploylog/log_state.h"
#include "policies/decision_json.h"

namespace failgate {

/// `before` is the state in the parent's tree (default when there is none), `after` the state in
/// the file, `text` the file itself, `ends` the files of ends that the commit changed (also those
/// that it must not change), `decision` the one that the fact names (nullptr = none that
/// can be read). What a fact does not tell (a specification's digest, milliseconds, what still ran
/// after a failure) is taken from the file where it is possible; all else must be equal, byte by
/// byte.
///
/// A new kind of fact, and a new field that a fact changes, need their line here.
[[nodiscard]] std::vector<AuditFinding> CheckState(const EnvironmentState& before,
                                                   const EnvironmentState& after,
                                                   std::string_view text,
                                                   const EndsFiles& ends,
                                                   const WrittenFact& written,
                                                   const DecisionRecord* decision);
[[nodiscard]] std::vector<AuditFinding> CheckState(const ProjectState& before,
                                                   std::string_view text,
                                                   const WrittenFact& written);
/// `signer`: fingerprint of the key that signed the commit.
[[nodiscard]] std::vector<AuditFinding> CheckState(const ControllerState& before,
                                                   const ControllerState& after,
                                                   std::string_view text,
                                                   const WrittenFact& written,
                                                   const std::string& signer);

}  // namespace failgate
