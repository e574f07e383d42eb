#include "controller/trust/policy_listing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace failgate {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const ObjectId kA(std::string(40, 'a'));
const ObjectId kB(std::string(40, 'b'));

TreeEntry Entry(const std::string& path,
                const ObjectId& id = kA,
                TreeEntryKind kind = TreeEntryKind::kFile) {
  return {path, kind, id};
}

std::string Lines(std::vector<TreeEntry> entries) {
  return ListPolicy(std::move(entries)).text.substr(kPolicyListingHead.size());
}

TEST(PolicyListing, HasOneLineAFileSortedByBytes) {
  const PolicyListing listing =
      ListPolicy({Entry("environments/prod/environment.yaml", kB),
                  Entry("allowed_signers"),
                  Entry("environments/prod/check.sh", kA, TreeEntryKind::kExecutable)});
  EXPECT_EQ(listing.text,
            "failgate-policy-listing 1: what this operations repository lets run, and where\n" +
                kA.text() + " 100644 allowed_signers\n" + kA.text() +
                " 100755 environments/prod/check.sh\n" + kB.text() +
                " 100644 environments/prod/environment.yaml\n");
  EXPECT_EQ(listing.problem, "");
}

TEST(PolicyListing, CoversWhatDecidesAndNothingElse) {
  for (const char* path : {"environments",
                           "environments/dev/environment.yaml",
                           "environments/prod/deep/er/site.yml",
                           "people_signers",
                           "allowed_signers"}) {
    EXPECT_TRUE(IsPolicyPath(path)) << path;
  }
  for (const char* path : {"desired/prod/app.yaml",
                           "approvals/prod/app-1/a@example.com.yaml",
                           "policy.sig",
                           "README.md",
                           "environments2/x",
                           "x/environments/y"}) {
    EXPECT_FALSE(IsPolicyPath(path)) << path;
    EXPECT_EQ(Lines({Entry(path)}), "") << path;
  }
}

TEST(PolicyListing, DiffersByContentModeAndName) {
  const std::string one = Lines({Entry("environments/e/x")});
  EXPECT_NE(one, Lines({Entry("environments/e/x", kB)}));
  EXPECT_NE(one, Lines({Entry("environments/e/y")}));
  EXPECT_NE(one, Lines({}));
  for (const TreeEntryKind kind :
       {TreeEntryKind::kExecutable, TreeEntryKind::kSymlink, TreeEntryKind::kSubmodule}) {
    EXPECT_NE(one, Lines({Entry("environments/e/x", kA, kind)}));
  }
}

TEST(PolicyListing, RefusesANameThatCouldPassForAnotherLine) {
  const TreeEntry two_lines = Entry("environments/x\n" + kB.text() + " 100644 environments/y");
  const PolicyListing forged = ListPolicy({two_lines});
  EXPECT_EQ(forged.text, ListPolicy({Entry("environments/x"), Entry("environments/y", kB)}).text)
      << "the bytes alone do not tell them apart";
  EXPECT_THAT(forged.problem, HasSubstr("control character"));
}

TEST(PolicyListing, TellsWhatChanged) {
  const PolicyListing before =
      ListPolicy({Entry("environments/a"), Entry("environments/b"), Entry("environments/c")});
  const PolicyListing after = ListPolicy({Entry("environments/a"),
                                          Entry("environments/b", kA, TreeEntryKind::kExecutable),
                                          Entry("environments/d")});
  EXPECT_THAT(
      PolicyChanges(before, after),
      ElementsAre("changed environments/b", "removed environments/c", "added environments/d"));
  EXPECT_TRUE(PolicyChanges(after, after).empty());
}

}  // namespace
}  // namespace failgate
