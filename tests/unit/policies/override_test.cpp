// Break-glass: what an override turns into a pass, and what it never does.
#include "policies/override.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policies/decision_json.h"
#include "policies/evaluate.h"
#include "policies/facts_json.h"
#include "policies/git_blob.h"
#include "policies/policy_parser.h"

namespace failgate {
namespace {

using testing::HasSubstr;
using testing::Not;

const TimePoint kNine = *ParseTime("2026-11-30T09:00:00Z");
const std::string kFile = "environments/prod/environment.yaml";
const std::string kFloor =
    "after: recette\n"
    "override: {from: [alice@example.com, Bob@example.com]}\n"
    "gates:\n"
    "  tests: {levels: [unit]}\n"
    "  coverage: {lines: 80}\n"
    "  approvals: {count: 1, from: [carol@example.com], not: [author]}\n";

Policy Floor() {
  const Parsed<Policy> policy = ParseEnvironmentPolicy(kFloor, kFile);
  EXPECT_TRUE(policy.has_value()) << Describe(policy.error());
  return *policy;
}

OverrideFact Given(const std::string& gate) {
  return {gate,
          Person{"Alice", "alice@example.com"},
          "the shop is down",
          kNine,
          kNine + std::chrono::hours(2),
          "sha256:77"};
}

/// Every gate fails or waits, and every fact is there.
Facts Judged() {
  Facts facts;
  facts.project = ProjectName("churn");
  facts.environment = EnvironmentName("prod");
  facts.release = ReleaseName("churn-1");
  facts.record = "sha256:77";
  facts.now = kNine + std::chrono::hours(1);
  facts.evidence.tests["unit"] = TestCounts{5, 1, 0, 0};
  facts.evidence.coverage = CoverageFigures{50, 100, 0, 0};
  facts.authors_known = true;
  facts.after = LadderFact{EnvironmentName("recette"), LadderState::kFailed, std::nullopt, ""};
  return facts;
}

GateVerdict VerdictOf(const Facts& facts, const std::string& gate, const Policy& policy = Floor()) {
  for (const GateVerdict& verdict : Evaluate(policy, facts).verdicts) {
    if (verdict.gate == gate) return verdict;
  }
  return {};
}

TEST(Override, TurnsEachJudgedGateIntoAPassThatSaysWhoAndWhy) {
  for (const std::string gate : {"after", "tests", "coverage", "approvals"}) {
    Facts facts = Judged();
    ASSERT_NE(VerdictOf(facts, gate).verdict, Verdict::kPass) << gate;
    facts.overrides = {Given(gate)};
    const GateVerdict verdict = VerdictOf(facts, gate);
    EXPECT_EQ(verdict.verdict, Verdict::kPass) << gate << verdict.reason;
    EXPECT_THAT(verdict.reason,
                HasSubstr("overridden by Alice <alice@example.com> until 2026-11-30T11:00:00Z: the "
                          "shop is down; the gate said "));
    EXPECT_EQ(Evaluate(Floor(), facts).outcome, Outcome::kBlocked) << "the others still judge";
  }
}

TEST(Override, NeverCoversFactsThatAreMissing) {
  Facts facts = Judged();
  facts.evidence = Evidence();
  facts.authors_known = false;
  facts.after.reset();
  for (const std::string gate : {"after", "tests", "coverage", "approvals"}) {
    facts.overrides = {Given(gate)};
    const GateVerdict verdict = VerdictOf(facts, gate);
    EXPECT_NE(verdict.verdict, Verdict::kPass) << gate;
    EXPECT_THAT(verdict.reason, HasSubstr("what is not known is never overridden")) << gate;
  }
  facts = Judged();
  facts.evidence.tests["unit"] = TestCounts{0, 0, 0, 7};
  facts.after->state = LadderState::kNoSuchEnvironment;
  for (const std::string gate : {"after", "tests"}) {
    facts.overrides = {Given(gate)};
    EXPECT_NE(VerdictOf(facts, gate).verdict, Verdict::kPass) << gate;
  }
}

Policy Asking(const std::string& gates) {
  const Parsed<Policy> policy = ParseEnvironmentPolicy(
      "override: {from: [alice@example.com, bob@example.com]}\ngates:\n" + gates, kFile);
  EXPECT_TRUE(policy.has_value()) << Describe(policy.error());
  return *policy;
}

/// Of `gate` as the policy asks it, after Alice's override.
Verdict Overridden(const std::string& gates, const std::string& gate, Facts facts) {
  const Policy policy = Asking(gates);
  EXPECT_NE(VerdictOf(facts, gate, policy).verdict, Verdict::kPass) << gates;
  facts.overrides = {Given(gate)};
  return VerdictOf(facts, gate, policy).verdict;
}

StepEvidence Step(const std::string& level, EvidenceState state, const TestCounts& tests) {
  StepEvidence step;
  step.name = level;
  step.level = level;
  step.state = state;
  step.tests = tests;
  step.started = kNine;
  step.finished = kNine + std::chrono::hours(1);
  return step;
}

TEST(Override, CoversASoakOnlyWhenItsTimesAreKnown) {
  const std::string gates = "  soak: {in: recette, for: 24h}\n";
  Facts facts = Judged();
  facts.soaks = {SoakFact{EnvironmentName("recette"), SoakState::kReplaced, kNine, kNine}};
  EXPECT_EQ(Overridden(gates, "soak", facts), Verdict::kPass);
  facts.soaks[0].since.reset();
  EXPECT_NE(Overridden(gates, "soak", facts), Verdict::kPass);
  facts.soaks[0] = SoakFact{EnvironmentName("recette"), SoakState::kReplaced, kNine};
  EXPECT_NE(Overridden(gates, "soak", facts), Verdict::kPass);
}

TEST(Override, CoversADurationOnlyWhenStepsOfTheLevelRanInTimesThatCanBe) {
  const std::string gates = "  max_duration: {unit: 1m}\n";
  Facts facts = Judged();
  facts.evidence.steps = {Step("unit", EvidenceState::kPassed, TestCounts{1, 0, 0, 0})};
  EXPECT_EQ(Overridden(gates, "max_duration", facts), Verdict::kPass);
  Facts backwards = facts;
  backwards.evidence.steps[0].finished = kNine - std::chrono::hours(1);
  EXPECT_NE(Overridden(gates, "max_duration", backwards), Verdict::kPass);
  Facts other = facts;
  other.evidence.steps[0].level = "build";
  EXPECT_NE(Overridden(gates, "max_duration", other), Verdict::kPass);
  other.evidence.steps[0].finished.reset();
  facts.evidence.steps.push_back(other.evidence.steps[0]);
  EXPECT_EQ(Overridden(gates, "max_duration", facts), Verdict::kPass)
      << "nobody asks how long building took";
}

TEST(Override, CoversARepetitionOnlyWhenEachStepRanTwice) {
  const std::string gates = "  repeatable: {steps: [functional, unit]}\n";
  Facts facts = Judged();
  facts.evidence.steps = {Step("unit", EvidenceState::kPassed, TestCounts{4, 0, 0, 0}),
                          Step("functional", EvidenceState::kPassed, TestCounts{4, 0, 0, 0})};
  facts.evidence.steps[0].name = "unit";
  facts.evidence.steps[1].name = "functional";
  facts.evidence.steps[0].repeated = RepeatEvidence{false, 4, 0, "test case a passed, then failed"};
  EXPECT_NE(Overridden(gates, "repeatable", facts), Verdict::kPass);
  facts.evidence.steps[1].repeated = RepeatEvidence{false, 4, 0, ""};
  EXPECT_EQ(Overridden(gates, "repeatable", facts), Verdict::kPass);
}

TEST(Override, CoversARegressionTestOnlyWhenItIsKnownWhatTheTestsDid) {
  const std::string gates = "  regression_test: {}\n";
  Facts facts = Judged();
  facts.evidence.steps = {Step("unit", EvidenceState::kPassed, TestCounts{4, 0, 0, 0})};
  EXPECT_NE(Overridden(gates, "regression_test", facts), Verdict::kPass);
  facts.evidence.steps[0].regression = RegressionEvidence();
  EXPECT_NE(Overridden(gates, "regression_test", facts), Verdict::kPass);
  facts.evidence.steps[0].regression->state = RegressionState::kUnchanged;
  EXPECT_EQ(Overridden(gates, "regression_test", facts), Verdict::kPass);
}

TEST(Override, CoversAUseCaseOnlyWhenItsStepsRanWithTestCases) {
  const std::string gates = "  tests: {levels: [unit], usecases: [scoring]}\n";
  Facts facts = Judged();
  facts.evidence.steps = {Step("unit", EvidenceState::kFailed, TestCounts{4, 1, 0, 0})};
  facts.evidence.steps[0].usecase = "scoring";
  EXPECT_EQ(Overridden(gates, "tests", facts), Verdict::kPass);
  facts.evidence.steps[0].tests = TestCounts();
  EXPECT_NE(Overridden(gates, "tests", facts), Verdict::kPass);
  facts.evidence.steps[0].tests = TestCounts{4, 1, 0, 0};
  facts.evidence.steps[0].state = EvidenceState::kSkipped;
  EXPECT_NE(Overridden(gates, "tests", facts), Verdict::kPass);
}

TEST(Override, CoversNamesOfTestCasesOnlyWhenAllAreKnown) {
  const std::string gates = "  tests: {levels: [functional], functional: given-when-then}\n";
  Facts facts = Judged();
  facts.evidence.tests["functional"] = TestCounts{4, 0, 0, 0};
  facts.evidence.steps = {Step("functional", EvidenceState::kPassed, TestCounts{4, 0, 0, 0})};
  facts.evidence.steps[0].cases = CaseFigures{4, 1, "test_login", 0};
  EXPECT_EQ(Overridden(gates, "tests", facts), Verdict::kPass);
  facts.evidence.steps[0].cases->total = 3;
  EXPECT_NE(Overridden(gates, "tests", facts), Verdict::kPass);
}

TEST(Override, CoversLinesBesideAComparisonThatFoundNoChangedLine) {
  const std::string gates = "  coverage: {lines: 80, changed_lines: 90}\n";
  Facts facts = Judged();
  facts.evidence.changed_lines = ChangedLines{CommitId(std::string(40, 'a')), 0, 0};
  EXPECT_EQ(Overridden(gates, "coverage", facts), Verdict::kPass);
  facts.evidence.changed_lines->since = CommitId();
  EXPECT_NE(Overridden(gates, "coverage", facts), Verdict::kPass);
}

TEST(Override, CountsWhicheverOfTwoComesFirst) {
  Facts facts = Judged();
  OverrideFact foreign = Given("tests");
  foreign.person.email = "carol@example.com";
  foreign.until = kNine + std::chrono::hours(3);
  OverrideFact other = Given("tests");
  other.person = Person{"Bob", "bob@example.com"};
  facts.overrides = {foreign, Given("tests"), other};
  const GateVerdict first = VerdictOf(facts, "tests");
  EXPECT_EQ(first.verdict, Verdict::kPass) << first.reason;
  facts.overrides = {other, Given("tests"), foreign};
  EXPECT_EQ(VerdictOf(facts, "tests").reason, first.reason);
}

TEST(Override, NeverCoversExceptAndPolicy) {
  Facts facts = Judged();
  facts.excepted = true;
  facts.overrides = {Given("except"), Given("policy")};
  EXPECT_EQ(VerdictOf(facts, "except").verdict, Verdict::kFail);
  EXPECT_THAT(VerdictOf(facts, "except").reason, HasSubstr("except is never overridden"));
  Policy none;
  none.override_from = {"alice@example.com"};
  EXPECT_EQ(VerdictOf(facts, "policy", none).verdict, Verdict::kFail);
}

TEST(Override, CountsOnlyWhenItIsAListedPersonsForThisRecordInItsTime) {
  struct Case {
    void (*change)(OverrideFact& given);
    const char* says;
  };
  const std::vector<Case> cases = {
      {[](OverrideFact& given) { given.person.email = "carol@example.com"; }, "not among override"},
      {[](OverrideFact& given) { given.record = "sha256:78"; }, "another record"},
      {[](OverrideFact& given) { given.until = kNine + std::chrono::minutes(60); }, "time is over"},
      {[](OverrideFact& given) { given.at = kNine + std::chrono::minutes(61); }, "yet to come"},
      {[](OverrideFact& given) { given.until = kNine + std::chrono::hours(25); }, "than a day"},
      {[](OverrideFact& given) { given.reason = " "; }, "no reason"}};
  for (const Case& one : cases) {
    Facts facts = Judged();
    facts.overrides = {Given("tests")};
    one.change(facts.overrides[0]);
    const GateVerdict verdict = VerdictOf(facts, "tests");
    EXPECT_EQ(verdict.verdict, Verdict::kFail) << one.says;
    EXPECT_THAT(verdict.reason, HasSubstr(one.says));
    EXPECT_THAT(verdict.reason, HasSubstr("1 failed")) << "what the gate said stays";
  }
}

TEST(Override, LeavesAPassAsItIs) {
  Facts facts = Judged();
  facts.evidence.tests["unit"] = TestCounts{5, 0, 0, 0};
  facts.overrides = {Given("tests")};
  EXPECT_THAT(VerdictOf(facts, "tests").reason, Not(HasSubstr("overridden")));
}

TEST(Override, PeopleAreNarrowedByAProjectFileAndNeverWidened) {
  const auto merged = [](const std::string& text) {
    const auto gates = ParseProjectGates(text, "environments/prod/churn.yaml");
    return gates ? Tighten(Floor(), *gates) : Parsed<Policy>(gates.error());
  };
  EXPECT_EQ(Floor().override_from,
            (std::vector<std::string>{"alice@example.com", "bob@example.com"}));
  EXPECT_EQ(merged("deploy: []\n")->override_from.size(), 2U);
  EXPECT_EQ(merged("override: {from: [alice@example.com]}\n")->override_from,
            std::vector<std::string>{"alice@example.com"});
  const auto widened = merged("override: {from: [alice@example.com, eve@example.com]}\n");
  ASSERT_FALSE(widened.has_value());
  EXPECT_THAT(Describe(widened.error()), HasSubstr("override: from with eve@example.com"));
  for (const std::string bad : {"override: [alice@example.com]\n",
                                "override: {}\n",
                                "override: {from: []}\n",
                                "override: {from: [alice]}\n",
                                "override: {from: [alice@example.com], count: 1}\n"}) {
    EXPECT_FALSE(merged(bad).has_value()) << bad;
    EXPECT_FALSE(ParseEnvironmentPolicy("gates: none\n" + bad, kFile).has_value()) << bad;
  }
  EXPECT_TRUE(ParseEnvironmentPolicy("gates: none\n", kFile)->override_from.empty());
}

TEST(Override, IsRecordedAndComesOutAgain) {
  DecisionRecord record;
  record.facts = Judged();
  record.facts.overrides = {Given("tests"), Given("coverage"), Given("after"), Given("approvals")};
  record.project = record.facts.project;
  record.environment = record.facts.environment;
  record.release = record.facts.release;
  record.record = record.facts.record;
  record.time = record.facts.now;
  record.policy = {PolicyFile{kFile, GitBlobId(kFloor), kFloor}};
  record.decision = Evaluate(Floor(), record.facts);
  EXPECT_EQ(record.decision.outcome, Outcome::kPassed);
  const auto read = DecisionRecordFromJson(DecisionRecordToJson(record));
  ASSERT_TRUE(read.has_value()) << read.error().text;
  EXPECT_EQ(*read, record);
  EXPECT_FALSE(VerifyDecision(*read).has_value());
  DecisionRecord forged = record;
  forged.facts.overrides.pop_back();
  EXPECT_TRUE(VerifyDecision(forged).has_value()) << "a pass without its override";
  EXPECT_THAT(FactsToJson(Judged()), Not(HasSubstr("overrides"))) << "as former versions wrote it";
}

}  // namespace
}  // namespace failgate
