#include "policies/gates/tests.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/text.h"
#include "policies/gates/counts.h"
#include "policies/gates/tests_demands.h"

namespace failgate {
namespace {

/// Empty when the level passes.
std::string FaultOfLevel(const std::string& level, long long min, const Evidence& evidence) {
  const auto found = evidence.tests.find(level);
  if (found == evidence.tests.end()) return fmt::format("{} has no tests", level);
  const TestCounts& counts = found->second;
  if (!Believable(counts)) return fmt::format("{} has counts that cannot be", level);
  if (counts.failed > 0 || counts.errors > 0) {
    return fmt::format("{} {} failed, {} errors", level, counts.failed, counts.errors);
  }
  if (counts.passed == 0) {
    return fmt::format("{} has no passed test ({} skipped)", level, counts.skipped);
  }
  if (counts.passed < min) {
    return fmt::format("{} {} passed is under {}", level, counts.passed, min);
  }
  return {};
}

/// The first step by name, so that the order of the facts does not show.
std::string FaultOfSteps(const std::string& level, const Evidence& evidence) {
  std::vector<std::string> faults;
  for (const StepEvidence& step : evidence.steps) {
    if (step.level != level) continue;
    switch (step.state) {
      case EvidenceState::kPassed:
        if (!Believable(step.tests) || step.tests.failed > 0 || step.tests.errors > 0) {
          faults.push_back(fmt::format("step {} ({}) has failed tests", step.name, level));
        }
        break;
      case EvidenceState::kFailed:
        faults.push_back(fmt::format("step {} ({}) failed", step.name, level));
        break;
      case EvidenceState::kSkipped:
        faults.push_back(fmt::format("step {} ({}) was skipped", step.name, level));
        break;
    }
  }
  if (faults.empty()) return {};
  return *std::min_element(faults.begin(), faults.end());
}

std::vector<DemandAnswer> AnswersOf(const TestsGate& gate, const Evidence& evidence) {
  std::vector<DemandAnswer> answers;
  if (gate.in_order) answers.push_back(LevelsInOrder(evidence));
  for (const std::string& usecase : gate.usecases) {
    answers.push_back(UsecaseTested(usecase, evidence));
  }
  if (gate.given_when_then) answers.push_back(NamedGivenWhenThen(evidence));
  if (gate.real_calls > 0) answers.push_back(RealCalls(gate.real_calls, evidence));
  return answers;
}

}  // namespace

long long LeastTestsOf(const TestsGate& gate, const std::string& level) {
  const auto own = gate.min_of.find(level);
  return own == gate.min_of.end() ? gate.min : own->second;
}

GateVerdict EvaluateTests(const TestsGate& gate, const Facts& facts) {
  GateVerdict verdict{"tests", gate.mode, Verdict::kFail, {}, std::nullopt};
  std::vector<std::string> faults;
  std::vector<std::string> figures;
  for (const std::string& level : gate.levels) {
    std::string fault = FaultOfLevel(level, LeastTestsOf(gate, level), facts.evidence);
    if (fault.empty()) fault = FaultOfSteps(level, facts.evidence);
    if (!fault.empty()) {
      faults.push_back(fault);
    } else {
      figures.push_back(fmt::format("{} {}", level, facts.evidence.tests.at(level).passed));
    }
  }
  if (gate.levels.empty()) faults.emplace_back("no level is asked for");
  for (const DemandAnswer& answer : AnswersOf(gate, facts.evidence)) {
    (answer.met ? figures : faults).push_back(answer.text);
  }
  if (const std::string remark = ShapeRemark(facts.evidence); !remark.empty()) {
    figures.push_back(remark);
  }
  verdict.verdict = faults.empty() ? Verdict::kPass : Verdict::kFail;
  verdict.reason = OneLine(faults.empty() ? Join(figures, ", ") : Join(faults, "; "));
  return verdict;
}

}  // namespace failgate
