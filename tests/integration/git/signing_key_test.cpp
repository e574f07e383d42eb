#include "controller/git/signing_key.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "controller/base/error.h"
#include "tests/support/stock_git.h"

namespace failgate {
namespace {

std::string WhyRefused(const std::filesystem::path& path) {
  try {
    (void)SigningKey::Load(path);
  } catch (const Error& error) {
    EXPECT_EQ(error.remedy(), Remedy::kNeedsChange);
    return error.what();
  }
  return "";
}

void Keygen(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "ssh-keygen");
  const ProcessResult result = RunProgram(arguments);
  ASSERT_TRUE(result.Succeeded()) << result.stderr_text;
}

TEST(SigningKey, LoadsWhatSshKeygenMadeAndSignsTheSame) {
  const TemporaryFolder folder;
  for (int i = 1; i <= 50; ++i) {
    const std::filesystem::path path = folder.path() / ("key" + std::to_string(i));
    // Comments of every length move the padding.
    Keygen({"-q",
            "-t",
            "ed25519",
            "-N",
            "",
            "-C",
            std::string(static_cast<std::size_t>(i), 'c'),
            "-f",
            path.native()});
    const SigningKey key = SigningKey::Load(path);
    EXPECT_EQ(key.PublicLine() + "\n", ReadFile(path.native() + ".pub"));
    const ProcessResult signature =
        RunProgram({"ssh-keygen", "-q", "-Y", "sign", "-n", "git", "-f", path.native()}, "/", "x");
    EXPECT_EQ(key.Sign("x", "git"), signature.stdout_text);
  }
}

TEST(SigningKey, MakesKeysThatSshKeygenReads) {
  const TemporaryFolder folder;
  for (int i = 0; i < 50; ++i) {
    const std::filesystem::path path = folder.path() / ("key" + std::to_string(i));
    const SigningKey made =
        SigningKey::Generate(path, std::string(static_cast<std::size_t>(i), 'c'));
    struct stat status {};
    ASSERT_EQ(stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    const ProcessResult read = RunProgram({"ssh-keygen", "-y", "-f", path.native()});
    EXPECT_EQ(read.stdout_text, made.PublicLine() + "\n") << read.stderr_text;
    EXPECT_EQ(SigningKey::Load(path).PublicLine(), made.PublicLine());
    const ProcessResult list = RunProgram({"ssh-keygen", "-l", "-f", path.native()});
    EXPECT_NE(list.stdout_text.find(made.Fingerprint()), std::string::npos);
  }
}

TEST(SigningKey, NeverOverwritesAKey) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "key";
  const std::string line = SigningKey::Generate(path, "first").PublicLine();
  EXPECT_THROW((void)SigningKey::Generate(path, "second"), Error);
  EXPECT_EQ(SigningKey::Load(path).PublicLine(), line);
}

TEST(SigningKey, RefusesKeysThatOthersCanRead) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "key";
  (void)SigningKey::Generate(path, "");
  for (const mode_t mode : {0640U, 0604U, 0620U}) {
    ASSERT_EQ(chmod(path.c_str(), mode), 0);
    EXPECT_NE(WhyRefused(path).find("chmod 600"), std::string::npos);
  }
}

TEST(SigningKey, RefusesEncryptedForeignAndAbsentKeys) {
  const TemporaryFolder folder;
  const std::string encrypted = (folder.path() / "encrypted").native();
  const std::string rsa = (folder.path() / "rsa").native();
  const std::string pem = (folder.path() / "pem").native();
  Keygen({"-q", "-t", "ed25519", "-N", "secret", "-f", encrypted});
  Keygen({"-q", "-t", "rsa", "-b", "2048", "-N", "", "-f", rsa});
  Keygen({"-q", "-t", "ecdsa", "-m", "PEM", "-N", "", "-f", pem});
  EXPECT_NE(WhyRefused(encrypted).find("passphrase"), std::string::npos);
  EXPECT_NE(WhyRefused(rsa).find("type ssh-rsa"), std::string::npos);
  EXPECT_NE(WhyRefused(pem).find("PEM"), std::string::npos);
  EXPECT_NE(WhyRefused(folder.path() / "absent").find("absent"), std::string::npos);
  EXPECT_NE(WhyRefused(folder.path()).find("regular file"), std::string::npos);
}

}  // namespace
}  // namespace failgate
