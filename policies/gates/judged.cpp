#include "policies/gates/judged.h"

#include <algorithm>

#include "policies/facts.h"
#include "policies/gates/counts.h"
#include "policies/gates/step_names.h"
#include "policies/gates/step_times.h"
#include "policies/gates/tests_demands.h"
#include "policies/zone_time.h"

namespace failgate {
namespace {

bool IsMeasured(long long covered, long long total) {
  return IsCount(covered) && IsCount(total) && total > 0 && covered <= total;
}

/// At least one test case ended, and the counts are ones to believe.
bool Ran(const TestCounts& counts) {
  return Believable(counts) && counts.passed + counts.failed + counts.errors > 0;
}

bool TimesCanBe(const StepEvidence& step) {
  return step.started && step.finished && *step.finished >= *step.started;
}

bool TimesAreKnown(const Evidence& evidence) {
  const auto known = [](const StepEvidence& step) {
    return step.state == EvidenceState::kSkipped || TimesCanBe(step);
  };
  return !evidence.steps.empty() &&
         std::all_of(evidence.steps.begin(), evidence.steps.end(), known);
}

/// `level` nullptr: of any.
bool CasesAreKnown(const Evidence& evidence, const char* level) {
  const auto known = [&](const StepEvidence& step) {
    const bool asked = level == nullptr || step.level == level;
    return !asked || step.tests == TestCounts() || CoversAllCases(step);
  };
  return std::all_of(evidence.steps.begin(), evidence.steps.end(), known);
}

/// Each of its steps ran, and with test cases.
bool UsecaseRan(const Evidence& evidence, const std::string& usecase) {
  const auto of_it = [&](const StepEvidence& step) { return step.usecase == usecase; };
  const auto& steps = evidence.steps;
  return std::any_of(steps.begin(), steps.end(), of_it) &&
         std::all_of(steps.begin(), steps.end(), [&](const StepEvidence& step) {
           return !of_it(step) || (step.state != EvidenceState::kSkipped && Ran(step.tests));
         });
}

/// At least one step of the level (or of any, for "total") ran, and it is known how long.
bool TimeWasTaken(const Evidence& evidence, const std::string& key) {
  const auto counts = [&](const StepEvidence& step) {
    return step.state != EvidenceState::kSkipped && (key == kTotalTime || step.level == key);
  };
  const auto& steps = evidence.steps;
  return std::any_of(steps.begin(), steps.end(), counts) &&
         std::all_of(steps.begin(), steps.end(), [&](const StepEvidence& step) {
           return !counts(step) ||
                  (TimesCanBe(step) && *step.finished - *step.started <= kLongestStep);
         });
}

/// Without a changed line of code the comparison was made all the same.
bool IsCompared(const std::optional<ChangedLines>& changed) {
  return changed && !changed->since.empty() &&
         ((changed->covered == 0 && changed->total == 0) ||
          IsMeasured(changed->covered, changed->total));
}

}  // namespace

bool AfterIsJudged(const Policy& policy, const Facts& facts) {
  return facts.after && facts.after->environment == *policy.after &&
         facts.after->state != LadderState::kNoSuchEnvironment;
}

bool SoakIsJudged(const Policy& policy, const Facts& facts) {
  const auto is_known = [&](const Soak& soak) {
    const auto of_it = [&](const SoakFact& fact) { return fact.environment == soak.in; };
    const auto found = std::find_if(facts.soaks.begin(), facts.soaks.end(), of_it);
    return soak.in != facts.environment &&
           std::count_if(facts.soaks.begin(), facts.soaks.end(), of_it) == 1 &&
           found->state != SoakState::kNoSuchEnvironment &&
           (found->state != SoakState::kSteady || found->since) &&
           (found->state != SoakState::kReplaced || (found->since && found->until));
  };
  const auto& soaks = policy.soak->soaks;
  return !soaks.empty() && std::all_of(soaks.begin(), soaks.end(), is_known);
}

bool TestsAreJudged(const Policy& policy, const Facts& facts) {
  const TestsGate& gate = *policy.tests;
  const Evidence& evidence = facts.evidence;
  return std::all_of(gate.levels.begin(),
                     gate.levels.end(),
                     [&](const std::string& level) {
                       const auto counts = evidence.tests.find(level);
                       return counts != evidence.tests.end() && Ran(counts->second);
                     }) &&
         std::all_of(gate.usecases.begin(),
                     gate.usecases.end(),
                     [&](const std::string& usecase) { return UsecaseRan(evidence, usecase); }) &&
         (!gate.in_order || TimesAreKnown(evidence)) &&
         (!gate.given_when_then || CasesAreKnown(evidence, "functional")) &&
         (gate.real_calls == 0 || CasesAreKnown(evidence, nullptr));
}

bool CoverageIsJudged(const Policy& policy, const Facts& facts) {
  const CoverageGate& gate = *policy.coverage;
  const auto& measured = facts.evidence.coverage;
  const auto& changed = facts.evidence.changed_lines;
  return measured && (!gate.lines || IsMeasured(measured->lines_covered, measured->lines_total)) &&
         (!gate.branches || IsMeasured(measured->branches_covered, measured->branches_total)) &&
         (!gate.changed_lines || IsCompared(changed));
}

bool MaxDurationIsJudged(const Policy& policy, const Facts& facts) {
  const auto& limits = policy.max_duration->limits;
  return !limits.empty() && std::all_of(limits.begin(), limits.end(), [&](const auto& limit) {
    return TimeWasTaken(facts.evidence, limit.first);
  });
}

bool RepeatableIsJudged(const Policy& policy, const Facts& facts) {
  const auto& steps = policy.repeatable->steps;
  return !steps.empty() && std::all_of(steps.begin(), steps.end(), [&](const std::string& name) {
    const StepEvidence* step = OnlyStep(facts.evidence, name);
    return step != nullptr && step->repeated && IsCount(step->repeated->cases) &&
           IsCount(step->repeated->metrics);
  });
}

bool RegressionTestIsJudged(const Policy& policy, const Facts& facts) {
  return RegressionIsKnown(*policy.regression_test, facts);
}

bool SignedIsJudged(const Policy& /*policy*/, const Facts& facts) {
  return facts.signed_commits && facts.signed_commits->known && !facts.signed_commits->truncated;
}

bool ArtifactsAreJudged(const Policy& policy, const Facts& facts) {
  const auto& artifacts = facts.artifacts;
  const auto is_there = [&](const auto& asked) {
    return std::any_of(artifacts.begin(), artifacts.end(), [&](const ArtifactFact& artifact) {
      return artifact.name == asked.first;
    });
  };
  const auto& formats = policy.artifacts->formats;
  return !artifacts.empty() && std::all_of(formats.begin(), formats.end(), is_there) &&
         std::all_of(artifacts.begin(), artifacts.end(), [](const ArtifactFact& artifact) {
           return artifact.contents && !artifact.contents->formats.empty();
         });
}

bool RequirementsAreJudged(const Policy& /*policy*/, const Facts& facts) {
  return facts.requirements && facts.requirements->known && facts.requirements->files > 0 &&
         std::all_of(facts.artifacts.begin(),
                     facts.artifacts.end(),
                     [](const ArtifactFact& artifact) { return artifact.contents.has_value(); });
}

bool SonarIsJudged(const Policy& policy, const Facts& facts) {
  return SonarHasAnswered(*policy.sonar, facts);
}

bool DataIsJudged(const Policy& policy, const Facts& facts) {
  const DataGate& gate = *policy.data;
  const DataEvidence data = facts.evidence.data.value_or(DataEvidence());
  const bool asks_table = gate.rows || gate.nulls || !gate.nulls_of.empty() ||
                          !gate.columns.empty() || gate.same_as_champion;
  const bool compared =
      !gate.same_as_champion || facts.rollback || !facts.running || facts.champion_data;
  return (!gate.present || data.objects) && (!asks_table || data.table) && compared;
}

bool ApprovalsAreJudged(const Policy& policy, const Facts& facts) {
  const auto& excluded = policy.approvals->excluded;
  const bool asks_authors =
      std::find(excluded.begin(), excluded.end(), Excluded::kAuthor) != excluded.end();
  return !facts.record.empty() && (facts.authors_known || !asks_authors);
}

bool WindowIsJudged(const Policy& policy, const Facts& facts) {
  const auto is_known = [&](const Window& window) {
    const auto of_it = [&](const ZoneFact& zone) { return zone.name == window.zone; };
    const auto found = std::find_if(facts.zones.begin(), facts.zones.end(), of_it);
    return std::count_if(facts.zones.begin(), facts.zones.end(), of_it) == 1 && found->known &&
           ZoneTime::Of(*found, facts.now).has_value();
  };
  const auto& windows = policy.window->windows;
  return !windows.empty() && std::all_of(windows.begin(), windows.end(), is_known);
}

}  // namespace failgate
