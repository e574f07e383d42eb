// What gate `tests` may ask beside levels and counts. Each answers a fault, or what was shown.
#pragma once

#include <string>
#include <vector>

#include "policies/gates/tests.h"

namespace failgate {

struct DemandAnswer {
  bool met = false;
  std::string text;
};

/// Whether the step's case figures are of all its test cases, and can be.
[[nodiscard]] bool CoversAllCases(const StepEvidence& step);

/// No step began before every step of a lower level had passed. Needs the times of the steps.
[[nodiscard]] DemandAnswer LevelsInOrder(const Evidence& evidence);
/// Steps of the use case ran, all of them passed, and with them at least one test case.
[[nodiscard]] DemandAnswer UsecaseTested(const std::string& usecase, const Evidence& evidence);
/// Every functional test case is named given_…_when_…_then_….
[[nodiscard]] DemandAnswer NamedGivenWhenThen(const Evidence& evidence);
/// At least `least` passed cases, of any level, are marked as calling real systems.
[[nodiscard]] DemandAnswer RealCalls(long long least, const Evidence& evidence);
/// A remark without consequence: more functional than unit tests. Empty when the shape is sound,
/// and for evidence of versions that made no remark.
[[nodiscard]] std::string ShapeRemark(const Evidence& evidence);

}  // namespace failgate
