// Proves again what the log says of people's signed commits and keys, from the objects of main.
#pragma once

#include <optional>

#include "controller/deploylog/audit_report.h"
#include "controller/git/repository.h"
#include "controller/git/ssh_signature.h"

namespace failgate {

/// Every fact up to `head` with `Signed-with` and no file: the commit of `main` that it names is
/// signed by that key, which people_signers listed before it for the person who is said to have
/// asked. Every `token-changed` about keys: people.json names those of the people_signers it names.
/// Adds problems to `report`; a fact whose objects are not here is counted as attested. `since`:
/// proven before, with all that precedes it.
void AuditRequests(const Repository& repository,
                   const CommitId& head,
                   const std::optional<CommitId>& main,
                   const std::optional<CommitId>& since,
                   SignatureProver& prover,
                   AuditReport& report);

}  // namespace failgate
