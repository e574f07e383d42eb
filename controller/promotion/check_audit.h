// Proves again in which files the checks and commands of decisions ran, from the objects of main.
#pragma once

#include <optional>

#include "controller/deploylog/audit_report.h"
#include "controller/git/repository.h"
#include "policies/check_facts.h"

namespace failgate {

/// nullopt: they are the files that `main` had at that commit, or the clone does not have it.
[[nodiscard]] std::optional<AuditFinding> WhyNotTheFilesOfMain(const Repository& repository,
                                                               const std::optional<CommitId>& main,
                                                               const EnvironmentName& environment,
                                                               const CheckFilesFact& files);

/// For every `promoted` fact up to `head` whose decision names such files: what let something in.
/// Adds problems to `report`. `since`: proven before, with all that precedes it.
void AuditCheckFiles(const Repository& repository,
                     const CommitId& head,
                     const std::optional<CommitId>& main,
                     const std::optional<CommitId>& since,
                     AuditReport& report);

}  // namespace failgate
