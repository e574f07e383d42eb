// A real sshd: the keys of both sides are checked.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <unistd.h>

#include <memory>

#include "controller/base/error.h"
#include "controller/git/commit_writer.h"
#include "controller/git/remote.h"
#include "tests/support/running_program.h"
#include "tests/support/stock_git.h"

namespace failgate {
namespace {

using testing::HasSubstr;

constexpr Milliseconds kDeadline{60'000};

void MakeKey(const std::filesystem::path& path) {
  ASSERT_TRUE(
      RunProgram({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path.native()}).Succeeded());
}

/// sshd as an ordinary process with its own host key, for whoever runs the test.
class SshServer {
 public:
  explicit SshServer(const std::filesystem::path& folder) {
    if (geteuid() == 0) {
      std::filesystem::create_directories("/run/sshd");  // root's sshd refuses to start without it
    }
    // Between finding a free port and taking it somebody else may.
    for (int attempt = 0; attempt < 5 && port_ == 0; ++attempt) {
      const std::string port = std::to_string(RecentlyFreePort());
      program_ = std::make_unique<RunningProgram>(
          std::vector<std::string>{"/usr/sbin/sshd",
                                   "-D",
                                   "-e",
                                   "-f",
                                   "/dev/null",
                                   "-o",
                                   "ListenAddress=127.0.0.1:" + port,
                                   "-o",
                                   "HostKey=" + (folder / "host").native(),
                                   "-o",
                                   "AuthorizedKeysFile=" + (folder / "user.pub").native(),
                                   "-o",
                                   "PidFile=none",
                                   "-o",
                                   "StrictModes=no",
                                   "-o",
                                   "UsePAM=no",
                                   "-o",
                                   "PasswordAuthentication=no",
                                   "-o",
                                   "KbdInteractiveAuthentication=no",
                                   "-o",
                                   "PermitRootLogin=yes"},
          folder);
      port_ = program_->AwaitNumber("listening on 127.0.0.1 port ").value_or(0);
    }
  }
  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::string output() const { return program_->output(); }

 private:
  std::unique_ptr<RunningProgram> program_;
  int port_ = 0;
};

class SshRemoteTest : public ::testing::Test {
 protected:
  SshRemoteTest() {
    for (const char* name : {"host", "other-host", "user", "stranger"}) {
      MakeKey(File(name));
    }
    server_ = std::make_unique<SshServer>(world_.folder());
    Know("host");
  }
  void SetUp() override { ASSERT_GT(server_->port(), 0) << server_->output(); }

  [[nodiscard]] std::filesystem::path File(const std::string& name) const {
    return world_.folder() / name;
  }
  /// The file of known hosts names this key as the server's.
  void Know(const std::string& key) {
    WriteFileDurably(
        File("known_hosts"),
        "[127.0.0.1]:" + std::to_string(server_->port()) + " " + ReadFile(File(key + ".pub")));
  }
  [[nodiscard]] RemoteConfig Config(const std::string& key = "user") const {
    RemoteConfig config;
    config.url = std::string("ssh://") + getpwuid(geteuid())->pw_name +
                 "@127.0.0.1:" + std::to_string(server_->port()) + world_.origin().native();
    config.ssh_key = File(key);
    config.known_hosts = File("known_hosts");
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
  std::unique_ptr<SshServer> server_;
};

TEST_F(SshRemoteTest, ListsFetchesAndPushesWithAKnownHostAndItsOwnKey) {
  const CommitId pushed = world_.Push({{"a", "1"}});
  const Remote remote(runner_, Config());
  EXPECT_EQ(remote.List({"refs/heads/*"}, kDeadline),
            (std::vector<RemoteRef>{{"refs/heads/main", ObjectId(pushed.text())}}));
  Repository mirror = Repository::InitBare(File("mirror.git"));
  remote.Fetch(mirror.path(), {"+refs/heads/*:refs/heads/*"}, kDeadline);
  CommitDraft draft;
  draft.edits = {{"b", "2"}};
  draft.author = draft.committer = {"failgate", "failgate@example.com"};
  draft.message = "Write b";
  const CommitId next = WriteCommit(mirror, mirror.Ref("refs/heads/main"), draft, nullptr);
  EXPECT_EQ(remote.Push(mirror.path(), next, "refs/heads/main", pushed, kDeadline).outcome,
            PushOutcome::kPushed);
  EXPECT_EQ(Git(world_.origin(), {"rev-parse", "main"}), next.text());
  world_.InstallHook("pre-receive", "echo no pushes today >&2; exit 1\n");
  const PushResult refused =
      remote.Push(mirror.path(), next, "refs/heads/other", std::nullopt, kDeadline);
  EXPECT_EQ(refused.outcome, PushOutcome::kRefused);
  EXPECT_THAT(refused.text, HasSubstr("no pushes today"));
}

TEST_F(SshRemoteTest, NeedsAChangeWhenTheServerDoesNotKnowTheKey) {
  const Error error = ErrorOf(Config("stranger"));
  EXPECT_EQ(error.remedy(), Remedy::kNeedsChange);
  EXPECT_THAT(error.what(), HasSubstr("Permission denied"));
}

TEST_F(SshRemoteTest, TalksToNoHostThatIsNotKnown) {
  WriteFileDurably(File("known_hosts"), "");
  EXPECT_EQ(ErrorOf(Config()).remedy(), Remedy::kNeedsChange);
  EXPECT_THAT(ErrorOf(Config()).what(), HasSubstr("Host key verification failed"));
  std::filesystem::remove(File("known_hosts"));
  EXPECT_EQ(ErrorOf(Config()).remedy(), Remedy::kNeedsChange);
  EXPECT_THAT(server_->output(), testing::Not(HasSubstr("Accepted")));
}

TEST_F(SshRemoteTest, TalksToNoHostThatShowsAnotherKey) {
  Know("other-host");
  const Error error = ErrorOf(Config());
  EXPECT_EQ(error.remedy(), Remedy::kNeedsChange);
  EXPECT_THAT(error.what(), HasSubstr("Host key verification failed"));
  EXPECT_THAT(server_->output(), testing::Not(HasSubstr("Accepted")));
}

TEST_F(SshRemoteTest, NeedsAChangeWhenThereIsNoRepositoryThere) {
  RemoteConfig config = Config();
  config.url += ".absent";
  EXPECT_EQ(ErrorOf(config).remedy(), Remedy::kNeedsChange);
}

}  // namespace
}  // namespace failgate
