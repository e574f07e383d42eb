#include "policies/gates/after.h"

#include <fmt/format.h>

#include "controller/base/text.h"

namespace failgate {
namespace {

struct Answer {
  Verdict verdict;
  const char* text;
};

Answer AnswerOf(LadderState state) {
  switch (state) {
    case LadderState::kPassed:
      return {Verdict::kPass, "passed"};
    case LadderState::kNeverThere:
      return {Verdict::kWait, "not there yet"};
    case LadderState::kDeploying:
      return {Verdict::kWait, "being deployed"};
    case LadderState::kFailed:
      return {Verdict::kFail, "failed there"};
    case LadderState::kRolledBack:
      return {Verdict::kFail, "rolled back there"};
    case LadderState::kExcepted:
      return {Verdict::kFail, "excepted there"};
    case LadderState::kNoSuchEnvironment:
      return {Verdict::kFail, "there is no such environment"};
  }
  return {Verdict::kFail, "unknown state"};
}

}  // namespace

GateVerdict EvaluateAfter(const EnvironmentName& after, const Facts& facts) {
  GateVerdict verdict{"after", GateMode::kEnforce, Verdict::kWait, {}, std::nullopt};
  if (!facts.after) {
    verdict.reason = fmt::format("{}: its state is not known", after.text());
    return verdict;
  }
  if (facts.after->environment != after) {
    verdict.verdict = Verdict::kFail;
    verdict.reason = fmt::format(
        "{}: the facts are about {}", after.text(), OneLine(facts.after->environment.text(), 80));
    return verdict;
  }
  const Answer answer = AnswerOf(facts.after->state);
  verdict.verdict = answer.verdict;
  verdict.reason = fmt::format("{}: {}", after.text(), answer.text);
  if (facts.after->since) {
    verdict.reason += fmt::format(" since {}", FormatTime(*facts.after->since));
  }
  if (!facts.after->detail.empty()) {
    verdict.reason += fmt::format(" ({})", OneLine(facts.after->detail, 200));
  }
  return verdict;
}

}  // namespace failgate
