#include "controller/promotion/signer_role.h"

#include <gtest/gtest.h>

namespace failgate {
namespace {

const EnvironmentProject kPair{EnvironmentName("prod"), ProjectName("churn")};

Policy WithApprovers(std::vector<std::string> from, std::vector<std::string> override_from = {}) {
  Policy policy;
  policy.approvals = ApprovalsGate{};
  policy.approvals->from = std::move(from);
  policy.override_from = std::move(override_from);
  return policy;
}

Wish SignedBy(const std::string& email, const std::string& reason) {
  Wish wish;
  wish.by_signature = true;
  wish.requester = Person{"", email};
  wish.reason = reason;
  return wish;
}

EnvironmentState RunningFive(DeploymentEnd end_of_three) {
  EnvironmentState state;
  state.running = ReleaseName("churn-5");
  state.Remember(HistoryEntry{ReleaseName("churn-3"), "spec", "", TimePoint{}, end_of_three});
  return state;
}

std::string Why(const std::string& email,
                const std::string& reason,
                const std::string& release,
                DeploymentEnd end = DeploymentEnd::kHealthy) {
  return WhySignerMayNot(WithApprovers({"alice@example.com"}, {"olga@example.com"}),
                         RunningFive(end),
                         kPair,
                         ReleaseName(release),
                         SignedBy(email, reason))
      .value_or("");
}

TEST(SignerRole, IsApproverWhereThePolicyNamesThePerson) {
  const Policy policy = WithApprovers({"alice@example.com"}, {"olga@example.com"});
  EXPECT_TRUE(SignsAsApprover(policy, "Alice@example.com"));
  EXPECT_TRUE(SignsAsApprover(policy, "olga@example.com"));
  EXPECT_FALSE(SignsAsApprover(policy, "dana@example.com"));
  EXPECT_FALSE(SignsAsApprover(Policy{}, "alice@example.com"));
}

TEST(SignerRole, LetsADeveloperAskWhereApprovalsOfOthersAreNeeded) {
  EXPECT_EQ(Why("dana@example.com", "", "churn-6"), "");
  const auto alone = WhySignerMayNot(Policy{},
                                     EnvironmentState{},
                                     kPair,
                                     ReleaseName("churn-6"),
                                     SignedBy("dana@example.com", ""));
  EXPECT_NE(alone.value_or("").find("role approver"), std::string::npos);
}

TEST(SignerRole, LetsAnApproverGoBackWithAReasonToWhatRanWell) {
  EXPECT_EQ(Why("alice@example.com", "scores jumped", "churn-3"), "");
  EXPECT_NE(Why("dana@example.com", "scores jumped", "churn-3").find("role approver"),
            std::string::npos);
  EXPECT_NE(Why("alice@example.com", "", "churn-3").find("a reason"), std::string::npos);
  EXPECT_NE(Why("alice@example.com", "x", "churn-4").find("never ran well"), std::string::npos);
  EXPECT_NE(Why("alice@example.com", "x", "churn-3", DeploymentEnd::kRolledBack).find("taken back"),
            std::string::npos);
}

TEST(SignerRole, AsksAnApproverForExceptions) {
  const Policy policy = WithApprovers({"alice@example.com"});
  EXPECT_TRUE(WhySignerMayNotExcept(policy, kPair, SignedBy("dana@example.com", "x"), false));
  EXPECT_FALSE(WhySignerMayNotExcept(policy, kPair, SignedBy("alice@example.com", ""), false));
  EXPECT_TRUE(WhySignerMayNotExcept(policy, kPair, SignedBy("alice@example.com", ""), true));
}

TEST(WishReason, IsTheBodyOfTheCommitOnOneLine) {
  EXPECT_EQ(BodyOf("Subject\n\nFirst\nline.\n\nSecond: part\nmore\n"),
            "First line. Second: part more");
  EXPECT_EQ(BodyOf("Subject\n\nWhy\n\nSigned-off-by: A <a@b.c>\nRequest-Kind: rollback\n"), "Why");
  EXPECT_EQ(BodyOf("Subject\n\nSigned-off-by: A <a@b.c>\n"), "");
  EXPECT_EQ(BodyOf("Subject"), "");
  EXPECT_EQ(BodyOf(""), "");
}

}  // namespace
}  // namespace failgate
