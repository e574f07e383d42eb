#include "tests/unit/policies/policy_cases.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "policies/evaluate.h"

namespace failgate {
namespace {

std::map<std::string, std::string> VerdictsOf(const Decision& decision) {
  std::map<std::string, std::string> verdicts;
  for (const GateVerdict& verdict : decision.verdicts) {
    verdicts[verdict.gate] = fmt::format("{}: {}", Word(verdict.verdict), verdict.reason);
  }
  return verdicts;
}

/// "…" in `pattern` stands for any text.
bool Reads(const std::string& text, const std::string& pattern) {
  const std::string any = "…";
  const std::size_t gap = pattern.find(any);
  if (gap == std::string::npos) return text == pattern;
  if (text.compare(0, gap, pattern, 0, gap) != 0) return false;
  const std::string rest = pattern.substr(gap + any.size());
  for (std::size_t at = gap; at <= text.size(); ++at) {
    if (Reads(text.substr(at), rest)) return true;
  }
  return false;
}

std::string EarliestUntil(const Decision& decision) {
  std::optional<TimePoint> earliest;
  for (const GateVerdict& verdict : decision.verdicts) {
    if (verdict.until && (!earliest || *verdict.until < *earliest)) earliest = verdict.until;
  }
  return earliest ? FormatTime(*earliest) : std::string();
}

TEST(PolicyCases, ComeOutAsTheirTablesSay) {
  const std::vector<PolicyCase> cases = AllPolicyCases();
  ASSERT_GE(cases.size(), 140U);
  for (const PolicyCase& one : cases) {
    SCOPED_TRACE(one.name);
    const Parsed<Policy> policy = MergedPolicy(one.environment_text, one.project_text);
    ASSERT_TRUE(policy.has_value()) << Describe(policy.error());
    const Decision decision = Evaluate(*policy, one.facts);
    EXPECT_EQ(Word(decision.outcome), one.outcome);
    const std::map<std::string, std::string> verdicts = VerdictsOf(decision);
    ASSERT_EQ(verdicts.size(), one.verdicts.size());
    for (const auto& [gate, expected] : one.verdicts) {
      ASSERT_EQ(verdicts.count(gate), 1U) << gate;
      EXPECT_TRUE(Reads(verdicts.at(gate), expected))
          << "is       " << verdicts.at(gate) << "\nexpected " << expected;
    }
    if (!one.until.empty()) {
      EXPECT_EQ(EarliestUntil(decision), one.until);
    }
  }
}

TEST(PolicyCases, ComeOutTheSameWhateverTheOrderOfTheirFacts) {
  std::mt19937 random(20261123);
  for (const PolicyCase& one : AllPolicyCases()) {
    SCOPED_TRACE(one.name);
    const Parsed<Policy> policy = MergedPolicy(one.environment_text, one.project_text);
    ASSERT_TRUE(policy.has_value());
    const Decision expected = Evaluate(*policy, one.facts);
    Facts facts = one.facts;
    for (int round = 0; round < 10; ++round) {
      std::shuffle(facts.approvals.begin(), facts.approvals.end(), random);
      std::shuffle(facts.authors.begin(), facts.authors.end(), random);
      std::shuffle(facts.soaks.begin(), facts.soaks.end(), random);
      std::shuffle(facts.artifacts.begin(), facts.artifacts.end(), random);
      if (facts.requirements) {
        auto& findings = facts.requirements->findings;
        std::shuffle(findings.begin(), findings.end(), random);
      }
      if (facts.sonar) std::shuffle(facts.sonar->failed.begin(), facts.sonar->failed.end(), random);
      std::shuffle(facts.zones.begin(), facts.zones.end(), random);
      for (ZoneFact& zone : facts.zones) {
        std::shuffle(zone.offsets.begin(), zone.offsets.end(), random);
      }
      std::shuffle(facts.checks.begin(), facts.checks.end(), random);
      std::shuffle(facts.evidence.measured.begin(), facts.evidence.measured.end(), random);
      std::shuffle(facts.evidence.steps.begin(), facts.evidence.steps.end(), random);
      EXPECT_EQ(Evaluate(*policy, facts), expected);
    }
  }
}

TEST(PolicyCases, NoGatePassesWithoutFacts) {
  for (const PolicyCase& one : AllPolicyCases()) {
    SCOPED_TRACE(one.name);
    const Parsed<Policy> policy = MergedPolicy(one.environment_text, one.project_text);
    ASSERT_TRUE(policy.has_value());
    for (const GateVerdict& verdict : Evaluate(*policy, EmptyFacts()).verdicts) {
      EXPECT_NE(verdict.verdict, Verdict::kPass) << verdict.gate;
    }
    for (const GateVerdict& verdict : Evaluate(*policy, Facts{}).verdicts) {
      EXPECT_NE(verdict.verdict, Verdict::kPass) << verdict.gate;
    }
  }
}

TEST(Refusals, NameThePlaceAndWhatToDo) {
  for (const RefusalCase& one : AllRefusalCases()) {
    SCOPED_TRACE(one.name);
    const Parsed<Policy> policy = MergedPolicy(one.environment_text, one.project_text);
    ASSERT_FALSE(policy.has_value());
    ASSERT_EQ(policy.error().size(), one.problems.size()) << Describe(policy.error());
    for (std::size_t i = 0; i < one.problems.size(); ++i) {
      const Problem& problem = policy.error()[i];
      EXPECT_EQ(fmt::format("{}:{}", problem.line, problem.column), one.problems[i].at)
          << Describe(problem);
      EXPECT_NE(problem.text.find(one.problems[i].says), std::string::npos) << Describe(problem);
      EXPECT_EQ(problem.file, one.project_text.empty() ? kCaseEnvironmentFile : kCaseProjectFile);
    }
  }
}

}  // namespace
}  // namespace failgate
