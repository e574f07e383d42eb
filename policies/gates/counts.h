// Which counts of test cases gates believe.
#pragma once

#include "policies/facts.h"

namespace failgate {

[[nodiscard]] inline bool IsCount(long long count) {
  return count >= 0 && count <= kMaxFactCount;
}

/// What is not believed passes no gate.
[[nodiscard]] inline bool Believable(const TestCounts& counts) {
  return IsCount(counts.passed) && IsCount(counts.failed) && IsCount(counts.errors) &&
         IsCount(counts.skipped);
}

}  // namespace failgate
