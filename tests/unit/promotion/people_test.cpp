#include "controller/promotion/people.h"

#include <gtest/gtest.h>

#include "controller/base/digest.h"
#include "controller/git/openssh_key.h"

namespace failgate {
namespace {

const ObjectId kBlob("e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");

std::string KeyText(char filler) {
  return "ssh-ed25519 " + Base64Encode(Ed25519PublicBlob(std::string(32, filler)));
}

std::string OnlyProblem(const std::string& text) {
  const People people = ReadPeople(text, kBlob);
  EXPECT_TRUE(people.signers.empty());
  return people.problems.size() == 1 ? Describe(people.problems.front()) : "not one problem";
}

TEST(People, MayHaveSeveralKeysAndPurposes) {
  const People people =
      ReadPeople("alice@example.com namespaces=\"git\" " + KeyText('a') +
                     "\nalice@example.com namespaces=\"failgate-approval\" " + KeyText('b') +
                     "\nALICE@example.com namespaces=\"failgate-approval\" " + KeyText('a') + "\n",
                 kBlob);
  EXPECT_TRUE(people.problems.empty()) << Describe(people.problems);
  EXPECT_EQ(people.signers.signers().size(), 3U);
  EXPECT_EQ(people.blob, kBlob);
}

TEST(People, AreNobodyWhileALineIsBroken) {
  EXPECT_EQ(OnlyProblem("# people\nalice@example.com " + KeyText('a') + "\nbob@example.com x\n")
                .substr(0, 17),
            "people_signers:3:");
  EXPECT_NE(OnlyProblem("a@example.com cert-authority " + KeyText('a')).find("own key"),
            std::string::npos);
}

TEST(People, AreNamedByOneAddressEach) {
  for (const char* who : {"alice",
                          "*@example.com",
                          "alice@example.com,bob@example.com",
                          "!bob@example.com",
                          "\"Bob <bob@example.com>\""}) {
    EXPECT_NE(OnlyProblem(std::string(who) + " " + KeyText('a')).find("people_signers:1:1"),
              std::string::npos)
        << who;
  }
}

TEST(People, DoNotShareAKey) {
  EXPECT_EQ(OnlyProblem("alice@example.com " + KeyText('a') + "\n\nbob@example.com " +
                        KeyText('a') + "\n"),
            "people_signers:3:1: the key is alice@example.com's already (line 1): a key belongs to "
            "one person");
}

}  // namespace
}  // namespace failgate
