#include "policies/gates/command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policies/evaluate.h"
#include "policies/facts_json.h"
#include "policies/override.h"
#include "policies/policy_parser.h"
#include "tests/unit/policies/policy_cases.h"

namespace failgate {
namespace {

using ::testing::HasSubstr;

constexpr const char* kFloor =
    "override: {from: [al@example.com]}\n"
    "gates: {command: [{run: ./gate.sh}, {name: risk, run: ./risk.sh, mode: advise}]}";

Policy WithCommands() {
  const Parsed<Policy> policy = MergedPolicy(kFloor, "");
  Check(policy.has_value(), policy.has_value() ? "" : Describe(policy.error()));
  return *policy;
}

Facts Known() {
  Facts facts = EmptyFacts();
  facts.check_files = CheckFilesFact{CommitId(std::string(40, 'c')), "sha256:files"};
  return facts;
}

CommandFact Answer(const CommandGate& gate, const Facts& facts, Verdict verdict) {
  CommandFact fact;
  fact.name = gate.name;
  fact.spec = CommandDigest(gate);
  fact.files = facts.check_files->digest;
  fact.input = CommandInputDigest(facts);
  fact.asked = facts.now;
  fact.verdict = verdict;
  fact.reason = "because";
  return fact;
}

Facts Answered(const Policy& policy, Verdict verdict) {
  Facts facts = Known();
  std::vector<CommandFact> answers;
  for (const CommandGate& gate : policy.commands) {
    answers.push_back(Answer(gate, facts, verdict));
  }
  facts.commands = std::move(answers);
  return facts;
}

std::vector<GateVerdict> Judge(const Policy& policy, const Facts& facts) {
  std::vector<GateVerdict> verdicts;
  EvaluateCommands(policy.commands, facts, verdicts);
  return verdicts;
}

TEST(CommandGateTest, TakesTheAnswerToTheseFacts) {
  const Policy policy = WithCommands();
  const auto passed = Judge(policy, Answered(policy, Verdict::kPass));
  ASSERT_EQ(passed.size(), 2U);
  EXPECT_EQ(passed[0], (GateVerdict{"command", GateMode::kEnforce, Verdict::kPass, "because", {}}));
  EXPECT_EQ(passed[1].gate, "command:risk");
  EXPECT_EQ(passed[1].mode, GateMode::kAdvise);
  EXPECT_EQ(Judge(policy, Answered(policy, Verdict::kFail))[0].verdict, Verdict::kFail);
  Facts waits = Answered(policy, Verdict::kWait);
  waits.commands[0].until = waits.now + std::chrono::hours(1);
  EXPECT_EQ(Judge(policy, waits)[0].until, waits.commands[0].until);
}

TEST(CommandGateTest, NeverPassesWithAnAnswerToSomethingElse) {
  const Policy policy = WithCommands();
  const auto spoilt = [&](auto spoil) {
    Facts facts = Answered(policy, Verdict::kPass);
    spoil(facts);
    return Judge(policy, facts)[0].verdict;
  };
  EXPECT_EQ(spoilt([](Facts&) {}), Verdict::kPass);
  EXPECT_EQ(Judge(policy, Known())[0].verdict, Verdict::kWait);
  EXPECT_EQ(spoilt([](Facts& f) { f.release = ReleaseName("churn-43"); }), Verdict::kWait);
  EXPECT_EQ(spoilt([](Facts& f) { f.evidence.metrics["auc"] = 0.5; }), Verdict::kWait);
  EXPECT_EQ(spoilt([](Facts& f) { f.rollback = !f.rollback; }), Verdict::kWait);
  EXPECT_EQ(spoilt([](Facts& f) { f.commands[0].spec = "sha256:old"; }), Verdict::kWait);
  EXPECT_EQ(spoilt([](Facts& f) { f.commands[0].files = "sha256:old"; }), Verdict::kWait);
  EXPECT_EQ(spoilt([](Facts& f) { f.commands.push_back(f.commands[0]); }), Verdict::kWait);
  EXPECT_EQ(spoilt([](Facts& f) { f.check_files.reset(); }), Verdict::kWait);
  EXPECT_EQ(spoilt([](Facts& f) { f.commands[0].asked += std::chrono::hours(1); }), Verdict::kWait);
  EXPECT_EQ(spoilt([](Facts& f) { f.commands[0].fault = "exit code 1"; }), Verdict::kFail);
  EXPECT_EQ(spoilt([](Facts& f) { f.commands[1].name = ""; }), Verdict::kWait) << "two answers";
}

TEST(CommandGateTest, BelievesAPassForAWhileOnly) {
  const Policy policy = WithCommands();
  Facts facts = Answered(policy, Verdict::kPass);
  facts.now += std::chrono::minutes(10);
  EXPECT_EQ(Judge(policy, facts)[0].verdict, Verdict::kPass) << "the time is no other question";
  facts.now += Milliseconds(1);
  EXPECT_EQ(Judge(policy, facts)[0].verdict, Verdict::kWait);
  Facts failed = Answered(policy, Verdict::kFail);
  failed.now += std::chrono::hours(5);
  EXPECT_EQ(Judge(policy, failed)[0].verdict, Verdict::kFail) << "until it is asked anew";
}

TEST(CommandGateTest, IsOverriddenOnlyWhenItAnswered) {
  const Policy policy = WithCommands();
  Facts facts = Answered(policy, Verdict::kFail);
  EXPECT_FALSE(WhyNotOverridable(policy, facts, "command:risk").has_value());
  EXPECT_FALSE(WhyNotOverridable(policy, facts, "command").has_value());
  facts.overrides.push_back(OverrideFact{"command",
                                         Person{"Al", "al@example.com"},
                                         "the rule is wrong",
                                         facts.now,
                                         facts.now + std::chrono::hours(1),
                                         facts.record});
  EXPECT_EQ(Evaluate(policy, facts).outcome, Outcome::kPassed);
  facts.commands[0].fault = "exit code 1";
  EXPECT_TRUE(WhyNotOverridable(policy, facts, "command").has_value());
  EXPECT_EQ(Evaluate(policy, facts).outcome, Outcome::kBlocked);
}

TEST(CommandGateTest, IsAskedOfARollbackToo) {
  const Policy policy = WithCommands();
  Facts facts = Known();
  facts.rollback = true;
  EXPECT_EQ(Evaluate(policy, facts).outcome, Outcome::kDeferred);
}

TEST(CommandGateTest, ReadsAnswersInTheAgreedFormOnly) {
  const auto good = ParseCommandAnswer(
      "{\"verdict\": \"wait\", \"reason\": \"a\\nb\", \"until\": "
      "\"2026-11-23T13:00:00Z\"}\n");
  ASSERT_TRUE(good.has_value()) << good.error().text;
  EXPECT_EQ(good->verdict, Verdict::kWait);
  EXPECT_EQ(good->reason.find('\n'), std::string::npos);
  EXPECT_TRUE(good->until.has_value());
  for (const char* text : {"",
                           "pass",
                           "null",
                           "[]",
                           "{}",
                           "{\"verdict\": \"pass\"}",
                           "{\"verdict\": \"pass\", \"reason\": \"\"}",
                           "{\"verdict\": \"pass\", \"reason\": \" \"}",
                           "{\"verdict\": \"PASS\", \"reason\": \"x\"}",
                           "{\"verdict\": true, \"reason\": \"x\"}",
                           "{\"verdict\": \"pass\", \"reason\": 1}",
                           "{\"verdict\": \"pass\", \"reason\": \"x\", \"more\": 1}",
                           "{\"verdict\": \"fail\", \"verdict\": \"pass\", \"reason\": \"x\"}",
                           "{\"verdict\": \"pass\", \"reason\": \"x\"} {}",
                           "{\"verdict\": \"wait\", \"reason\": \"x\", \"until\": \"soon\"}",
                           "{\"verdict\": \"pass\", \"reason\": \"x\", \"until\": "
                           "\"2026-11-23T13:00:00Z\"}"}) {
    EXPECT_FALSE(ParseCommandAnswer(text).has_value()) << text;
  }
  EXPECT_FALSE(ParseCommandAnswer(std::string(kMaxAnswerBytes + 1, ' ')).has_value());
}

TEST(CommandGateTest, IsAddedButNeverTakenAwayByAProject) {
  const char* floor = "gates: {command: {run: ./gate.sh, every: 5m}}";
  const auto merged = MergedPolicy(floor, "gates: {command: {name: more, run: ./more.sh}}");
  ASSERT_TRUE(merged.has_value()) << Describe(merged.error());
  EXPECT_EQ(merged->commands.size(), 2U);
  EXPECT_TRUE(MergedPolicy(floor, "gates: {command: {run: ./gate.sh, every: 2m}}").has_value());
  for (const char* looser : {"gates: {command: {run: 'true'}}",
                             "gates: {command: {run: ./gate.sh, mode: advise}}",
                             "gates: {command: {run: ./gate.sh, every: 10m}}",
                             "gates: {command: {run: ./gate.sh, timeout: 2m, every: 5m}}",
                             "gates: none"}) {
    EXPECT_FALSE(MergedPolicy(floor, looser).has_value()) << looser;
  }
}

TEST(CommandGateTest, RefusesWhatItCannotRun) {
  struct Case {
    const char* text;
    const char* says;
  };
  const std::vector<Case> cases = {
      {"gates: {command: {}}", "gates.command needs \"run\""},
      {"gates: {command: []}", "must be a list of 1 to"},
      {"gates: {command: x}", "gate command must be a mapping"},
      {"gates: {tests: []}", "gate tests must be a mapping"},
      {"gates: {command: [{run: a}, {run: b}]}", "two commands without a name"},
      {"gates: {command: [{name: x, run: a}, {name: x, run: b}]}", "the name x is taken"},
      {"gates: {command: {run: a, every: 1s}}", "every must lie between 1m and 24h"},
      {"gates: {command: {run: a, timeout: 2h}}", "timeout must lie between"},
      {"gates: {command: {rum: a}}", "did you mean \"run\"?"}};
  for (const Case& one : cases) {
    const Parsed<Policy> policy = MergedPolicy(one.text, "");
    ASSERT_FALSE(policy.has_value()) << one.text;
    EXPECT_THAT(Describe(policy.error()), HasSubstr(one.says));
  }
}

TEST(CommandGateTest, HasFactsThatAreReadBackAsTheyWereWritten) {
  const Policy policy = WithCommands();
  Facts facts = Answered(policy, Verdict::kWait);
  facts.commands[0].until = facts.now;
  facts.commands[1].fault = "exit code 1";
  const auto again = FactsFromJson(FactsToJson(facts));
  ASSERT_TRUE(again.has_value()) << again.error().text;
  EXPECT_EQ(*again, facts);
  EXPECT_EQ(CommandInputDigest(*again), CommandInputDigest(facts));
}

}  // namespace
}  // namespace failgate
