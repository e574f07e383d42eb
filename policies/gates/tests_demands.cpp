#include "policies/gates/tests_demands.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/text.h"
#include "policies/gates/counts.h"

namespace failgate {
namespace {

constexpr const char* kFunctional = "functional";

std::size_t RankOf(const std::string& level) {
  const auto found = std::find(TestLevels().begin(), TestLevels().end(), level);
  return static_cast<std::size_t>(found - TestLevels().begin());
}

/// The first by text, so that the order of the facts does not show.
std::string First(const std::vector<std::string>& texts) {
  return texts.empty() ? std::string() : *std::min_element(texts.begin(), texts.end());
}

std::string Named(const StepEvidence& step) {
  return fmt::format("{} ({})", OneLine(step.name, 80), step.level);
}

bool HasTests(const StepEvidence& step) {
  const TestCounts& tests = step.tests;
  return tests.passed != 0 || tests.failed != 0 || tests.errors != 0 || tests.skipped != 0;
}

}  // namespace

bool CoversAllCases(const StepEvidence& step) {
  if (!step.cases || !Believable(step.tests)) return false;
  const CaseFigures& cases = *step.cases;
  const long long total =
      step.tests.passed + step.tests.failed + step.tests.errors + step.tests.skipped;
  const auto at_most = [](long long count, long long limit) {
    return count >= 0 && count <= limit;
  };
  return cases.total == total && at_most(cases.not_given_when_then, total) &&
         at_most(cases.real_calls, step.tests.passed);
}

DemandAnswer LevelsInOrder(const Evidence& evidence) {
  std::vector<std::string> faults;
  for (const StepEvidence& later : evidence.steps) {
    if (later.state == EvidenceState::kSkipped) continue;
    if (!later.started || !later.finished || *later.finished < *later.started) {
      faults.push_back(fmt::format("when step {} ran is not known", Named(later)));
      continue;
    }
    for (const StepEvidence& earlier : evidence.steps) {
      if (RankOf(earlier.level) >= RankOf(later.level)) continue;
      const bool passed = earlier.state == EvidenceState::kPassed;
      if (passed && !earlier.finished) continue;  // a fault of its own
      const bool passed_before = passed && *earlier.finished <= *later.started;
      if (!passed_before) {
        faults.push_back(
            fmt::format("step {} began before {} had passed", Named(later), Named(earlier)));
      }
    }
  }
  if (!faults.empty()) return {false, First(faults)};
  if (evidence.steps.empty()) return {false, "in which order the levels ran is not known"};
  return {true, "levels in order"};
}

DemandAnswer UsecaseTested(const std::string& usecase, const Evidence& evidence) {
  std::vector<std::string> faults;
  bool any = false;
  long long passed = 0;
  for (const StepEvidence& step : evidence.steps) {
    if (step.usecase != usecase) continue;
    any = true;
    if (step.state != EvidenceState::kPassed || !Believable(step.tests) || step.tests.failed > 0 ||
        step.tests.errors > 0) {
      faults.push_back(fmt::format("use case {}: step {} did not pass", usecase, Named(step)));
    } else {
      passed = std::min(passed + step.tests.passed, kMaxFactCount);
    }
  }
  if (!faults.empty()) return {false, First(faults)};
  if (!any) return {false, fmt::format("use case {} has no step", usecase)};
  if (passed == 0) return {false, fmt::format("use case {} has no passed test", usecase)};
  return {true, fmt::format("use case {} {}", usecase, passed)};
}

DemandAnswer NamedGivenWhenThen(const Evidence& evidence) {
  std::vector<std::string> faults;
  long long total = 0;
  for (const StepEvidence& step : evidence.steps) {
    if (step.level != kFunctional || !HasTests(step)) continue;
    if (!CoversAllCases(step)) {
      faults.push_back(
          fmt::format("the names of the test cases of step {} are not known", Named(step)));
      continue;
    }
    total = std::min(total + step.cases->total, kMaxFactCount);
    if (step.cases->not_given_when_then > 0) {
      faults.push_back(
          fmt::format("{} of {} test cases of step {} are not named "
                      "given_…_when_…_then_… ({})",
                      step.cases->not_given_when_then,
                      step.cases->total,
                      Named(step),
                      OneLine(step.cases->example, 100)));
    }
  }
  if (!faults.empty()) return {false, First(faults)};
  if (total == 0) return {false, "no functional test case is named given_…_when_…_then_…"};
  return {true, fmt::format("{} named given_…_when_…_then_…", total)};
}

DemandAnswer RealCalls(long long least, const Evidence& evidence) {
  long long calls = 0;
  std::vector<std::string> faults;
  for (const StepEvidence& step : evidence.steps) {
    if (!HasTests(step)) continue;
    if (CoversAllCases(step)) {
      calls = std::min(calls + step.cases->real_calls, kMaxFactCount);
    } else {
      faults.push_back(
          fmt::format("which test cases of step {} call real systems is not known", Named(step)));
    }
  }
  if (calls >= least) return {true, fmt::format("{} real calls", calls)};
  if (!faults.empty()) return {false, First(faults)};
  return {false, fmt::format("{} passed test cases with real calls is under {}", calls, least)};
}

std::string ShapeRemark(const Evidence& evidence) {
  const bool recorded =
      std::any_of(evidence.steps.begin(), evidence.steps.end(), [](const StepEvidence& step) {
        return step.cases.has_value();
      });
  const auto passed = [&evidence](const char* level) {
    const auto found = evidence.tests.find(level);
    return found == evidence.tests.end() ? 0LL : found->second.passed;
  };
  if (!recorded || passed(kFunctional) <= passed("unit")) return {};
  return "upside down: more functional than unit tests";
}

}  // namespace failgate
