// A real git server over https, with a certificate of a private authority.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "controller/base/digest.h"
#include "controller/base/error.h"
#include "controller/git/commit_writer.h"
#include "controller/git/remote.h"
#include "tests/support/running_program.h"
#include "tests/support/stock_git.h"

namespace failgate {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr Milliseconds kDeadline{60'000};

class HttpsRemoteTest : public ::testing::Test {
 protected:
  HttpsRemoteTest() {
    MakeCertificates();
    server_ = Serve();
  }
  void SetUp() override { ASSERT_TRUE(PortOf(*server_)) << server_->output(); }

  [[nodiscard]] std::string File(const std::string& name) const {
    return (world_.folder() / name).native();
  }
  std::unique_ptr<RunningProgram> Serve(const std::string& redirect = {}) {
    std::vector<std::string> argv = {"python3",
                                     FAILGATE_SOURCE_DIR "/tests/support/git_https_server.py",
                                     world_.folder().native(),
                                     File("server.pem"),
                                     File("server.key")};
    if (!redirect.empty()) {
      argv.push_back(redirect);
    }
    return std::make_unique<RunningProgram>(argv, world_.folder());
  }
  static std::optional<int> PortOf(RunningProgram& server) {
    return server.AwaitNumber("listening on port ");
  }
  /// The certificate is for "localhost" alone.
  static std::string UrlOf(RunningProgram& server, const std::string& host = "localhost") {
    return "https://" + host + ":" + std::to_string(PortOf(server).value_or(0)) + "/origin.git";
  }
  RemoteConfig Config() {
    RemoteConfig config;
    config.url = UrlOf(*server_);
    config.token = Secret("good-token");
    config.ca_file = File("ca.pem");
    config.home = File("home");
    return config;
  }
  Error ErrorOf(const RemoteConfig& config) {
    try {
      (void)Remote(runner_, config).List({}, kDeadline);
    } catch (const Error& error) {
      return error;
    }
    ADD_FAILURE() << "no error";
    return {Remedy::kRetry, ""};
  }

  PushedRepository world_;
  ProcessRunner runner_;
  std::unique_ptr<RunningProgram> server_;

 private:
  void OpenSsl(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "openssl");
    const ProcessResult result = RunProgram(arguments, world_.folder());
    ASSERT_TRUE(result.Succeeded()) << result.stderr_text;
  }
  void MakeCertificates() {
    const std::vector<std::string> key = {"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"};
    std::vector<std::string> authority = {
        "req", "-x509", "-nodes", "-subj", "/CN=Private CA", "-keyout", "ca.key", "-out", "ca.pem"};
    std::vector<std::string> request = {
        "req", "-nodes", "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr"};
    authority.insert(authority.end(), key.begin(), key.end());
    request.insert(request.end(), key.begin(), key.end());
    OpenSsl(authority);
    OpenSsl(request);
    WriteFileDurably(world_.folder() / "names", "subjectAltName=DNS:localhost\n");
    OpenSsl({"x509",
             "-req",
             "-in",
             "server.csr",
             "-CA",
             "ca.pem",
             "-CAkey",
             "ca.key",
             "-CAcreateserial",
             "-extfile",
             "names",
             "-out",
             "server.pem"});
  }
};

TEST_F(HttpsRemoteTest, ListsFetchesAndPushesWithItsToken) {
  const CommitId pushed = world_.Push({{"a", "1"}});
  const Remote remote(runner_, Config());
  EXPECT_EQ(remote.List({"refs/heads/*"}, kDeadline),
            (std::vector<RemoteRef>{{"refs/heads/main", ObjectId(pushed.text())}}));
  Repository mirror = Repository::InitBare(world_.folder() / "mirror.git");
  remote.Fetch(mirror.path(), {"+refs/heads/*:refs/heads/*"}, kDeadline);
  CommitDraft draft;
  // More than git posts at once, and nothing to compress: it comes in chunks.
  draft.edits = {{"b", HexEncode(RandomBytes(3U << 20U))}};
  draft.author = draft.committer = {"failgate", "failgate@example.com"};
  draft.message = "Write b";
  const CommitId next = WriteCommit(mirror, mirror.Ref("refs/heads/main"), draft, nullptr);
  EXPECT_EQ(remote.Push(mirror.path(), next, "refs/heads/main", pushed, kDeadline).outcome,
            PushOutcome::kPushed);
  EXPECT_EQ(Git(world_.origin(), {"rev-parse", "main"}), next.text());
  EXPECT_EQ(remote.Push(mirror.path(), next, "refs/heads/main", pushed, kDeadline).outcome,
            PushOutcome::kPushed)
      << "it is there already";
  draft.edits = {{"c", "3"}};
  const CommitId other = WriteCommit(mirror, pushed, draft, nullptr);
  EXPECT_EQ(remote.Push(mirror.path(), other, "refs/heads/main", pushed, kDeadline).outcome,
            PushOutcome::kLostRace);
}

TEST_F(HttpsRemoteTest, TellsWhatAHookOfTheServerSaid) {
  const CommitId pushed = world_.Push({{"a", "1"}});
  world_.InstallHook("pre-receive", "echo no pushes today >&2; exit 1\n");
  const Remote remote(runner_, Config());
  Repository mirror = Repository::InitBare(world_.folder() / "mirror.git");
  remote.Fetch(mirror.path(), {"+refs/heads/*:refs/heads/*"}, kDeadline);
  const PushResult refused =
      remote.Push(mirror.path(), pushed, "refs/heads/other", std::nullopt, kDeadline);
  EXPECT_EQ(refused.outcome, PushOutcome::kRefused);
  EXPECT_THAT(refused.text, HasSubstr("no pushes today"));
}

TEST_F(HttpsRemoteTest, NeedsAChangeWhenTheTokenIsWrongAndNeverShowsIt) {
  RemoteConfig config = Config();
  config.token = Secret("wrong-canary-token");
  const Error error = ErrorOf(config);
  EXPECT_EQ(error.remedy(), Remedy::kNeedsChange);
  EXPECT_THAT(error.what(), Not(HasSubstr("canary")));
  config.token.reset();
  EXPECT_EQ(ErrorOf(config).remedy(), Remedy::kNeedsChange);
}

TEST_F(HttpsRemoteTest, TrustsNoCertificateOfAnUnknownAuthority) {
  RemoteConfig config = Config();
  config.ca_file.reset();
  const Error error = ErrorOf(config);
  EXPECT_EQ(error.remedy(), Remedy::kNeedsChange);
  EXPECT_THAT(error.what(), HasSubstr("certificate"));
  EXPECT_THAT(server_->output(), Not(HasSubstr("GET")));
}

TEST_F(HttpsRemoteTest, TrustsNoCertificateOfAnotherHost) {
  RemoteConfig config = Config();
  config.url = UrlOf(*server_, "127.0.0.1");
  const Error error = ErrorOf(config);
  EXPECT_EQ(error.remedy(), Remedy::kNeedsChange) << error.what();
  EXPECT_THAT(error.what(), HasSubstr("certificate"));
  EXPECT_THAT(server_->output(), Not(HasSubstr("GET")));
}

TEST_F(HttpsRemoteTest, CarriesNoTokenToAnotherHost) {
  const auto gate = Serve("https://localhost:" + std::to_string(PortOf(*server_).value_or(0)));
  RemoteConfig config = Config();
  config.url = UrlOf(*gate);
  EXPECT_EQ(ErrorOf(config).remedy(), Remedy::kNeedsChange);
  EXPECT_THAT(gate->output(), HasSubstr("GET"));
  EXPECT_THAT(server_->output(), Not(HasSubstr("GET")));
}

TEST_F(HttpsRemoteTest, NeedsAChangeWhenThereIsNoRepositoryThere) {
  RemoteConfig config = Config();
  config.url += ".absent";
  EXPECT_EQ(ErrorOf(config).remedy(), Remedy::kNeedsChange);
}

}  // namespace
}  // namespace failgate
