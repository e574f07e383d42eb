// Keys of every kind that people have, proved by the stock ssh-keygen.
#include "controller/git/ssh_keygen.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <array>
#include <memory>

#include "controller/base/digest.h"
#include "controller/base/error.h"
#include "controller/git/ssh_wire.h"
#include "tests/support/stock_git.h"

namespace failgate {
namespace {

const TimePoint kNow = *ParseTime("2026-06-01T00:00:00Z");

class SshKeygenTest : public ::testing::Test {
 protected:
  /// The public line of a new key in the file `name`.
  std::string MakeKey(const std::string& name, const std::vector<std::string>& kind) {
    std::vector<std::string> argv = {"ssh-keygen", "-q", "-N", "", "-C", "", "-f", Path(name)};
    argv.insert(argv.end(), kind.begin(), kind.end());
    const ProcessResult made = RunProgram(argv);
    EXPECT_TRUE(made.Succeeded()) << made.stderr_text;
    return ReadFile(Path(name) + ".pub");
  }
  std::string Sign(const std::string& name, const std::string& payload, const std::string& space) {
    WriteFileDurably(Path("payload"), payload);
    std::filesystem::remove(Path("payload.sig"));
    const ProcessResult signed_ = RunProgram(
        {"ssh-keygen", "-q", "-Y", "sign", "-f", Path(name), "-n", space, Path("payload")});
    EXPECT_TRUE(signed_.Succeeded()) << signed_.stderr_text;
    return ReadFile(Path("payload.sig"));
  }
  SignatureCheck Verify(const std::string& armored,
                        const std::string& payload,
                        const std::string& allowed) {
    return VerifySignature(
        armored, payload, "git", AllowedSigners::Parse(allowed).value(), kNow, &keygen_);
  }
  [[nodiscard]] std::string Path(const std::string& name) const {
    return (folder_.path() / name).string();
  }

  TemporaryFolder folder_;
  ProcessRunner runner_;
  SshKeygen keygen_{runner_};
};

TEST_F(SshKeygenTest, ProvesKeysOfTheKindsThatPeopleHave) {
  const std::map<std::string, std::vector<std::string>> kinds = {
      {"ed25519", {"-t", "ed25519"}},
      {"rsa", {"-t", "rsa", "-b", "2048"}},
      {"p256", {"-t", "ecdsa", "-b", "256"}},
      {"p384", {"-t", "ecdsa", "-b", "384"}},
      {"p521", {"-t", "ecdsa", "-b", "521"}}};
  for (const auto& [name, kind] : kinds) {
    const std::string line = "alice@example.com namespaces=\"git\" " + MakeKey(name, kind);
    const std::string signature = Sign(name, "wish", "git");
    const SignatureCheck good = Verify(signature, "wish", line);
    EXPECT_TRUE(good.good()) << name << ": " << good.text;
    EXPECT_EQ(good.principal, "alice@example.com");
    EXPECT_EQ(Verify(signature, "wisp", line).verdict, SignatureVerdict::kBadSignature) << name;
    EXPECT_EQ(Verify(Sign(name, "wish", "failgate-approval"), "wish", line).verdict,
              SignatureVerdict::kWrongNamespace)
        << name;
  }
}

/// What a security key answers (PROTOCOL.u2f): it signs application, flags, counter and the hash of
/// the data.
TEST_F(SshKeygenTest, ProvesSecurityKeys) {
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(
      EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free);
  std::array<unsigned char, 32> raw{};
  std::size_t size = raw.size();
  ASSERT_EQ(EVP_PKEY_get_raw_public_key(key.get(), raw.data(), &size), 1);
  const std::string type = "sk-ssh-ed25519@openssh.com";
  const std::string blob = SshText(type) +
                           SshText({reinterpret_cast<const char*>(raw.data()), raw.size()}) +
                           SshText("ssh:");
  const std::string flags_and_counter = std::string("\x01", 1) + SshNumber(7);
  const std::string data =
      Sha256Raw("ssh:") + flags_and_counter + Sha256Raw(*SshSignedData("wish", "git", "sha512"));
  std::array<unsigned char, 64> made{};
  std::size_t made_size = made.size();
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                   EVP_MD_CTX_free);
  ASSERT_EQ(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()), 1);
  ASSERT_EQ(EVP_DigestSign(context.get(),
                           made.data(),
                           &made_size,
                           reinterpret_cast<const unsigned char*>(data.data()),
                           data.size()),
            1);
  const std::string signature = FormatSshSignature(
      {blob,
       "git",
       "sha512",
       SshText(type) + SshText({reinterpret_cast<const char*>(made.data()), made.size()}) +
           flags_and_counter});
  const std::string line = "alice@example.com " + type + " " + Base64Encode(blob) + "\n";
  EXPECT_TRUE(Verify(signature, "wish", line).good()) << Verify(signature, "wish", line).text;
  EXPECT_EQ(Verify(signature, "wisp", line).verdict, SignatureVerdict::kBadSignature);
}

TEST_F(SshKeygenTest, JudgesNamespaceTimeAndOwnerAsForAnyKey) {
  const std::string key = MakeKey("p256", {"-t", "ecdsa"});
  const std::string signature = Sign("p256", "wish", "git");
  EXPECT_EQ(Verify(signature, "wish", "a@example.com valid-before=\"20260101Z\" " + key).verdict,
            SignatureVerdict::kNotValidThen);
  EXPECT_EQ(
      Verify(signature, "wish", "a@example.com namespaces=\"failgate-approval\" " + key).verdict,
      SignatureVerdict::kWrongNamespace);
}

TEST_F(SshKeygenTest, StartsNoChildForAKeyThatNobodyListsNorForWhatItKnows) {
  const std::string key = MakeKey("p256", {"-t", "ecdsa"});
  const std::string other = MakeKey("other", {"-t", "ecdsa"});
  const std::string signature = Sign("p256", "wish", "git");
  EXPECT_EQ(Verify(signature, "wish", "a@example.com " + other).verdict,
            SignatureVerdict::kForeignKey);
  EXPECT_EQ(keygen_.started(), 0U);
  for (int look = 0; look < 3; ++look) {
    EXPECT_TRUE(Verify(signature, "wish", "a@example.com " + key).good());
  }
  EXPECT_EQ(keygen_.started(), 1U);
}

TEST_F(SshKeygenTest, IsNeverAskedWhereNoProverIsGiven) {
  const std::string key = MakeKey("p256", {"-t", "ecdsa"});
  const AllowedSigners allowed = AllowedSigners::Parse("a@example.com " + key).value();
  EXPECT_EQ(VerifySignature(Sign("p256", "wish", "git"), "wish", "git", allowed, kNow).verdict,
            SignatureVerdict::kForeignKey);
}

}  // namespace
}  // namespace failgate
