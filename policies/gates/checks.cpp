#include "policies/gates/checks.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/text.h"
#include "policies/facts.h"
#include "policies/gates/counts.h"

namespace failgate {
namespace {

constexpr std::size_t kShownDetail = 200;
constexpr std::size_t kShownMetrics = 3;

/// Of the check of this name: the only one there is.
const CheckFact* FactOf(const OperationsCheck& check, const Facts& facts) {
  const CheckFact* found = nullptr;
  for (const CheckFact& fact : facts.checks) {
    if (fact.name != check.name) continue;
    if (found != nullptr) return nullptr;
    found = &fact;
  }
  return found;
}

bool IsOfTheseInputs(const OperationsCheck& check, const CheckFact& fact, const Facts& facts) {
  return facts.check_files && !facts.check_files->digest.empty() && !facts.record.empty() &&
         fact.files == facts.check_files->digest && fact.record == facts.record &&
         fact.champion == facts.running.value_or(ReleaseName()) && fact.spec == CheckDigest(check);
}

/// Why a check that says it passed does not; empty: it does.
std::string Doubt(const OperationsCheck& check, const CheckFact& fact) {
  const TestCounts& tests = fact.tests;
  if (fact.state == CheckProgress::kFailed) {
    return fact.detail.empty() ? std::string("no reason given") : fact.detail;
  }
  if (!IsCount(tests.passed) || !IsCount(tests.failed) || !IsCount(tests.errors) ||
      !IsCount(tests.skipped)) {
    return "its test counts cannot be believed";
  }
  if (tests.failed + tests.errors > 0) {
    return fmt::format("{} of its test cases failed", tests.failed + tests.errors);
  }
  if (!check.tests.empty() && tests.passed == 0) return "no test case passed";
  if (!check.metrics.empty() && fact.metrics.empty()) return "it has no metric";
  return {};
}

std::string Tell(const OperationsCheck& check, const CheckFact& fact) {
  std::vector<std::string> found;
  if (fact.tests.passed > 0) found.push_back(fmt::format("{} {}", check.level, fact.tests.passed));
  for (const auto& [name, value] : fact.metrics) {
    if (found.size() > kShownMetrics) break;
    found.push_back(fmt::format("{} {}", OneLine(name, 60), FormatNumber(value)));
  }
  return found.empty() ? check.name : fmt::format("{}: {}", check.name, Join(found, ", "));
}

}  // namespace

const CheckFact* EndedCheck(const OperationsCheck& check, const Facts& facts) {
  const CheckFact* fact = FactOf(check, facts);
  const bool ended = fact != nullptr && (fact->state == CheckProgress::kPassed ||
                                         fact->state == CheckProgress::kFailed);
  return ended && IsOfTheseInputs(check, *fact, facts) ? fact : nullptr;
}

GateVerdict EvaluateChecks(const std::vector<OperationsCheck>& checks, const Facts& facts) {
  std::vector<std::string> passed;
  std::vector<std::string> failed;
  std::vector<std::string> waiting;
  for (const OperationsCheck& check : checks) {
    if (const CheckFact* ended = EndedCheck(check, facts)) {
      const std::string doubt = Doubt(check, *ended);
      if (doubt.empty()) {
        passed.push_back(Tell(check, *ended));
      } else {
        failed.push_back(
            fmt::format("check {} failed: {}", check.name, OneLine(doubt, kShownDetail)));
      }
      continue;
    }
    const CheckFact* fact = FactOf(check, facts);
    const bool runs = fact != nullptr && fact->state == CheckProgress::kRunning;
    const bool told =
        fact != nullptr && !fact->detail.empty() &&
        (fact->state == CheckProgress::kDue || fact->state == CheckProgress::kRunning);
    waiting.push_back(fmt::format("check {} is {}{}",
                                  check.name,
                                  runs ? "running" : "due",
                                  told ? ": " + OneLine(fact->detail, kShownDetail) : ""));
  }
  GateVerdict verdict{"checks", GateMode::kEnforce, Verdict::kFail, {}, std::nullopt};
  if (!failed.empty()) {
    verdict.reason = OneLine(Join(failed, "; "));
  } else if (!waiting.empty() || passed.empty()) {
    verdict.verdict = Verdict::kWait;
    verdict.reason = OneLine(Join(waiting, "; "));
  } else {
    verdict.verdict = Verdict::kPass;
    verdict.reason = OneLine(Join(passed, "; "));
  }
  return verdict;
}

bool ChecksEnded(const std::vector<OperationsCheck>& checks, const Facts& facts) {
  return std::all_of(checks.begin(), checks.end(), [&](const OperationsCheck& check) {
    return EndedCheck(check, facts) != nullptr;
  });
}

}  // namespace failgate
