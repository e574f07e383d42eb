#include "controller/git/openssh_key.h"

#include <gtest/gtest.h>

#include "controller/git/ssh_wire.h"

namespace failgate {
namespace {

Ed25519Key SomeKey() {
  return {Secret(std::string(32, 's')), std::string(32, 'p'), "a comment"};
}

/// A key file from its parts, as only a broken or foreign program would write it.
std::string KeyFile(const std::string& cipher, const std::string& public_blob, std::string part) {
  for (char padding = 1; part.size() % 8 != 0; ++padding) {
    part += padding;
  }
  return Armor("OPENSSH PRIVATE KEY",
               std::string("openssh-key-v1\0", 15) + SshText(cipher) + SshText(cipher) +
                   SshText("") + SshNumber(1) + SshText(public_blob) + SshText(part));
}

std::string Part(unsigned check_a, unsigned check_b, const std::string& type) {
  const std::string key(32, 'p');
  return SshNumber(check_a) + SshNumber(check_b) + SshText(type) + SshText(key) +
         SshText(std::string(32, 's') + key) + SshText("c");
}

TEST(OpenSshKey, ReadsWhatItWrites) {
  const auto key = ParseOpenSshKey(FormatOpenSshKey(SomeKey(), 42));
  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(key->seed.Reveal(), std::string(32, 's'));
  EXPECT_EQ(key->public_key, std::string(32, 'p'));
  EXPECT_EQ(key->comment, "a comment");
}

TEST(OpenSshKey, RefusesEncryptedKeysAndOtherTypesWithTheWayOut) {
  const std::string blob = Ed25519PublicBlob(std::string(32, 'p'));
  const auto encrypted = ParseOpenSshKey(KeyFile("aes256-ctr", blob, "xxxxxxxx"));
  ASSERT_FALSE(encrypted.has_value());
  EXPECT_NE(encrypted.error().text.find("ssh-keygen -p"), std::string::npos);
  const auto other = ParseOpenSshKey(KeyFile("none", SshText("ssh-rsa"), Part(1, 1, "ssh-rsa")));
  ASSERT_FALSE(other.has_value());
  EXPECT_EQ(other.error().code, "key_type");
  const auto pem = ParseOpenSshKey("-----BEGIN PRIVATE KEY-----\n");
  ASSERT_FALSE(pem.has_value());
  EXPECT_EQ(pem.error().code, "key_format");
}

TEST(OpenSshKey, RefusesDamage) {
  const std::string blob = Ed25519PublicBlob(std::string(32, 'p'));
  const std::string other_blob = Ed25519PublicBlob(std::string(32, 'q'));
  ASSERT_TRUE(ParseOpenSshKey(KeyFile("none", blob, Part(1, 1, "ssh-ed25519"))).has_value());
  for (const std::string& file :
       {std::string(),
        std::string("hello"),
        Armor("OPENSSH PRIVATE KEY", "hello"),
        KeyFile("none", blob, Part(1, 2, "ssh-ed25519")),
        KeyFile("none", other_blob, Part(1, 1, "ssh-ed25519")),
        KeyFile("none", "", Part(1, 1, "ssh-ed25519")),
        KeyFile("none", blob, Part(1, 1, "ssh-ed25519").substr(0, 40)),
        KeyFile("none", blob, Part(1, 1, "ssh-ed25519") + std::string(16, '\0')),
        KeyFile("none", blob, Part(1, 1, "ssh-ed25519") + "\xFF")}) {
    const auto key = ParseOpenSshKey(file);
    ASSERT_FALSE(key.has_value()) << file;
    EXPECT_EQ(key.error().code, "damaged_key");
  }
}

TEST(OpenSshKey, RefusesEveryTruncation) {
  const std::string whole = FormatOpenSshKey(SomeKey(), 7);
  for (std::size_t size = 0; size + 1 < whole.size(); ++size) {
    EXPECT_FALSE(ParseOpenSshKey(whole.substr(0, size)).has_value()) << size;
  }
}

}  // namespace
}  // namespace failgate
