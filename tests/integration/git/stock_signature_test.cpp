// Signatures cross-checked with stock git and ssh-keygen, both ways.
#include <gtest/gtest.h>

#include <fstream>

#include "controller/git/commit_writer.h"
#include "controller/git/signing_key.h"
#include "controller/git/ssh_signature.h"
#include "tests/support/stock_git.h"

namespace failgate {
namespace {

const TimePoint kNow = *ParseTime("2026-06-01T00:00:00Z");

CommitDraft Draft(int number) {
  CommitDraft draft;
  draft.edits = {{"facts/" + std::to_string(number), "fact " + std::to_string(number) + "\n"}};
  draft.author = {"Zoë Ünïcode", "zoe@example.com"};
  draft.author_time = kNow;
  draft.committer = {"failgate", "failgate@example.com"};
  draft.committer_time = kNow + std::chrono::seconds(number);
  draft.message =
      "Fact " + std::to_string(number) + "\n\nBody:\n-----END SSH SIGNATURE-----\n gpgsig";
  return draft;
}

class StockSignatureTest : public ::testing::Test {
 protected:
  StockSignatureTest() {
    WriteFileDurably(folder_.path() / "allowed",
                     "failgate@example.com namespaces=\"git\" " + key_.PublicLine() + "\n");
  }
  TemporaryFolder folder_;
  SigningKey key_ = SigningKey::Generate(folder_.path() / "key", "failgate");
  Repository repository_ = Repository::InitBare(folder_.path() / "log.git");
};

TEST_F(StockSignatureTest, GitVerifiesTwoHundredOfOurCommits) {
  std::vector<CommitDraft> drafts;
  for (int i = 0; i < 200; ++i) {
    drafts.push_back(Draft(i));
  }
  const std::vector<CommitId> commits = WriteCommits(repository_, std::nullopt, drafts, &key_);
  ASSERT_TRUE(repository_.SetRef("refs/heads/main", commits.back(), std::nullopt));
  std::vector<std::string> arguments = {
      "-c",
      "gpg.format=ssh",
      "-c",
      "gpg.ssh.allowedSignersFile=" + (folder_.path() / "allowed").native(),
      "verify-commit"};
  for (const CommitId& commit : commits) {
    arguments.push_back(commit.text());
  }
  Git(repository_.path(), arguments);
  EXPECT_EQ(Git(repository_.path(), {"fsck", "--strict", "--no-dangling"}), "");
  EXPECT_EQ(Git(repository_.path(), {"rev-list", "--count", "main"}), "200");
}

TEST_F(StockSignatureTest, WeVerifyOurOwnAndStockGitsCommits) {
  const AllowedSigners allowed =
      AllowedSigners::Parse(ReadFile(folder_.path() / "allowed")).value();
  const CommitInfo ours =
      repository_.ReadCommit(WriteCommit(repository_, std::nullopt, Draft(1), &key_));
  EXPECT_TRUE(VerifySignature(ours.signature, ours.signed_payload, "git", allowed, kNow).good());
  PushedRepository world;
  for (int i = 0; i < 10; ++i) {
    Git(world.work(),
        {"-c",
         "gpg.format=ssh",
         "-c",
         "user.signingKey=" + (folder_.path() / "key").native(),
         "commit",
         "--quiet",
         "--allow-empty",
         "-S",
         "-m",
         "Signed " + std::to_string(i)});
    const Repository repository = Repository::Open(world.work() / ".git");
    const CommitInfo commit = repository.ReadCommit(*repository.Ref("refs/heads/main"));
    const SignatureCheck check =
        VerifySignature(commit.signature, commit.signed_payload, "git", allowed, kNow);
    EXPECT_TRUE(check.good()) << check.text;
    EXPECT_EQ(check.principal, "failgate@example.com");
  }
}

TEST_F(StockSignatureTest, ReportsAnRsaSignatureAsForeign) {
  const std::string rsa = (folder_.path() / "rsa").native();
  ASSERT_TRUE(RunProgram({"ssh-keygen", "-q", "-t", "rsa", "-N", "", "-f", rsa}).Succeeded());
  const ProcessResult signature =
      RunProgram({"ssh-keygen", "-q", "-Y", "sign", "-n", "git", "-f", rsa}, "/", "x");
  const AllowedSigners allowed =
      AllowedSigners::Parse("rsa@example.com " + ReadFile(rsa + ".pub")).value();
  const SignatureCheck check = VerifySignature(signature.stdout_text, "x", "git", allowed, kNow);
  EXPECT_EQ(check.verdict, SignatureVerdict::kForeignKey);
  EXPECT_NE(check.text.find("ssh-rsa"), std::string::npos);
}

TEST_F(StockSignatureTest, AgreesWithSshKeygenOnValidity) {
  const std::string armored = key_.Sign("x", "git");
  WriteFileDurably(folder_.path() / "signature", armored);
  for (const std::string& options : {std::string("valid-after=\"20260601Z\""),
                                     std::string("valid-after=\"202606010001Z\""),
                                     std::string("valid-before=\"20260601Z\""),
                                     std::string("valid-before=\"20260531235959Z\""),
                                     std::string("namespaces=\"file,g*\""),
                                     std::string("namespaces=\"file\""),
                                     std::string("namespaces=\"*,!git\"")}) {
    const std::string text = "a@example.com " + options + " " + key_.PublicLine() + "\n";
    WriteFileDurably(folder_.path() / "lines", text);
    const ProcessResult oracle = RunProgram({"ssh-keygen",
                                             "-Y",
                                             "verify",
                                             "-f",
                                             (folder_.path() / "lines").native(),
                                             "-I",
                                             "a@example.com",
                                             "-n",
                                             "git",
                                             "-s",
                                             (folder_.path() / "signature").native(),
                                             "-Overify-time=20260601000000Z"},
                                            "/",
                                            "x");
    const AllowedSigners allowed = AllowedSigners::Parse(text).value();
    EXPECT_EQ(VerifySignature(armored, "x", "git", allowed, kNow).good(), oracle.Succeeded())
        << options << oracle.stdout_text << oracle.stderr_text;
  }
}

}  // namespace
}  // namespace failgate
