#include "controller/evidence/case_counter.h"

#include <utility>

#include "controller/evidence/test_names.h"

namespace failgate {

void CaseCounter::Add(TestCase one, Marks marks) {
  switch (one.outcome) {
    case CaseOutcome::kPassed:
      ++report_.passed;
      break;
    case CaseOutcome::kSkipped:
      ++report_.skipped;
      break;
    case CaseOutcome::kError:
      ++report_.errors;
      break;
    case CaseOutcome::kFailed:
      ++report_.failed;
      break;
  }
  const bool real = marks.real_call || SaysRealCall(one.name) || SaysRealCall(one.class_name);
  report_.real_calls += real && one.outcome == CaseOutcome::kPassed ? 1 : 0;
  const bool follows = marks.given_when_then || IsGivenWhenThen(one.name);
  if (!follows && report_.not_given_when_then++ == 0) {
    report_.example = one.name;
  }
  if (report_.cases.size() < kMaxListedCases) {
    report_.cases.push_back(std::move(one));
  }
}

}  // namespace failgate
