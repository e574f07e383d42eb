#include "controller/git/allowed_signers.h"

#include <gtest/gtest.h>

#include "controller/base/digest.h"
#include "controller/git/openssh_key.h"
#include "controller/git/ssh_wire.h"

namespace failgate {
namespace {

std::string KeyText(char filler) {
  return "ssh-ed25519 " + Base64Encode(Ed25519PublicBlob(std::string(32, filler)));
}

std::string OnlyProblem(const std::string& text) {
  const Parsed<AllowedSigners> parsed = AllowedSigners::Parse(text);
  if (parsed) {
    return "no problem";
  }
  EXPECT_EQ(parsed.error().size(), 1U);
  return Describe(parsed.error().front());
}

TEST(AllowedSigners, ReadsPrincipalsKeysCommentsAndBlankLines) {
  const auto parsed = AllowedSigners::Parse("# people\n\nalice@example.com,al " + KeyText('a') +
                                            " alice's laptop\r\n\tbob@example.com " + KeyText('b'));
  ASSERT_TRUE(parsed.has_value());
  ASSERT_EQ(parsed->signers().size(), 2U);
  EXPECT_EQ(parsed->signers()[0].principals, (std::vector<std::string>{"alice@example.com", "al"}));
  EXPECT_EQ(parsed->signers()[1].key_type, "ssh-ed25519");
  EXPECT_EQ(parsed->Find(Ed25519PublicBlob(std::string(32, 'b'))).size(), 1U);
  EXPECT_TRUE(parsed->Find("nobody's").empty());
}

TEST(AllowedSigners, ReadsNamespacesAndValidity) {
  const auto parsed = AllowedSigners::Parse(
      "a@example.com namespaces=\"git,failgate-approval\",Valid-After=\"20260102\",valid-before="
      "\"20270102030405Z\" " +
      KeyText('a'));
  ASSERT_TRUE(parsed.has_value());
  const AllowedSigner& signer = parsed->signers().front();
  EXPECT_EQ(signer.namespaces, "git,failgate-approval");
  EXPECT_EQ(signer.valid_after, ParseTime("2026-01-02T00:00:00Z"));
  EXPECT_EQ(signer.valid_before, ParseTime("2027-01-02T03:04:05Z"));
}

TEST(AllowedSigners, ReadsQuotedPrincipals) {
  const auto parsed = AllowedSigners::Parse("\"Alice Martin\" " + KeyText('a'));
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->signers().front().principals, std::vector<std::string>{"Alice Martin"});
}

TEST(AllowedSigners, RefusesCertificateAuthorities) {
  EXPECT_NE(OnlyProblem("a@example.com cert-authority " + KeyText('a')).find("own key"),
            std::string::npos);
  EXPECT_NE(OnlyProblem("a@example.com cert-authority,namespaces=\"git\" " + KeyText('a'))
                .find("cert-authority"),
            std::string::npos);
}

TEST(AllowedSigners, NamesThePlaceOfEveryProblem) {
  const auto parsed = AllowedSigners::Parse(
      "a@example.com\n" + std::string("  b@example.com no-such=\"x\" ") + KeyText('b') + "\n",
      "people");
  ASSERT_FALSE(parsed.has_value());
  ASSERT_EQ(parsed.error().size(), 2U);
  EXPECT_EQ(Describe(parsed.error()[0]).substr(0, 12), "people:1:1: ");
  EXPECT_EQ(Describe(parsed.error()[1]).substr(0, 12), "people:2:3: ");
}

TEST(AllowedSigners, RefusesWhatItCannotRead) {
  const std::string key = KeyText('a');
  for (const std::string& line :
       {std::string("a@example.com ssh-ed25519"),
        std::string("a@example.com ssh-ed25519 AAAA"),
        std::string("a@example.com ssh-ed25519 !!!!"),
        "a@example.com ssh-rsa " + key.substr(12),
        "a@example.com ssh-ed25519 " + Base64Encode(SshText("ssh-ed25519") + SshText("short")),
        "a@example.com ssh-ed25519-cert-v01@openssh.com " + key.substr(12),
        "a@example.com namespaces=git " + key,
        "a@example.com namespaces=\"\" " + key,
        "a@example.com namespaces=\"git\",namespaces=\"x\" " + key,
        "a@example.com valid-after=\"tomorrow\" " + key,
        "a@example.com valid-after=\"20261340\" " + key,
        "a@example.com valid-before=\"20260101\",valid-before=\"20260101\" " + key,
        "a@example.com,, " + key,
        "\"a@example.com " + key,
        key}) {
    EXPECT_FALSE(AllowedSigners::Parse(line).has_value()) << line;
  }
  EXPECT_FALSE(AllowedSigners::Parse(std::string(2U << 20U, '#')).has_value());
}

TEST(MatchesPatternList, FollowsSshPatterns) {
  EXPECT_TRUE(MatchesPatternList("git", "git"));
  EXPECT_TRUE(MatchesPatternList("git", "file,git"));
  EXPECT_TRUE(MatchesPatternList("failgate-approval", "failgate-*"));
  EXPECT_TRUE(MatchesPatternList("git", "g?t"));
  EXPECT_FALSE(MatchesPatternList("git", "*,!git"));
  EXPECT_FALSE(MatchesPatternList("git", "gi"));
  EXPECT_FALSE(MatchesPatternList("git", ""));
  EXPECT_FALSE(MatchesPatternList("git", "!file"));
}

}  // namespace
}  // namespace failgate
