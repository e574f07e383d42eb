// Proves again what the log says of approval files, from the objects of main.
#pragma once

#include <optional>

#include "controller/deploylog/audit_report.h"
#include "controller/git/repository.h"
#include "controller/git/ssh_signature.h"

namespace failgate {

/// Every `approved` and `rejected` fact up to `head` that names a file: the file says what the fact
/// says, is signed by a key that people_signers listed for that person before the commit that
/// brought it, and that commit is part of `main`. Adds problems to `report`; a fact whose objects
/// are not here is counted as attested. `since`: proven before, with all that precedes it.
void AuditApprovals(const Repository& repository,
                    const CommitId& head,
                    const std::optional<CommitId>& main,
                    const std::optional<CommitId>& since,
                    SignatureProver& prover,
                    AuditReport& report);

}  // namespace failgate
