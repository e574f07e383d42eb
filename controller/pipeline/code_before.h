// Which earlier revision the new tests of a run are tried on, and what is new since.
#pragma once

#include <string>
#include <vector>

#include "controller/pipeline/execution_parts.h"
#include "controller/pipeline/run_context.h"
#include "policies/facts.h"

namespace failgate {

/// No more commits are named.
inline constexpr std::size_t kMaxSubjects = 100;

/// The release that runs in the last environment of the ladder: compared with the head before the
/// push, a fix without a test would hide behind the next small push. While nothing runs there, the
/// head before the push; without that, the first parent. The state is kRan where files of the tests
/// (`globs`) differ: they are to be run. Throws Error(kRetry) when the mirror is being replaced or
/// the disk fails.
[[nodiscard]] RegressionEvidence LookAtCodeBefore(const ExecutionParts& parts,
                                                  const RunContext& context,
                                                  const std::vector<std::string>& globs);

}  // namespace failgate
