#include "policies/gates/checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "policies/decision_json.h"
#include "policies/evaluate.h"
#include "policies/facts_json.h"
#include "policies/override.h"
#include "policies/policy_parser.h"
#include "tests/unit/policies/policy_cases.h"

namespace failgate {
namespace {

using ::testing::HasSubstr;

constexpr const char* kProject =
    "checks:\n"
    "  before:\n"
    "    - {name: compare, run: ./compare.sh, reports: {metrics: out/m.json}}\n"
    "    - {name: load, level: integration, run: ./load.sh, reports: {tests: out/t.xml}}\n"
    "  after:\n"
    "    - {name: smoke, run: ./smoke.sh, timeout: 2m}\n";

Policy WithChecks() {
  const Parsed<Policy> policy =
      MergedPolicy("override: {from: [al@example.com]}\ngates: none", kProject);
  Check(policy.has_value(), policy.has_value() ? "" : Describe(policy.error()));
  return *policy;
}

CheckFact Passed(const OperationsCheck& check, const Facts& facts) {
  CheckFact fact;
  fact.name = check.name;
  fact.state = CheckProgress::kPassed;
  fact.record = facts.record;
  fact.champion = facts.running.value_or(ReleaseName());
  fact.spec = CheckDigest(check);
  fact.files = facts.check_files->digest;
  if (!check.tests.empty()) fact.tests.passed = 3;
  if (!check.metrics.empty()) fact.metrics["auc"] = 0.87;
  fact.finished = facts.now;
  return fact;
}

Facts AllPassed(const Policy& policy) {
  Facts facts = EmptyFacts();
  facts.running = ReleaseName("churn-41");
  facts.check_files = CheckFilesFact{CommitId(std::string(40, 'c')), "sha256:files"};
  for (const OperationsCheck& check : policy.checks.before) {
    facts.checks.push_back(Passed(check, facts));
  }
  return facts;
}

GateVerdict Judge(const Policy& policy, const Facts& facts) {
  return EvaluateChecks(policy.checks.before, facts);
}

TEST(ChecksGateTest, PassesWhenEachCheckPassedForTheseInputs) {
  const Policy policy = WithChecks();
  Facts facts = AllPassed(policy);
  const GateVerdict verdict = Judge(policy, facts);
  EXPECT_EQ(verdict.verdict, Verdict::kPass);
  EXPECT_EQ(verdict.reason, "compare: auc 0.87; load: integration 3");
  std::reverse(facts.checks.begin(), facts.checks.end());
  EXPECT_EQ(Judge(policy, facts), verdict);
}

TEST(ChecksGateTest, WaitsForWhatDidNotRunForExactlyTheseInputs) {
  const Policy policy = WithChecks();
  const auto spoilt = [&](auto spoil) {
    Facts facts = AllPassed(policy);
    spoil(facts);
    return Judge(policy, facts);
  };
  const auto waits = [](const GateVerdict& verdict) { return verdict.verdict == Verdict::kWait; };
  EXPECT_TRUE(waits(Judge(policy, EmptyFacts())));
  EXPECT_TRUE(waits(spoilt([](Facts& facts) { facts.checks.pop_back(); })));
  EXPECT_TRUE(waits(spoilt([](Facts& facts) { facts.checks.push_back(facts.checks[0]); })));
  EXPECT_TRUE(waits(spoilt([](Facts& facts) { facts.checks[0].record = "sha256:other"; })));
  EXPECT_TRUE(waits(spoilt([](Facts& facts) { facts.running = ReleaseName("churn-40"); })));
  EXPECT_TRUE(waits(spoilt([](Facts& facts) { facts.running.reset(); })));
  EXPECT_TRUE(waits(spoilt([](Facts& facts) { facts.checks[0].files = "sha256:old"; })));
  EXPECT_TRUE(waits(spoilt([](Facts& facts) { facts.checks[0].spec = "sha256:old"; })));
  EXPECT_TRUE(waits(spoilt([](Facts& facts) { facts.check_files.reset(); })));
  const GateVerdict running =
      spoilt([](Facts& facts) { facts.checks[0].state = CheckProgress::kRunning; });
  EXPECT_EQ(running.reason, "check compare is running");
  const GateVerdict due = spoilt([](Facts& facts) {
    facts.checks[1].state = CheckProgress::kDue;
    facts.checks[1].detail = "no room\non the disk";
  });
  EXPECT_THAT(due.reason, HasSubstr("check load is due: no room"));
  EXPECT_EQ(due.reason.find('\n'), std::string::npos);
}

TEST(ChecksGateTest, FailsForACheckThatFailedOrProvesNothing) {
  const Policy policy = WithChecks();
  Facts facts = AllPassed(policy);
  facts.checks[0].state = CheckProgress::kFailed;
  facts.checks[0].detail = "exit code 1: worse";
  EXPECT_EQ(Judge(policy, facts).verdict, Verdict::kFail);
  EXPECT_EQ(Judge(policy, facts).reason, "check compare failed: exit code 1: worse");
  facts = AllPassed(policy);
  facts.checks[0].metrics.clear();
  EXPECT_EQ(Judge(policy, facts).verdict, Verdict::kFail);
  facts = AllPassed(policy);
  facts.checks[1].tests = TestCounts{};
  EXPECT_EQ(Judge(policy, facts).verdict, Verdict::kFail) << "no test case passed";
  facts.checks[1].tests = TestCounts{3, 1, 0, 0};
  EXPECT_EQ(Judge(policy, facts).verdict, Verdict::kFail);
  facts.checks[1].tests = TestCounts{-3, 0, 0, 0};
  EXPECT_EQ(Judge(policy, facts).verdict, Verdict::kFail);
}

TEST(ChecksGateTest, IsAskedOfARollbackToo) {
  const Policy policy = WithChecks();
  Facts facts = AllPassed(policy);
  facts.rollback = true;
  EXPECT_EQ(Evaluate(policy, facts).outcome, Outcome::kPassed);
  facts.checks.clear();
  EXPECT_EQ(Evaluate(policy, facts).outcome, Outcome::kDeferred);
}

TEST(ChecksGateTest, IsOverriddenOnlyOnceEveryCheckHasEnded) {
  const Policy policy = WithChecks();
  Facts facts = AllPassed(policy);
  facts.checks[0].state = CheckProgress::kFailed;
  EXPECT_FALSE(WhyNotOverridable(policy, facts, "checks").has_value());
  facts.checks[1].state = CheckProgress::kRunning;
  EXPECT_TRUE(WhyNotOverridable(policy, facts, "checks").has_value());
}

TEST(ChecksGateTest, HasFactsThatAreReadBackAsTheyWereWritten) {
  const Policy policy = WithChecks();
  Facts facts = AllPassed(policy);
  facts.checks[0].state = CheckProgress::kFailed;
  facts.checks[0].detail = "worse";
  facts.checks[1].finished.reset();
  const auto again = FactsFromJson(FactsToJson(facts));
  ASSERT_TRUE(again.has_value()) << again.error().text;
  EXPECT_EQ(*again, facts);
  const std::string without = FactsToJson(EmptyFacts());
  for (const char* key : {"check_files", "checks", "commands"}) {
    EXPECT_EQ(without.find(key), std::string::npos) << key;
  }
}

TEST(ChecksGateTest, ReadsChecksWithTheirPlaces) {
  const Policy policy = WithChecks();
  ASSERT_EQ(policy.checks.before.size(), 2U);
  EXPECT_EQ(policy.checks.before[0].level, "functional");
  EXPECT_EQ(policy.checks.before[0].metrics, std::vector<std::string>{"out/m.json"});
  EXPECT_EQ(policy.checks.before[1].level, "integration");
  EXPECT_EQ(policy.checks.after[0].timeout, std::chrono::minutes(2));
  struct Case {
    const char* text;
    const char* says;
  };
  const std::vector<Case> cases = {
      {"checks: {before: [{run: x}]}", "1:19: checks.before[0] needs \"name\""},
      {"checks: {before: [{name: a}]}", "needs \"run\""},
      {"checks: {before: [{name: a, run: ' '}]}", "1:34: run is empty"},
      {"checks: {before: [{name: a, run: 'x ${{ y }}'}]}", "never allowed inside run"},
      {"checks: {before: [{name: a, run: x}, {name: a, run: y}]}", "the name a is taken"},
      {"checks: {befor: []}", "did you mean \"before\"?"},
      {"checks: {after: [{name: a, run: x, timeout: 30h}]}", "timeout must lie between 1s and"},
      {"checks: {after: [{name: a, run: x, reports: {tests: ../x}}]}", "is not a path inside"},
      {"checks: {after: [{name: a, run: x, level: smoke}]}", "level"},
      {"gates: {checks: {}}", "write `checks:` beside `gates:`"}};
  for (const Case& one : cases) {
    const Parsed<Policy> read = MergedPolicy("gates: none", one.text);
    ASSERT_FALSE(read.has_value()) << one.text;
    EXPECT_THAT(Describe(read.error()), HasSubstr(one.says));
  }
}

TEST(ChecksGateTest, DigestsDifferWhenAnythingOfACheckDoes) {
  const OperationsCheck check{"a", "functional", "x", {"t"}, {}, {}, Milliseconds(1000)};
  const auto other = [&](auto change) {
    OperationsCheck changed = check;
    change(changed);
    return CheckDigest(changed);
  };
  EXPECT_EQ(CheckDigest(check), other([](OperationsCheck&) {}));
  EXPECT_NE(CheckDigest(check), other([](OperationsCheck& c) { c.name = "b"; }));
  EXPECT_NE(CheckDigest(check), other([](OperationsCheck& c) { c.level = "unit"; }));
  EXPECT_NE(CheckDigest(check), other([](OperationsCheck& c) { c.run = "y"; }));
  EXPECT_NE(CheckDigest(check), other([](OperationsCheck& c) { std::swap(c.tests, c.metrics); }));
  EXPECT_NE(CheckDigest(check), other([](OperationsCheck& c) { c.timeout += Milliseconds(1); }));
}

}  // namespace
}  // namespace failgate
