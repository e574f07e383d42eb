#include "policies/evaluate.h"

#include "controller/base/text.h"
#include "policies/gates/registry.h"
#include "policies/override.h"

namespace failgate {
namespace {

Outcome OutcomeOf(const std::vector<GateVerdict>& verdicts) {
  Outcome outcome = Outcome::kPassed;
  for (const GateVerdict& verdict : verdicts) {
    if (verdict.mode == GateMode::kAdvise) continue;
    switch (verdict.verdict) {
      case Verdict::kPass:
        break;
      case Verdict::kFail:
        return Outcome::kBlocked;
      case Verdict::kWait:
        outcome = Outcome::kDeferred;
        break;
    }
  }
  return outcome;
}

}  // namespace

Decision Evaluate(const Policy& policy, const Facts& facts) {
  Decision decision;
  if (facts.excepted) {
    const std::string reason = facts.excepted_reason.empty()
                                   ? std::string("people excepted it")
                                   : "people excepted it: " + facts.excepted_reason;
    decision.verdicts.push_back(
        {"except", GateMode::kEnforce, Verdict::kFail, OneLine(reason), std::nullopt});
  }
  if (!policy.gates_written) {
    decision.verdicts.push_back({"policy",
                                 GateMode::kEnforce,
                                 Verdict::kFail,
                                 "there is no policy: gates were not read",
                                 std::nullopt});
  }
  for (const GateEntry& gate : GateRegistry()) gate.evaluate(policy, facts, decision.verdicts);
  ApplyOverrides(policy, facts, decision.verdicts);
  decision.outcome = OutcomeOf(decision.verdicts);
  return decision;
}

}  // namespace failgate
