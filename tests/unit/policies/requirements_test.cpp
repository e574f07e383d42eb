#include "policies/gates/requirements.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "policies/evaluate.h"
#include "policies/facts_json.h"
#include "policies/policy_parser.h"
#include "tests/unit/policies/policy_cases.h"

namespace failgate {
namespace {

const std::string kSets = "sets: [{paths: ['src/**'], file: requirements.txt}]";

Facts With(RequirementsFact fact) {
  Facts facts = EmptyFacts();
  facts.requirements = std::move(fact);
  return facts;
}

RequirementsFact Good() {
  RequirementsFact fact;
  fact.known = true;
  fact.files = 3;
  fact.imports = 7;
  return fact;
}

GateVerdict Judge(const Facts& facts, const std::string& more = "") {
  const auto policy = MergedPolicy("gates: {requirements: {" + kSets + more + "}}", "");
  if (!policy) throw Error(Remedy::kNeedsChange, Describe(policy.error()));
  return Evaluate(*policy, facts).verdicts.at(0);
}

TEST(RequirementsGateTest, PassesWhenAllResolve) {
  const GateVerdict verdict = Judge(With(Good()));
  EXPECT_EQ(verdict.verdict, Verdict::kPass);
  EXPECT_EQ(verdict.reason, "7 imports of 3 files resolve");
}

TEST(RequirementsGateTest, TellsTheFirstProblemByPlace) {
  RequirementsFact fact = Good();
  fact.problems = 30;
  fact.findings = {{"src/b.py", 1, "x", "r.txt does not offer it"},
                   {"src/a.py", 9, "yaml", "r.txt does not offer it"}};
  const GateVerdict verdict = Judge(With(fact));
  EXPECT_EQ(verdict.verdict, Verdict::kFail);
  EXPECT_EQ(verdict.reason, "30 problems; src/a.py:9: import yaml: r.txt does not offer it");
  std::reverse(fact.findings.begin(), fact.findings.end());
  EXPECT_EQ(Judge(With(fact)).reason, verdict.reason);
  fact.findings.clear();
  EXPECT_EQ(Judge(With(fact)).verdict, Verdict::kFail);
}

TEST(RequirementsGateTest, NeverPassesWhatIsNotKnownOrNothing) {
  EXPECT_EQ(Judge(EmptyFacts()).verdict, Verdict::kWait);
  RequirementsFact fact = Good();
  fact.known = false;
  EXPECT_EQ(Judge(With(fact)).verdict, Verdict::kWait);
  fact = Good();
  fact.files = 0;
  EXPECT_EQ(Judge(With(fact)).verdict, Verdict::kFail);
}

TEST(RequirementsGateTest, AsksForASetForEveryFileUnlessToldOtherwise) {
  RequirementsFact fact = Good();
  fact.uncovered = 2;
  fact.uncovered_example = "tools/x.py";
  EXPECT_EQ(Judge(With(fact)).reason, "2 Python files are in no set, such as tools/x.py");
  EXPECT_EQ(Judge(With(fact), ", uncovered: ignore").verdict, Verdict::kPass);
}

TEST(RequirementsGateTest, KeepsWhatOnlyDevNamesOutOfArtifacts) {
  RequirementsFact fact = Good();
  fact.dev_only = {"pytest"};
  Facts facts = With(fact);
  facts.artifacts = {{"app", "sha256:" + std::string(64, 'a'), 10, "", true}};
  EXPECT_EQ(Judge(facts).reason, "what app holds was not recorded");
  facts.artifacts[0].contents = ArtifactContents{};
  facts.artifacts[0].contents->distributions = {"numpy"};
  EXPECT_EQ(Judge(facts).verdict, Verdict::kPass);
  facts.artifacts[0].contents->distributions = {"numpy", "pytest"};
  EXPECT_EQ(Judge(facts).reason, "app holds pytest, which only dev asks for");
  facts.artifacts[0].contents->distributions = {"numpy"};
  facts.artifacts[0].contents->distributions_cut = true;
  EXPECT_EQ(Judge(facts).reason, "app holds too many distributions");
}

TEST(RequirementsGateTest, ReadsBackFromTheRecord) {
  RequirementsFact fact = Good();
  fact.problems = 1;
  fact.findings = {{"src/a.py", 9, "yaml", "r.txt does not offer it"}};
  fact.uncovered = 1;
  fact.uncovered_example = "x.py";
  fact.dev_only = {"pytest"};
  Facts facts = With(fact);
  facts.artifacts = {{"app", "sha256:" + std::string(64, 'a'), 10, "", true}};
  facts.artifacts[0].contents = ArtifactContents{};
  facts.artifacts[0].contents->distributions = {"numpy"};
  facts.artifacts[0].contents->distributions_cut = true;
  const auto again = FactsFromJson(FactsToJson(facts));
  ASSERT_TRUE(again.has_value()) << again.error().text;
  EXPECT_EQ(*again, facts);
}

TEST(RequirementsGateTest, IsTightenedByAProject) {
  const auto merge = [](const std::string& floor, const std::string& project) {
    const auto policy = MergedPolicy(floor, "gates: {requirements: {" + project + "}}");
    return policy ? std::string() : Describe(policy.error());
  };
  const std::string floor = "gates: {requirements: {" + kSets + ", uncovered: ignore}}";
  EXPECT_EQ(merge("gates: none", kSets), "");
  EXPECT_EQ(merge(floor, "uncovered: fail"), "");
  EXPECT_NE(merge(floor, kSets).find("looser"), std::string::npos);
  EXPECT_NE(merge(floor, "dev: [d.txt]").find("looser"), std::string::npos);
  EXPECT_NE(merge(floor, "mode: advise").find("looser"), std::string::npos);
  EXPECT_NE(merge("gates: {requirements: {" + kSets + "}}", "uncovered: ignore").find("looser"),
            std::string::npos);
  EXPECT_NE(merge("gates: none", "dev: [d.txt]").find("needs \"sets\""), std::string::npos);
  EXPECT_NE(merge("gates: none", "sets: [{paths: [a], file: ../x}]").find("no path inside"),
            std::string::npos);
  EXPECT_NE(merge("gates: none", "sets: [{paths: [], file: x}]").find("at least one path"),
            std::string::npos);
}

}  // namespace
}  // namespace failgate
