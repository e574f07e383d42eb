// Whether a `superseded` fact says truly that nobody is known to have made its data. Pure.
#pragma once

#include <string>
#include <vector>

#include "controller/deploylog/audit_report.h"
#include "controller/deploylog/fact.h"

namespace failgate {

/// `Watched` names the watches at the end of `Data`, sorted, and goes with `Authored-by: unknown`.
/// Former versions wrote no `Watched`: then `Data` must end in what can be of a watch, and the
/// author is unknown where it can be of nothing else or where the project's newest release before
/// says so. `of_release`: the watches that record names.
[[nodiscard]] std::vector<AuditFinding> CheckDataAuthors(
    const WrittenFact& superseded, const std::vector<std::string>& of_release);

}  // namespace failgate
