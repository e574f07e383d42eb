#include "controller/git/ssh_signature.h"

#include <gtest/gtest.h>

#include "controller/base/durable_file.h"
#include "controller/git/signing_key.h"
#include "controller/git/ssh_wire.h"

namespace failgate {
namespace {

const TimePoint kNow = *ParseTime("2026-06-01T00:00:00Z");

class SshSignatureTest : public ::testing::Test {
 protected:
  [[nodiscard]] AllowedSigners Allow(const std::string& options = "") const {
    return AllowedSigners::Parse("alice@example.com " + options + " " + key_.PublicLine()).value();
  }
  [[nodiscard]] SignatureVerdict Verdict(const std::optional<std::string>& armored,
                                         const AllowedSigners& allowed) const {
    return VerifySignature(armored, "payload", "git", allowed, kNow).verdict;
  }

  TemporaryFolder folder_;
  SigningKey key_ = SigningKey::Generate(folder_.path() / "key", "test");
  std::string armored_ = key_.Sign("payload", "git");
};

TEST_F(SshSignatureTest, IsGoodForAnAllowedKey) {
  const SignatureCheck check = VerifySignature(armored_, "payload", "git", Allow(), kNow);
  EXPECT_TRUE(check.good()) << check.text;
  EXPECT_EQ(check.principal, "alice@example.com");
  EXPECT_EQ(check.fingerprint, key_.Fingerprint());
}

TEST_F(SshSignatureTest, IsUnsignedWithoutSignature) {
  EXPECT_EQ(Verdict(std::nullopt, Allow()), SignatureVerdict::kUnsigned);
  EXPECT_EQ(Verdict(" \n", Allow()), SignatureVerdict::kUnsigned);
}

TEST_F(SshSignatureTest, IsBadForOtherBytes) {
  EXPECT_EQ(VerifySignature(armored_, "payloae", "git", Allow(), kNow).verdict,
            SignatureVerdict::kBadSignature);
  EXPECT_EQ(Verdict("-----BEGIN SSH SIGNATURE-----\nx\n-----END SSH SIGNATURE-----", Allow()),
            SignatureVerdict::kBadSignature);
  EXPECT_EQ(Verdict(armored_ + armored_, Allow()), SignatureVerdict::kBadSignature);
}

TEST_F(SshSignatureTest, IsForeignForAnotherKey) {
  const SigningKey other = SigningKey::Generate(folder_.path() / "other", "other");
  EXPECT_EQ(Verdict(other.Sign("payload", "git"), Allow()), SignatureVerdict::kForeignKey);
  EXPECT_EQ(Verdict(armored_, AllowedSigners()), SignatureVerdict::kForeignKey);
  EXPECT_EQ(Verdict("-----BEGIN PGP SIGNATURE-----\n", Allow()), SignatureVerdict::kForeignKey);
}

TEST_F(SshSignatureTest, NamesAKindOfKeyThatIsNotChecked) {
  const std::string rsa = FormatSshSignature(
      {SshText("ssh-rsa") + SshText("e") + SshText("n"), "git", "sha512", "sig"});
  const SignatureCheck check = VerifySignature(rsa, "payload", "git", Allow(), kNow);
  EXPECT_EQ(check.verdict, SignatureVerdict::kForeignKey);
  EXPECT_NE(check.text.find("ssh-rsa"), std::string::npos);
}

TEST_F(SshSignatureTest, IsForOneNamespaceOnly) {
  EXPECT_EQ(Verdict(key_.Sign("payload", "file"), Allow()), SignatureVerdict::kWrongNamespace);
  EXPECT_EQ(Verdict(armored_, Allow("namespaces=\"file\"")), SignatureVerdict::kWrongNamespace);
  EXPECT_EQ(Verdict(armored_, Allow("namespaces=\"file,git\"")), SignatureVerdict::kGood);
}

TEST_F(SshSignatureTest, HonoursValidity) {
  EXPECT_EQ(Verdict(armored_, Allow("valid-after=\"20260601Z\"")), SignatureVerdict::kGood);
  EXPECT_EQ(Verdict(armored_, Allow("valid-after=\"20260602Z\"")), SignatureVerdict::kNotValidThen);
  EXPECT_EQ(Verdict(armored_, Allow("valid-before=\"20260601Z\"")), SignatureVerdict::kGood);
  EXPECT_EQ(Verdict(armored_, Allow("valid-before=\"20260531Z\"")),
            SignatureVerdict::kNotValidThen);
}

TEST_F(SshSignatureTest, TakesAnyLineThatAllowsTheKey) {
  const auto allowed = AllowedSigners::Parse(
      "old@example.com valid-before=\"20200101\" " + key_.PublicLine() +
      "\nnew@example.com valid-after=\"20200101\" " + key_.PublicLine() + "\n");
  ASSERT_TRUE(allowed.has_value());
  const SignatureCheck check = VerifySignature(armored_, "payload", "git", *allowed, kNow);
  EXPECT_TRUE(check.good());
  EXPECT_EQ(check.principal, "new@example.com");
}

TEST_F(SshSignatureTest, SurvivesEveryChangedByte) {
  const auto parsed = ParseSshSignature(armored_);
  ASSERT_TRUE(parsed.has_value());
  const std::string blob = *Dearmor("SSH SIGNATURE", armored_);
  for (std::size_t i = 0; i < blob.size(); ++i) {
    std::string changed = blob;
    changed[i] = static_cast<char>(changed[i] ^ 0x40);
    EXPECT_NE(Verdict(Armor("SSH SIGNATURE", changed), Allow()), SignatureVerdict::kGood) << i;
    EXPECT_NE(Verdict(Armor("SSH SIGNATURE", blob.substr(0, i)), Allow()), SignatureVerdict::kGood);
  }
  EXPECT_EQ(Verdict(Armor("SSH SIGNATURE", blob + "x"), Allow()), SignatureVerdict::kBadSignature);
}

}  // namespace
}  // namespace failgate
