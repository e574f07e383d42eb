#include "controller/git/commit_info.h"

#include <gtest/gtest.h>

namespace failgate {
namespace {

const std::string kTree(40, 'a');
const std::string kParent(40, 'b');
const CommitId kId(std::string(40, 'c'));

std::string Headers() {
  return "tree " + kTree + "\nparent " + kParent +
         "\nauthor Alice <alice@example.com> 1700000000 +0100\n"
         "committer Bot <bot@example.com> 1700000001 +0000\n";
}

TEST(CommitInfo, ReadsEveryPart) {
  const auto commit = ParseCommit(kId, Headers() + "\nSubject\n\nBody\n");
  ASSERT_TRUE(commit.has_value());
  EXPECT_EQ(commit->tree.text(), kTree);
  EXPECT_EQ(commit->parents, std::vector<CommitId>{CommitId(kParent)});
  EXPECT_EQ(commit->author, (Person{"Alice", "alice@example.com"}));
  EXPECT_EQ(FormatTime(commit->author_time), "2023-11-14T22:13:20Z");
  EXPECT_EQ(commit->committer.email, "bot@example.com");
  EXPECT_EQ(commit->subject, "Subject");
  EXPECT_EQ(commit->message, "Subject\n\nBody\n");
  EXPECT_FALSE(commit->signature.has_value());
  EXPECT_EQ(commit->signed_payload, Headers() + "\nSubject\n\nBody\n");
}

TEST(CommitInfo, TakesTheSignatureOutOfThePayload) {
  const auto commit = ParseCommit(
      kId, Headers() + "gpgsig -----BEGIN\n line\n -----END\nencoding utf-8\n\ngpgsig is a word\n");
  ASSERT_TRUE(commit.has_value());
  EXPECT_EQ(commit->signature, "-----BEGIN\nline\n-----END\n");
  EXPECT_EQ(commit->signed_payload, Headers() + "encoding utf-8\n\ngpgsig is a word\n");
}

TEST(CommitInfo, JoinsTwoSignaturesSoThatNeitherIsGood) {
  const auto commit = ParseCommit(kId, Headers() + "gpgsig one\ngpgsig two\n\nx\n");
  ASSERT_TRUE(commit.has_value());
  EXPECT_EQ(commit->signature, "one\ntwo\n");
}

TEST(CommitInfo, LeavesTheOtherHashsSignatureOutOfBoth) {
  const auto commit = ParseCommit(kId, Headers() + "gpgsig-sha256 one\n more\n\nx\n");
  ASSERT_TRUE(commit.has_value());
  EXPECT_FALSE(commit->signature.has_value());
  EXPECT_EQ(commit->signed_payload, Headers() + "\nx\n");
}

TEST(CommitInfo, KeepsOddPersonsAndDatesReadable) {
  const auto commit =
      ParseCommit(kId,
                  "tree " + kTree +
                      "\nauthor nobody\n"
                      "committer a < b <c@example.com> 99999999999999999999 +0\n\n");
  ASSERT_TRUE(commit.has_value());
  EXPECT_EQ(commit->author.name, "nobody");
  EXPECT_EQ(commit->committer.email, "c@example.com");
  EXPECT_EQ(commit->committer_time, TimePoint{});
}

TEST(CommitInfo, RefusesWhatIsNoCommit) {
  for (const std::string& bytes : {std::string(),
                                   std::string("\n"),
                                   std::string("tree abc\n\n"),
                                   "tree " + kTree + "\ntree " + kTree + "\n\n",
                                   "tree " + kTree + "\nparent xyz\n\n",
                                   std::string("author A <a@b> 1 +0000\n\nx")}) {
    EXPECT_FALSE(ParseCommit(kId, bytes).has_value()) << bytes;
  }
}

}  // namespace
}  // namespace failgate
