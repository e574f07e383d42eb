// All gates of one release, from facts to the decision; and the canonical bytes of its record.
#include <benchmark/benchmark.h>

#include "controller/base/error.h"
#include "policies/decision_json.h"
#include "policies/evaluate.h"
#include "policies/git_blob.h"
#include "policies/policy_parser.h"

namespace failgate {
namespace {

constexpr const char* kEnvironmentFile =
    "after: recette\n"
    "policy: delivery\n"
    "gates:\n"
    "  tests: {levels: [unit, integration, functional], min: {unit: 50}, order: enforced,\n"
    "    usecases: [scoring], functional: given-when-then, real_calls: 2}\n"
    "  coverage: {lines: 80, changed_lines: 90}\n"
    "  max_duration: {total: 1h, unit: 10m}\n"
    "  approvals:\n"
    "    count: 2\n"
    "    from: [alice@example.com, bob@example.com, carol@example.com]\n"
    "    not: [author, requester]\n"
    "  soak: {in: recette, for: 24h, reserve: true}\n"
    "  window:\n"
    "    timezone: Europe/Paris\n"
    "    allow: [\"Mon-Thu 09:00-17:00\"]\n"
    "    freeze: [{from: 2026-12-20, to: 2027-01-04, reason: year end}]\n";

Facts FactsOfARelease() {
  Facts facts;
  facts.project = ProjectName("churn");
  facts.environment = EnvironmentName("prod");
  facts.release = ReleaseName("churn-42");
  facts.record = "sha256:" + std::string(64, 'a');
  facts.now = *ParseTime("2026-11-23T09:00:00Z");
  TimePoint time = facts.now - std::chrono::hours(1);
  for (const std::string& level : TestLevels()) {
    facts.evidence.tests[level] = TestCounts{212, 0, 0, 1};
    StepEvidence step{level, level, EvidenceState::kPassed, TestCounts{212, 0, 0, 1}};
    step.usecase = "scoring";
    step.started = time;
    step.finished = time += std::chrono::minutes(5);
    step.cases = CaseFigures{213, 0, "", 3};
    facts.evidence.steps.push_back(std::move(step));
  }
  facts.evidence.coverage = CoverageFigures{910, 1000, 300, 400};
  facts.evidence.changed_lines = ChangedLines{CommitId(std::string(40, 'b')), 37, 40};
  facts.authors_known = true;
  facts.authors = {Person{"Dave", "dave@example.com"}};
  facts.requester = Person{"Carol", "carol@example.com"};
  facts.requested_via = "api";
  for (const char* email : {"alice@example.com", "bob@example.com"}) {
    facts.approvals.push_back(
        {Person{"", email}, false, facts.now, std::nullopt, facts.record, "api", false});
  }
  facts.after = LadderFact{EnvironmentName("recette"), LadderState::kPassed, facts.now, ""};
  facts.soaks.push_back({EnvironmentName("recette"),
                         SoakState::kSteady,
                         facts.now - std::chrono::hours(48),
                         std::nullopt,
                         ""});
  facts.zones.push_back({"Europe/Paris",
                         true,
                         facts.now - std::chrono::days(2),
                         facts.now + std::chrono::days(400),
                         {{facts.now - std::chrono::days(2), 3600},
                          {*ParseTime("2027-03-28T01:00:00Z"), 7200},
                          {*ParseTime("2027-10-31T01:00:00Z"), 3600}}});
  return facts;
}

const Policy& AllGates() {
  static const Policy policy =
      ParseEnvironmentPolicy(kEnvironmentFile, "environments/prod/environment.yaml").value();
  return policy;
}

void EvaluateAll(benchmark::State& state) {
  const Facts facts = FactsOfARelease();
  for (auto _ : state) {
    const Decision decision = Evaluate(AllGates(), facts);
    Check(decision.outcome == Outcome::kPassed, "all gates pass");
  }
}
BENCHMARK(EvaluateAll)->Name("all gates of a release/failgate");

void Record(benchmark::State& state) {
  DecisionRecord record;
  record.facts = FactsOfARelease();
  record.project = record.facts.project;
  record.environment = record.facts.environment;
  record.release = record.facts.release;
  record.record = record.facts.record;
  record.time = record.facts.now;
  record.policy = {
      {"environments/prod/environment.yaml", GitBlobId(kEnvironmentFile), kEnvironmentFile}};
  record.decision = Evaluate(AllGates(), record.facts);
  Check(!VerifyDecision(record).has_value(), "the record verifies");
  for (auto _ : state) {
    benchmark::DoNotOptimize(DecisionName(DecisionRecordToJson(record)));
  }
}
BENCHMARK(Record)->Name("decision record/failgate");

}  // namespace
}  // namespace failgate
