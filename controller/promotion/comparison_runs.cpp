#include "controller/promotion/comparison_runs.h"

#include <algorithm>

namespace failgate {

bool WantComparison(const Situation& situation,
                    const DecisionRecord& record,
                    const Policy& policy) {
  const Facts& facts = record.facts;
  const auto& verdicts = record.decision.verdicts;
  const bool refused = std::any_of(verdicts.begin(), verdicts.end(), [](const GateVerdict& each) {
    return each.mode == GateMode::kEnforce && each.verdict == Verdict::kFail;
  });
  if (situation.comparisons == nullptr || refused || facts.rollback || !policy.model ||
      !facts.running || record.environment != situation.view.ladder.last ||
      !ComparisonIsStale(*policy.model, policy.checks.before, facts)) {
    return false;
  }
  const auto release = situation.Record(record.release);
  if (release) {
    situation.comparisons->Want(*release, *facts.running);
  }
  return release.has_value();
}

}  // namespace failgate
