#include "policies/decision_json.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>

#include "controller/base/error.h"
#include "controller/base/text.h"
#include "policies/evaluate.h"
#include "policies/facts_json.h"
#include "policies/git_blob.h"
#include "tests/unit/policies/policy_cases.h"

namespace failgate {
namespace {

DecisionRecord RecordOf(const PolicyCase& one) {
  DecisionRecord record;
  record.project = one.facts.project;
  record.environment = one.facts.environment;
  record.release = one.facts.release;
  record.record = one.facts.record;
  record.time = one.facts.now;
  record.policy.push_back(
      {kCaseEnvironmentFile, GitBlobId(one.environment_text), one.environment_text});
  if (!one.project_text.empty()) {
    record.policy.push_back({kCaseProjectFile, GitBlobId(one.project_text), one.project_text});
  }
  record.facts = one.facts;
  record.decision = Evaluate(*MergedPolicy(one.environment_text, one.project_text), one.facts);
  return record;
}

DecisionRecord AnyRecord() {
  return RecordOf(AllPolicyCases().back());
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  Check(at != std::string::npos, "the text has " + from);
  return text.replace(at, from.size(), to);
}

TEST(DecisionRecord, ComesBackFromItsBytesAndRecomputesToTheSame) {
  for (const PolicyCase& one : AllPolicyCases()) {
    SCOPED_TRACE(one.name);
    // A table may hold figures that a reader of facts refuses; such a record cannot be written
    // back.
    const Result<Facts> readable = FactsFromJson(FactsToJson(one.facts));
    const DecisionRecord record = RecordOf(one);
    EXPECT_EQ(VerifyDecision(record), std::nullopt);
    if (!readable) continue;
    const std::string bytes = DecisionRecordToJson(record);
    const Result<DecisionRecord> again = DecisionRecordFromJson(bytes);
    ASSERT_TRUE(again.has_value()) << again.error().text;
    EXPECT_EQ(*again, record);
    EXPECT_EQ(DecisionRecordToJson(*again), bytes);
    EXPECT_EQ(*Recompute(*again), record.decision);
  }
}

TEST(DecisionRecord, KeepsEveryFact) {
  Facts facts = EmptyFacts();
  facts.evidence.tests["unit"] = TestCounts{1, 2, 3, 4};
  facts.evidence.coverage = CoverageFigures{1, 2, 3, 4};
  facts.evidence.metrics["auc"] = 0.1 + 0.2;
  facts.evidence.steps.push_back(
      StepEvidence{"a", "unit", EvidenceState::kSkipped, TestCounts{1, 0, 0, 0}});
  facts.authors_known = true;
  facts.authors.push_back(Person{"Alice", "alice@example.com"});
  facts.requester = Person{"Bob", "bob@example.com"};
  facts.requested_via = "api";
  facts.approvals.push_back(ApprovalFact{Person{"Bob", "bob@example.com"},
                                         true,
                                         facts.now,
                                         facts.now + Milliseconds(1),
                                         facts.record,
                                         "commit",
                                         true});
  facts.after =
      LadderFact{EnvironmentName("dev"), LadderState::kRolledBack, facts.now, "as \"said\"\n"};
  facts.running = ReleaseName("churn-41");
  facts.evidence.data =
      DataEvidence{DataObjects{2, 30}, DataTable{10, {{"age", DataColumn{"int64", 1}}}}};
  facts.champion_data = ChampionDataFact{"churn-41", {{"age", "int64"}}};
  facts.excepted = true;
  facts.excepted_reason = "scores";
  facts.soaks.push_back(SoakFact{EnvironmentName("recette"),
                                 SoakState::kReplaced,
                                 facts.now - Milliseconds(5),
                                 facts.now,
                                 "churn-43 was ordered"});
  facts.zones.push_back(ZoneFact{"Europe/Paris",
                                 true,
                                 facts.now - Milliseconds(1),
                                 facts.now + Milliseconds(1),
                                 {{facts.now - Milliseconds(9), -3600}, {facts.now, 5400}}});
  facts.evidence.changed_lines = ChangedLines{CommitId(std::string(40, 'a')), 3, 4};
  StepEvidence& step = facts.evidence.steps.back();
  step.usecase = "scoring";
  step.started = facts.now - Milliseconds(3);
  step.finished = facts.now - Milliseconds(2);
  step.cases = CaseFigures{4, 3, "test_x", 2};
  step.repeated = RepeatEvidence{true, 4, 3, "x", true, {{"auc", {0.1 + 0.2, 0.25}}}};
  step.regression = RegressionEvidence{RegressionState::kBroken,
                                       CommitId(std::string(40, 'b')),
                                       "churn-41",
                                       2,
                                       {"test_y"},
                                       {"fix: x"},
                                       true,
                                       "exit code 2"};
  facts.sonar = SonarFact{"ml_churn",
                          "main",
                          CommitId("3f2c"),
                          SonarState::kAnalysed,
                          "AXk1",
                          CommitId("3f2c"),
                          "ERROR",
                          {"bugs 3 is over 0"},
                          2,
                          facts.now - Milliseconds(5),
                          facts.now,
                          "none"};
  const Result<Facts> again = FactsFromJson(FactsToJson(facts));
  ASSERT_TRUE(again.has_value()) << again.error().text;
  EXPECT_EQ(*again, facts);
}

/// As versions wrote it that knew neither soaks nor time zones, nor when steps ran.
constexpr const char* kFormerFacts = R"({
  "after": {
    "detail": "",
    "environment": "recette",
    "since": "2026-11-22T09:00:00.000Z",
    "state": "passed"
  },
  "approvals": [],
  "authors": [],
  "authors_known": true,
  "environment": "prod",
  "evidence": {
    "coverage": {
      "branches_covered": 0,
      "branches_total": 0,
      "lines_covered": 80,
      "lines_total": 100
    },
    "metrics": {},
    "steps": [
      {
        "level": "unit",
        "name": "unit",
        "state": "passed",
        "tests": {
          "errors": 0,
          "failed": 0,
          "passed": 1,
          "skipped": 0
        }
      }
    ],
    "tests": {
      "functional": {
        "errors": 0,
        "failed": 0,
        "passed": 4,
        "skipped": 0
      },
      "unit": {
        "errors": 0,
        "failed": 0,
        "passed": 1,
        "skipped": 0
      }
    }
  },
  "excepted": false,
  "excepted_reason": "",
  "now": "2026-11-23T12:00:00.000Z",
  "project": "churn",
  "record": "sha256:aa",
  "release": "churn-42",
  "requested_via": "automatic",
  "rollback": false
}
)";

TEST(DecisionRecord, OfFormerVersionsKeepsItsBytesAndItsWords) {
  const Result<Facts> facts = FactsFromJson(kFormerFacts);
  ASSERT_TRUE(facts.has_value()) << facts.error().text;
  EXPECT_EQ(FactsToJson(*facts), kFormerFacts);
  const Parsed<Policy> policy = MergedPolicy(
      "after: recette\ngates: {tests: {levels: [unit, functional]}, coverage: {lines: 80}}", "");
  ASSERT_TRUE(policy.has_value());
  std::vector<std::string> reasons;
  for (const GateVerdict& verdict : Evaluate(*policy, *facts).verdicts) {
    reasons.push_back(verdict.reason);
  }
  EXPECT_EQ(reasons,
            (std::vector<std::string>{"recette: passed since 2026-11-22T09:00:00Z",
                                      "unit 1, functional 4",
                                      "lines 80.0 % (80/100)"}));
}

TEST(DecisionRecord, RefusesNewFactsThatCannotBe) {
  Facts facts = EmptyFacts();
  facts.zones.push_back(ZoneFact{"UTC", true, facts.now, facts.now, {{facts.now, 3600}}});
  facts.soaks.push_back(
      SoakFact{EnvironmentName("recette"), SoakState::kSteady, facts.now, {}, ""});
  const std::string text = FactsToJson(facts);
  ASSERT_TRUE(FactsFromJson(text).has_value());
  for (const auto& [from, to] : std::map<std::string, std::string>{
           {"\"seconds\": 3600", "\"seconds\": 93601"},
           {"\"seconds\": 3600 ", "\"seconds\": 36.5"},
           {"\"seconds\": 3600  ", "\"seconds\": 18446744073709551615"},
           {"\"known\": true", "\"known\": \"yes\""},
           {"\"state\": \"steady\"", "\"state\": \"fine\""},
           {"\"name\": \"UTC\"", "\"named\": \"UTC\""}}) {
    const std::string what(Trim(from));
    EXPECT_FALSE(FactsFromJson(Replaced(text, what, to)).has_value()) << to;
  }
}

TEST(DecisionRecord, IsNamedByItsBytesAndShardedByItsName) {
  const std::string name = DecisionName("");
  EXPECT_EQ(name, "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(DecisionPath(name),
            "decisions/e3/b0/c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855.json");
  EXPECT_EQ(DecisionPath("sha256:../../x"), std::nullopt);
  EXPECT_EQ(DecisionPath("e3b0"), std::nullopt);
}

TEST(DecisionRecord, RefusesBytesThatAreNotItsOwn) {
  const std::string bytes = DecisionRecordToJson(AnyRecord());
  const std::vector<std::string> broken = {
      "",
      "null",
      "[]",
      "{",
      bytes + " ",
      bytes + bytes,
      Replaced(bytes, "\"version\": 1", "\"version\": 2"),
      Replaced(bytes, "\"version\": 1", "\"version\": 1.0"),
      Replaced(bytes, "\"version\": 1", "\"version\": \"1\""),
      Replaced(bytes, "\"version\": 1", "\"version\": 1,\n  \"version\": 1"),
      Replaced(bytes, "\"version\": 1", "\"version\": 1,\n  \"w\": 1"),
      Replaced(bytes, "\"outcome\": \"deferred\"", "\"outcome\": \"maybe\""),
      Replaced(bytes, "\"verdict\": \"pass\"", "\"verdict\": \"ok\""),
      Replaced(bytes, "\"mode\": \"enforce\"", "\"mode\": \"none\""),
      Replaced(bytes, "\"passed\": 12", "\"passed\": -12"),
      Replaced(bytes, "\"passed\": 12", "\"passed\": 1e1"),
      Replaced(bytes, "\"passed\": 12", "\"passed\": 99999999999999"),
      Replaced(bytes, "\"time\": \"2026-11-23T12:00:00.000Z\"", "\"time\": \"now\""),
      Replaced(bytes, "\"authors_known\": true", "\"authors_known\": 1"),
      Replaced(bytes, "\"metrics\": {}", "\"metrics\": {\"auc\": null}"),
      Replaced(bytes, "\"metrics\": {}", "\"metrics\": {\"auc\": 1e999}"),
      Replaced(bytes, "\"metrics\": {}", "\"metrics\": {\"auc\": NaN}"),
      Replaced(bytes, "\"after\": {", "\"before\": {"),
      std::string(200'000, '['),
  };
  for (const std::string& text : broken) {
    const Result<DecisionRecord> record = DecisionRecordFromJson(text);
    ASSERT_FALSE(record.has_value()) << text.substr(0, 2000);
    EXPECT_EQ(record.error().code, "invalid_decision");
    EXPECT_FALSE(record.error().text.empty());
  }
}

TEST(DecisionRecord, CannotBeWrittenWithMetricsThatAreNoNumbersOrBrokenText) {
  DecisionRecord record = AnyRecord();
  record.facts.evidence.metrics["auc"] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW((void)DecisionRecordToJson(record), Error);
  record.facts.evidence.metrics["auc"] = std::numeric_limits<double>::infinity();
  EXPECT_THROW((void)DecisionRecordToJson(record), Error);
  record = AnyRecord();
  record.facts.excepted_reason = "\xff";
  EXPECT_THROW((void)DecisionRecordToJson(record), Error);
}

TEST(Recompute, NoticesAChangedVerdict) {
  DecisionRecord record = AnyRecord();
  record.decision.outcome = Outcome::kPassed;
  ASSERT_TRUE(VerifyDecision(record).has_value());
  EXPECT_EQ(VerifyDecision(record)->code, "decision_differs");
  record = AnyRecord();
  record.decision.verdicts.front().reason += ".";
  EXPECT_EQ(VerifyDecision(record)->code, "decision_differs");
}

TEST(Recompute, NoticesAChangedPolicyText) {
  DecisionRecord record = AnyRecord();
  record.policy.front().text += "# looser\n";
  EXPECT_EQ(VerifyDecision(record)->code, "blob_mismatch");
  record.policy.front().blob = ObjectId("");
  EXPECT_EQ(VerifyDecision(record)->code, "blob_mismatch");
}

TEST(Recompute, NoticesFactsAboutSomethingElse) {
  DecisionRecord record = AnyRecord();
  record.facts.release = ReleaseName("churn-43");
  EXPECT_EQ(VerifyDecision(record)->code, "inconsistent");
  record = AnyRecord();
  record.time += Milliseconds(1);
  EXPECT_EQ(VerifyDecision(record)->code, "inconsistent");
}

TEST(Recompute, WantsThePolicyFilesOfThisEnvironmentAndProject) {
  DecisionRecord record = AnyRecord();
  record.policy.front().path = "environments/dev/environment.yaml";
  EXPECT_EQ(VerifyDecision(record)->code, "invalid_policy");
  record.policy.clear();
  EXPECT_EQ(VerifyDecision(record)->code, "invalid_policy");
  record = AnyRecord();
  record.policy.front().text = "gates: sometimes\n";
  record.policy.front().blob = GitBlobId(record.policy.front().text);
  EXPECT_EQ(VerifyDecision(record)->code, "invalid_policy");
}

TEST(GitBlobId, IsWhatGitPrints) {
  EXPECT_EQ(GitBlobId("").text(), "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
  EXPECT_EQ(GitBlobId("hello\n").text(), "ce013625030ba8dba906f756967f9e9ca394464a");
  EXPECT_EQ(GitBlobId("", GitHash::kSha256).text(),
            "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813");
  EXPECT_TRUE(IsBlobIdOf(ObjectId("ce013625030ba8dba906f756967f9e9ca394464a"), "hello\n"));
  EXPECT_TRUE(IsBlobIdOf(GitBlobId("hello\n", GitHash::kSha256), "hello\n"));
  EXPECT_FALSE(IsBlobIdOf(ObjectId("ce013625030ba8dba906f756967f9e9ca394464a"), "hello"));
  EXPECT_FALSE(IsBlobIdOf(ObjectId("ce01"), "hello\n"));
}

}  // namespace
}  // namespace failgate
