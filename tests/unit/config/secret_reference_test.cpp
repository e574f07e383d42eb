#include "controller/config/secret_reference.h"

#include <gtest/gtest.h>

#include "controller/base/durable_file.h"

namespace failgate {
namespace {

std::optional<std::string> Lookup(const std::string& name) {
  if (name == "HOOK") return "from-the-environment";
  if (name == "EMPTY") return "";
  return std::nullopt;
}

SecretReference InFile(const std::filesystem::path& path) {
  return SecretReference{"", path};
}

TEST(ReadSecret, StripsOneLineEndOfAFile) {
  const TemporaryFolder folder;
  WriteFileDurably(folder.path() / "secret", "s3cret-value \r\n");
  const Result<Secret> secret = ReadSecret(InFile(folder.path() / "secret"), Lookup);
  ASSERT_TRUE(secret.has_value());
  EXPECT_EQ(secret->Reveal(), "s3cret-value ");
}

TEST(ReadSecret, ReadsAnEnvironmentVariable) {
  const Result<Secret> secret = ReadSecret(SecretReference{"HOOK", {}}, Lookup);
  ASSERT_TRUE(secret.has_value());
  EXPECT_EQ(secret->Reveal(), "from-the-environment");
}

TEST(ReadSecret, IsRedactedFromThenOn) {
  ASSERT_TRUE(ReadSecret(SecretReference{"HOOK", {}}, Lookup).has_value());
  EXPECT_EQ(Redact("a from-the-environment b"), "a *** b");
}

TEST(ReadSecret, NamesWhatIsMissing) {
  const Result<Secret> file = ReadSecret(InFile("/nowhere/secret"), Lookup);
  ASSERT_FALSE(file.has_value());
  EXPECT_EQ(file.error().code, "secret_unreadable");
  EXPECT_NE(file.error().text.find("file /nowhere/secret"), std::string::npos);
  const Result<Secret> variable = ReadSecret(SecretReference{"NOT_SET", {}}, Lookup);
  ASSERT_FALSE(variable.has_value());
  EXPECT_NE(variable.error().text.find("NOT_SET"), std::string::npos);
}

TEST(ReadSecret, RefusesAnEmptyOne) {
  const TemporaryFolder folder;
  WriteFileDurably(folder.path() / "secret", "\n");
  EXPECT_FALSE(ReadSecret(InFile(folder.path() / "secret"), Lookup).has_value());
  EXPECT_FALSE(ReadSecret(SecretReference{"EMPTY", {}}, Lookup).has_value());
}

TEST(ReadSecret, RefusesSeveralLinesNulAndTooMuchWithoutRepeatingThem) {
  const TemporaryFolder folder;
  for (const std::string& text : {std::string("first-part\nsecond"),
                                  std::string("first-part\0x", 12),
                                  std::string(70000, 'f')}) {
    WriteFileDurably(folder.path() / "secret", text);
    const Result<Secret> secret = ReadSecret(InFile(folder.path() / "secret"), Lookup);
    ASSERT_FALSE(secret.has_value());
    EXPECT_EQ(secret.error().text.find("first-part"), std::string::npos);
  }
}

}  // namespace
}  // namespace failgate
