// What a report's words say of one test case, before all of them are read.
#pragma once

#include "controller/evidence/report.h"

namespace failgate {

/// Worst last, so that the worst of all that is said counts.
enum class Sign { kPassed, kSkipped, kError, kFailed };

[[nodiscard]] constexpr CaseOutcome OutcomeOf(Sign sign) {
  switch (sign) {
    case Sign::kPassed:
      return CaseOutcome::kPassed;
    case Sign::kSkipped:
      return CaseOutcome::kSkipped;
    case Sign::kError:
      return CaseOutcome::kError;
    case Sign::kFailed:
      return CaseOutcome::kFailed;
  }
  return CaseOutcome::kError;
}

}  // namespace failgate
