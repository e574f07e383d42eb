#include "controller/trust/owners_file.h"

#include <gtest/gtest.h>

#include "controller/base/durable_file.h"
#include "controller/git/signing_key.h"

namespace failgate {
namespace {

class OwnersFile : public ::testing::Test {
 protected:
  std::string ProblemOf(const std::string& text) {
    WriteFileDurably(file_, text);
    const auto owners = LoadOwners(file_);
    return owners ? "" : Describe(owners.error().front());
  }
  TemporaryFolder folder_;
  std::filesystem::path file_ = folder_.path() / "owners";
};

TEST_F(OwnersFile, IsReadWithItsOptions) {
  const SigningKey key = SigningKey::Generate(folder_.path() / "key", "alice");
  WriteFileDurably(file_,
                   "# who owns policy\nalice@example.com namespaces=\"failgate-policy\","
                   "valid-before=\"20270101Z\" " +
                       key.PublicLine() + "\n");
  const auto owners = LoadOwners(file_);
  ASSERT_TRUE(owners) << Describe(owners.error().front());
  ASSERT_EQ(owners->signers().size(), 1U);
  EXPECT_EQ(owners->signers()[0].valid_before, ParseTime("2027-01-01T00:00:00Z"));
}

TEST_F(OwnersFile, NamesThePlaceOfAFaultyLine) {
  const std::string problem = ProblemOf("# one\n  alice@example.com ssh-ed25519 AAAA\n");
  EXPECT_EQ(problem.rfind(file_.string() + ":2:3: ", 0), 0U) << problem;
}

TEST_F(OwnersFile, ThatNamesNobodyIsAProblem) {
  EXPECT_NE(ProblemOf("# nobody yet\n").find("names no owner"), std::string::npos);
}

TEST_F(OwnersFile, ThatIsNotThereIsAProblemWithItsName) {
  const auto owners = LoadOwners(file_);
  ASSERT_FALSE(owners);
  EXPECT_NE(Describe(owners.error().front()).find(file_.string()), std::string::npos);
}

}  // namespace
}  // namespace failgate
