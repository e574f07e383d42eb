// What an auditor makes of removals and overrides, and what he does not believe.
#include <gtest/gtest.h>

#include <numeric>

#include "controller/deploylog/expected_state.h"
#include "policies/verdict_text.h"

namespace failgate {
namespace {

const TimePoint kNine = *ParseTime("2026-11-30T09:00:00Z");

WrittenFact Written(FactKind kind, std::vector<Trailer> trailers) {
  WrittenFact written;
  written.fact.kind = kind;
  written.fact.at = kNine;
  written.fact.release = ReleaseName("app-1");
  written.fact.trailers = std::move(trailers);
  written.sequence = 7;
  return written;
}

EnvironmentState Running() {
  EnvironmentState state;
  state.running = ReleaseName("app-1");
  state.running_spec = "spec";
  state.since = kNine;
  state.decided.release = ReleaseName("app-1");
  state.decided.spec = "spec";
  state.decided.decision = "sha256:1";
  state.decided.attempt = 3;
  state.decided.finished = true;
  state.Remember(
      HistoryEntry{ReleaseName("app-1"), "spec", "sha256:1", kNine, DeploymentEnd::kHealthy});
  return state;
}

struct Audited {
  EnvironmentState state;
  std::vector<AuditFinding> findings;
};

Audited Audit(const EnvironmentState& before,
              const WrittenFact& written,
              const DecisionRecord* decision = nullptr) {
  Audited audited;
  audited.state = ExpectedState(before, EnvironmentState(), written, decision, audited.findings);
  return audited;
}

WrittenFact Order(const std::string& attempt) {
  return Written(FactKind::kRemovalOrdered, {{"Attempt", attempt}, {"Wanted", "8d1e"}});
}

WrittenFact End(FactKind kind, const std::string& attempt) {
  return Written(kind, {{"Attempt", attempt}, {"Cause", "a folder stands there"}});
}

TEST(DecisionAudit, ForgetsTheOldestOfManyVerdictsAsTheirWriterDid) {
  DecisionRecord waits;
  waits.decision.outcome = Outcome::kDeferred;
  const std::string summary = VerdictSummary(waits.decision);
  EnvironmentState written = Running();
  EnvironmentState state = Running();
  // The one in the middle comes last, as when its run took longer.
  std::vector<int> numbers(kVerdictsRemembered + 3);
  std::iota(numbers.begin(), numbers.end(), 2);
  std::swap(numbers[20], numbers.back());
  for (const int number : numbers) {
    WrittenFact decided = Written(FactKind::kDecided, {});
    decided.fact.release = ReleaseName("app-" + std::to_string(number));
    written.RememberVerdict(decided.fact.release, summary);
    const Audited audited = Audit(state, decided, &waits);
    EXPECT_TRUE(audited.findings.empty());
    state = audited.state;
    EXPECT_EQ(state.verdicts, written.verdicts) << number;
  }
  EXPECT_EQ(state.verdicts.size(), kVerdictsRemembered);
  WrittenFact again = Written(FactKind::kDecided, {});
  again.fact.release = ReleaseName("app-60");
  EXPECT_FALSE(Audit(state, again, &waits).findings.empty()) << "such a verdict stood there";
}

TEST(RemovalAudit, FollowsTheOrderAndItsEnd) {
  const Audited ordered = Audit(Running(), Order("4"));
  EXPECT_TRUE(ordered.findings.empty());
  EXPECT_TRUE(ordered.state.decided.removes);
  EXPECT_FALSE(ordered.state.decided.finished);
  const Audited removed = Audit(ordered.state, End(FactKind::kRemoved, "4"));
  EXPECT_TRUE(removed.findings.empty());
  EXPECT_TRUE(removed.state.running.empty());
  EXPECT_TRUE(removed.state.decided.release.empty());
  EXPECT_EQ(removed.state.decided.attempt, 4) << "numbers of attempts go on";
  EXPECT_EQ(removed.state.removed, 1);
  EXPECT_EQ(WriteJson(*ReadEnvironmentState(WriteJson(removed.state))), WriteJson(removed.state));
  const Audited failed = Audit(ordered.state, End(FactKind::kFailed, "4"));
  EXPECT_TRUE(failed.findings.empty());
  EXPECT_EQ(failed.state.running.text(), "app-1");
  EXPECT_EQ(failed.state.cause, "a folder stands there");
}

TEST(RemovalAudit, EndsTheSteadyTimeOfWhatIsTakenAwayOrCannotBe) {
  EnvironmentState running = Running();
  running.SetSteady(kNine - std::chrono::hours(5));
  const EnvironmentState ordered = Audit(running, Order("4")).state;
  const EnvironmentState removed = Audit(ordered, End(FactKind::kRemoved, "4")).state;
  EXPECT_EQ(removed.history.back().steady, kNine - std::chrono::hours(5));
  EXPECT_EQ(removed.history.back().steady_until, kNine) << "it was ordered away then";
  const EnvironmentState failed = Audit(ordered, End(FactKind::kFailed, "4")).state;
  EXPECT_EQ(failed.history.back().steady, std::nullopt);
}

TEST(RemovalAudit, DoesNotBelieveAnEndWithoutItsOrderOrAnOrderOutOfTurn) {
  EXPECT_FALSE(Audit(Running(), End(FactKind::kRemoved, "3")).findings.empty());
  EXPECT_FALSE(Audit(Running(), Order("3")).findings.empty()) << "attempt 4 is next";
  EnvironmentState deploying = Running();
  deploying.decided.finished = false;
  EXPECT_FALSE(Audit(deploying, Order("4")).findings.empty()) << "a deployment was in progress";
  EXPECT_FALSE(Audit(deploying, End(FactKind::kRemoved, "3")).findings.empty())
      << "nothing was to be taken away";
  const EnvironmentState ordered = Audit(Running(), Order("4")).state;
  EXPECT_FALSE(Audit(ordered, End(FactKind::kRemoved, "5")).findings.empty());
}

TEST(HealthAudit, EndsTheSteadyTimeOfWhatIsUnhealthyThoughAsDecided) {
  EnvironmentState running = Running();
  running.SetSteady(kNine);
  running.health = Health::kHealthy;
  running.drift = Drift::kNone;
  const auto sick =
      Written(FactKind::kDrifted, {{"Attempt", "3"}, {"Drift", "none"}, {"Health", "unhealthy"}});
  const Audited audited = Audit(running, sick);
  EXPECT_TRUE(audited.findings.empty());
  EXPECT_EQ(audited.state.drift, Drift::kNone);
  EXPECT_EQ(audited.state.health, Health::kUnhealthy);
  EXPECT_EQ(audited.state.history.back().steady, std::nullopt);
  running.drift = Drift::kDrifted;
  EXPECT_FALSE(Audit(running, sick).findings.empty()) << "only a repair ends a drift";
}

WrittenFact Override(const std::string& until) {
  return Written(FactKind::kOverridden,
                 {{"Record", "sha256:77"},
                  {"Gate", "tests"},
                  {"Overridden-by", "Alice <alice@example.com>"},
                  {"Until", until},
                  {"Reason", "the shop is down"},
                  {"Request", "r-1"}});
}

TEST(OverrideAudit, KeepsWhatWasGivenAndUsesItUp) {
  const Audited given = Audit(Running(), Override("2026-11-30T11:00:00Z"));
  EXPECT_TRUE(given.findings.empty());
  ASSERT_EQ(given.state.overrides.size(), 1U);
  EXPECT_EQ(given.state.overrides[0].gate, "tests");
  EXPECT_EQ(WriteJson(*ReadEnvironmentState(WriteJson(given.state))), WriteJson(given.state));
  DecisionRecord decision;
  decision.facts.overrides = {OverrideFact{"tests",
                                           Person{"Alice", "alice@example.com"},
                                           "the shop is down",
                                           kNine,
                                           kNine + std::chrono::hours(2),
                                           "sha256:77"}};
  const auto promoted = Written(FactKind::kPromoted, {{"Attempt", "4"}});
  const Audited used = Audit(given.state, promoted, &decision);
  EXPECT_TRUE(used.findings.empty());
  EXPECT_TRUE(used.state.overrides.empty());
  const Audited again = Audit(Running(), promoted, &decision);
  ASSERT_EQ(again.findings.size(), 1U);
  EXPECT_EQ(again.findings[0].kind, AuditKind::kDecision) << "nobody had given it";
}

TEST(OverrideAudit, DoesNotBelieveOneThatLastsLongerThanADayOrHasNoPerson) {
  EXPECT_FALSE(Audit(Running(), Override("2026-12-01T09:00:01Z")).findings.empty());
  EXPECT_FALSE(Audit(Running(), Override("2026-11-30T09:00:00Z")).findings.empty());
  EXPECT_FALSE(Audit(Running(), Written(FactKind::kOverridden, {})).findings.empty());
}

}  // namespace
}  // namespace failgate
