#include "policies/gates/signed.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "policies/evaluate.h"
#include "policies/facts_json.h"
#include "policies/override.h"
#include "policies/policy_parser.h"
#include "tests/unit/policies/policy_cases.h"

namespace failgate {
namespace {

SignedCommitFact Commit(char digit, const std::string& signer, const std::string& why_not = "") {
  return {CommitId(std::string(40, digit)), "dana@example.com", signer, why_not};
}

Facts With(std::vector<SignedCommitFact> commits, bool known = true, bool truncated = false) {
  Facts facts = EmptyFacts();
  facts.signed_commits = SignedCommitsFact{known, truncated, std::move(commits)};
  return facts;
}

GateVerdict Judge(const Facts& facts) {
  return EvaluateSigned(SignedGate{}, facts);
}

TEST(SignedGateTest, PassesWhenEveryCommitHasASigner) {
  const GateVerdict verdict = Judge(With({Commit('1', "Bob@example.com"),
                                          Commit('2', "al@example.com"),
                                          Commit('3', "bob@example.com")}));
  EXPECT_EQ(verdict.verdict, Verdict::kPass);
  EXPECT_EQ(verdict.reason, "3 commits, signed by al@example.com, bob@example.com");
}

TEST(SignedGateTest, FailsForOneThatHasNone) {
  std::vector<SignedCommitFact> commits = {
      Commit('3', "", "not signed"),
      Commit('1', "al@example.com"),
      Commit('2', "", "signed with SHA256:x, which is no key")};
  const GateVerdict verdict = Judge(With(commits));
  EXPECT_EQ(verdict.verdict, Verdict::kFail);
  EXPECT_EQ(verdict.reason,
            "2 of 3 commits have no known signature; 222222222222 of dana@example.com: signed with "
            "SHA256:x, which is no key");
  std::reverse(commits.begin(), commits.end());
  EXPECT_EQ(Judge(With(commits)).reason, verdict.reason);
}

TEST(SignedGateTest, NeverPassesWhatIsNotKnown) {
  EXPECT_EQ(Judge(EmptyFacts()).verdict, Verdict::kWait);
  EXPECT_EQ(Judge(With({Commit('1', "al@example.com")}, false)).verdict, Verdict::kWait);
  EXPECT_EQ(Judge(With({Commit('1', "al@example.com")}, true, true)).verdict, Verdict::kFail);
  EXPECT_EQ(Judge(With({})).verdict, Verdict::kFail);
}

TEST(SignedGateTest, IsNotOverriddenWhileCommitsAreNotKnown) {
  const auto policy = MergedPolicy("override: {from: [al@example.com]}\ngates: {signed: {}}", "");
  ASSERT_TRUE(policy.has_value()) << Describe(policy.error());
  EXPECT_TRUE(WhyNotOverridable(*policy, With({}, false), "signed").has_value());
  EXPECT_TRUE(WhyNotOverridable(*policy, With({}, true, true), "signed").has_value());
  EXPECT_FALSE(WhyNotOverridable(*policy, With({Commit('1', "")}), "signed").has_value());
}

TEST(SignedGateTest, IsAddedOrTightenedByAProject) {
  EXPECT_TRUE(MergedPolicy("gates: none", "gates: {signed: {}}")->signed_commits.has_value());
  EXPECT_EQ(
      MergedPolicy("gates: {signed: {mode: advise}}", "gates: {signed: {}}")->signed_commits->mode,
      GateMode::kEnforce);
  EXPECT_FALSE(MergedPolicy("gates: {signed: {}}", "gates: {signed: {mode: advise}}").has_value());
  EXPECT_FALSE(MergedPolicy("gates: {signed: {}}", "gates: none").has_value());
  EXPECT_FALSE(MergedPolicy("gates: {signed: {by: x}}", "").has_value());
}

TEST(SignedGateTest, IsNotAskedOfARollback) {
  const auto policy = MergedPolicy("gates: {signed: {}}", "");
  Facts facts = With({Commit('1', "")});
  EXPECT_EQ(Evaluate(*policy, facts).outcome, Outcome::kBlocked);
  facts.rollback = true;
  EXPECT_EQ(Evaluate(*policy, facts).outcome, Outcome::kPassed);
}

TEST(SignedGateTest, HasFactsThatAreReadBackAsTheyWereWritten) {
  const Facts facts = With({Commit('1', "al@example.com"), Commit('2', "", "not signed")});
  const auto again = FactsFromJson(FactsToJson(facts));
  ASSERT_TRUE(again.has_value()) << again.error().text;
  EXPECT_EQ(*again, facts);
  EXPECT_EQ(FactsToJson(EmptyFacts()).find("signed_commits"), std::string::npos);
}

}  // namespace
}  // namespace failgate
