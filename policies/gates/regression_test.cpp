#include "policies/gates/regression_test.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/text.h"
#include "policies/gates/step_names.h"

namespace failgate {
namespace {

constexpr std::size_t kShownName = 80;
constexpr std::size_t kShownDetail = 200;
constexpr std::size_t kShortCommit = 12;

std::string FirstWord(const std::string& subject) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  const auto begin = std::find_if(subject.begin(), subject.end(), is_letter);
  const auto end = std::find_if_not(begin, subject.end(), is_letter);
  return ToLower(std::string(begin, end));
}

bool SaysFix(const RegressionTestGate& gate, const RegressionEvidence& found) {
  const auto& subjects = found.subjects;
  return std::any_of(subjects.begin(), subjects.end(), [&](const std::string& subject) {
    return std::binary_search(gate.fixes.begin(), gate.fixes.end(), FirstWord(subject));
  });
}

/// Steps of the gate that recorded something, by name.
std::vector<const StepEvidence*> Tried(const RegressionTestGate& gate, const Facts& facts) {
  std::vector<const StepEvidence*> tried;
  for (const StepEvidence& step : facts.evidence.steps) {
    const bool asked =
        gate.steps.empty() || std::binary_search(gate.steps.begin(), gate.steps.end(), step.name);
    if (asked && step.regression && OnlyStep(facts.evidence, step.name) != nullptr) {
      tried.push_back(&step);
    }
  }
  std::sort(tried.begin(), tried.end(), [](const StepEvidence* a, const StepEvidence* b) {
    return a->name < b->name;
  });
  return tried;
}

std::string Before(const RegressionEvidence& found) {
  return found.running.empty() ? found.parent.text().substr(0, kShortCommit) : found.running;
}

struct Judgement {
  bool shows = false;
  std::string text;
};

Judgement JudgeState(const RegressionTestGate& gate, const RegressionEvidence& found) {
  switch (found.state) {
    case RegressionState::kUnknown:
      break;
    case RegressionState::kNoParent:
      return {false, "there is no earlier revision to try the tests on"};
    case RegressionState::kUnchanged:
      return {false, fmt::format("no test differs from {}", Before(found))};
    case RegressionState::kRan:
      if (found.failed_before < 1 || found.failed_before > kMaxFactCount) {
        return {false, fmt::format("no test that passes now fails on {}", Before(found))};
      }
      return {
          true,
          fmt::format("{} tests fail on {} and pass now{}",
                      found.failed_before,
                      Before(found),
                      found.cases.empty() ? "" : ": " + OneLine(found.cases.front(), kShownName))};
    case RegressionState::kBroken:
      if (gate.build_failure_counts) {
        return {true, fmt::format("the tests cannot run on {} and pass now", Before(found))};
      }
      return {false,
              fmt::format("the tests could not run on {}: {}",
                          Before(found),
                          OneLine(found.detail, kShownDetail))};
    case RegressionState::kUnfinished:
      return {false,
              fmt::format("the tests did not end on {}: {}",
                          Before(found),
                          OneLine(found.detail, kShownDetail))};
  }
  return {false,
          fmt::format("the tests were not tried on what was there before: {}",
                      OneLine(found.detail, kShownDetail))};
}

Judgement Judge(const RegressionTestGate& gate, const StepEvidence& step, const Facts& facts) {
  const RegressionEvidence& found = *step.regression;
  if (step.state != EvidenceState::kPassed) return {false, "did not pass"};
  // A way back leads to a release that was compared with what ran then.
  if (gate.since_running && !facts.rollback && facts.running &&
      found.running != facts.running->text()) {
    return {false,
            fmt::format("the tests were tried on {}, and {} runs here: run it again",
                        found.parent.empty() ? "nothing" : Before(found),
                        facts.running->text())};
  }
  Judgement judgement = JudgeState(gate, found);
  if (judgement.shows || !gate.only_fixes || found.state == RegressionState::kUnknown) {
    return judgement;
  }
  if (found.more_subjects) {
    return {false, "there are too many commits to tell whether one is a fix; " + judgement.text};
  }
  if (!SaysFix(gate, found)) {
    return {true, fmt::format("none of {} commits is a fix", found.subjects.size())};
  }
  return judgement;
}

}  // namespace

GateVerdict EvaluateRegressionTest(const RegressionTestGate& gate, const Facts& facts) {
  GateVerdict verdict{"regression_test", gate.mode, Verdict::kFail, {}, std::nullopt};
  std::vector<std::string> against;
  for (const StepEvidence* step : Tried(gate, facts)) {
    const Judgement judgement = Judge(gate, *step, facts);
    const std::string text = fmt::format("{}: {}", OneLine(step->name, kShownName), judgement.text);
    if (judgement.shows) {
      verdict.verdict = Verdict::kPass;
      verdict.reason = OneLine(text);
      return verdict;
    }
    against.push_back(text);
  }
  if (against.empty()) {
    against.push_back(gate.steps.empty()
                          ? "no step was tried on what was there before: write `regression` in "
                            "the pipeline"
                          : fmt::format("no step of {} was tried on what was there before: write "
                                        "`regression` in the pipeline",
                                        Join(gate.steps, ", ")));
  }
  verdict.reason = OneLine(Join(against, "; "));
  return verdict;
}

bool RegressionIsKnown(const RegressionTestGate& gate, const Facts& facts) {
  const auto tried = Tried(gate, facts);
  return std::any_of(tried.begin(), tried.end(), [](const StepEvidence* step) {
    return step->regression->state != RegressionState::kUnknown;
  });
}

}  // namespace failgate
