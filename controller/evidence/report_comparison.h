// Two runs of the same tests, compared by what their reports say. Pure.
#pragma once

#include <string>
#include <vector>

#include "controller/evidence/report.h"
#include "policies/facts.h"

namespace failgate {

/// No more metrics that moved, and no more names of test cases, are recorded.
inline constexpr std::size_t kMaxMovedMetrics = 50;
inline constexpr std::size_t kMaxNamedCases = 20;

/// Test cases by class and name with all their results, metrics by name and value; times, coverage
/// and order are left out. More test cases than a report lists cannot be compared: a difference.
/// `shuffled` is the caller's.
[[nodiscard]] RepeatEvidence CompareRuns(const std::vector<Report>& first,
                                         const std::vector<Report>& second);

/// Test cases that pass in `now` and failed or broke in `before`.
struct CasesFixed {
  long long count = 0;
  std::vector<std::string> names;  ///< the first kMaxNamedCases, sorted
};
[[nodiscard]] CasesFixed FindCasesFixed(const std::vector<Report>& now,
                                        const std::vector<Report>& before);

}  // namespace failgate
