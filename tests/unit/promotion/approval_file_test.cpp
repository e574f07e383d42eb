#include "controller/promotion/approval_file.h"

#include <gtest/gtest.h>

namespace failgate {
namespace {

const std::string kDigest = "sha256:" + std::string(64, 'a');

ApprovalFile Read(const std::string& text) {
  return ReadApprovalFile(
      EnvironmentName("prod"), ReleaseName("churn-42"), "alice@example.com", text);
}

std::string Good() {
  return "environment: prod\nrelease: churn-42\nrecord: " + kDigest +
         "\nverdict: approve\nexpires: 2026-12-01T09:00:00Z\ntext: looked at the report\n";
}

std::string Without(const std::string& key) {
  std::string text = Good();
  const std::size_t begin = text.find(key + ": ");
  return text.erase(begin, text.find('\n', begin) - begin + 1);
}

TEST(ApprovalFile, SaysWhatAPersonApproves) {
  const ApprovalFile approval = Read(Good());
  EXPECT_TRUE(approval.problems.empty()) << Describe(approval.problems);
  EXPECT_EQ(approval.path, "approvals/prod/churn-42/alice@example.com.yaml");
  EXPECT_EQ(approval.record, kDigest);
  EXPECT_FALSE(approval.rejects);
  EXPECT_EQ(approval.expires, ParseTime("2026-12-01T09:00:00Z"));
  EXPECT_EQ(approval.text, "looked at the report");
}

TEST(ApprovalFile, IsReadBackAsItIsWritten) {
  ApprovalFile approval = Read(Good());
  approval.text = "a \"quote\": and # a\nnew line";
  const ApprovalFile again = Read(WriteApprovalFile(approval));
  EXPECT_TRUE(again.problems.empty()) << Describe(again.problems);
  EXPECT_EQ(again.record, approval.record);
  EXPECT_EQ(again.expires, approval.expires);
  EXPECT_EQ(again.text.find('\n'), std::string::npos);
}

TEST(ApprovalFile, NeedsAllThatBindsIt) {
  for (const char* key : {"environment", "release", "record", "verdict", "expires"}) {
    EXPECT_EQ(Read(Without(key)).problems.size(), 1U) << key;
  }
  EXPECT_TRUE(Read(Without("text")).problems.empty());
}

TEST(ApprovalFile, MayRejectForGood) {
  std::string text = Without("expires");
  text.replace(text.find("approve"), 7, "reject");
  const ApprovalFile approval = Read(text);
  EXPECT_TRUE(approval.problems.empty()) << Describe(approval.problems);
  EXPECT_TRUE(approval.rejects);
}

TEST(ApprovalFile, IsAboutItsPlaceAndNothingElse) {
  for (const char* other : {"environment: dev", "release: churn-43"}) {
    std::string text = Without(std::string(other).substr(0, std::string(other).find(':')));
    const Problems problems = Read(text + other + "\n").problems;
    ASSERT_EQ(problems.size(), 1U) << other;
    EXPECT_NE(Describe(problems).find("the file lies at the place of"), std::string::npos);
    EXPECT_GT(problems[0].line, 0);
  }
}

TEST(ApprovalFile, KnowsNoOtherKeysWordsOrForms) {
  for (const char* text : {"verdict: maybe\n", "more: 1\n", "record: abc\n", "expires: soon\n"}) {
    const std::string key = std::string(text).substr(0, std::string(text).find(':'));
    const std::string rest = key == "more" ? Good() : Without(key);
    EXPECT_FALSE(Read(rest + text).problems.empty()) << text;
  }
  EXPECT_FALSE(Read("- a\n").problems.empty());
  EXPECT_FALSE(Read("a: [").problems.empty());
}

}  // namespace
}  // namespace failgate
