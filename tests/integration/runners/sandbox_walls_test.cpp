// What a step cannot see or reach.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/integration/runners/step_world.h"

namespace failgate {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using SandboxWallsTest = StepWorld;

TEST_F(SandboxWallsTest, HidesTheHostsFolders) {
  const StepOutcome outcome = RunScript(
      "for path in /root /home /run /var /srv /opt /etc/failgate /etc/shadow /sys /boot /mnt; do\n"
      "  [ ! -e $path ] || echo visible $path\n"
      "done\nls /");
  EXPECT_EQ(outcome.status, StepStatus::kPassed);
  EXPECT_THAT(log_, Not(HasSubstr("visible")));
  EXPECT_THAT(log_, HasSubstr("workspace"));
}

TEST_F(SandboxWallsTest, HidesOtherWorkspacesAndTheControllersFiles) {
  StepCommand other = Command("echo mine > secret");
  ASSERT_EQ(Run(other).status, StepStatus::kPassed);
  const StepOutcome outcome = RunScript(
      fmt::format("cat {}/secret || cat {}", other.workspace.string(), other.log_file.string()));
  EXPECT_EQ(outcome.status, StepStatus::kFailed);
  EXPECT_THAT(log_, Not(HasSubstr("mine")));
}

TEST_F(SandboxWallsTest, HidesProcessesAndTheirEnvironment) {
  ASSERT_EQ(setenv("FAILGATE_TEST_CANARY", "leaked-canary", 1), 0);
  const StepOutcome outcome = RunScript(
      "cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>&1 | tr '\\0' '\\n'\n"
      "echo; echo pids $(cd /proc; echo [0-9]*)");
  EXPECT_EQ(outcome.status, StepStatus::kPassed);
  EXPECT_THAT(log_, Not(HasSubstr("leaked-canary")));
  EXPECT_THAT(log_, HasSubstr("pids 1 2 "));
  EXPECT_THAT(log_, Not(HasSubstr(fmt::format(" {} ", getpid()))));
}

TEST_F(SandboxWallsTest, HasNoRightsAndCannotGetAny) {
  const StepOutcome outcome = RunScript(
      "grep -E 'CapEff|CapBnd|NoNewPrivs' /proc/self/status\n"
      "! unshare -Ur true; ! mount -t tmpfs none /tmp; ! mkdir /x; ! touch /usr/x /dev/x");
  EXPECT_EQ(outcome.status, StepStatus::kPassed) << log_;
  EXPECT_THAT(log_, HasSubstr("CapEff:\t0000000000000000\nCapBnd:\t0000000000000000"));
  EXPECT_THAT(log_, HasSubstr("NoNewPrivs:\t1"));
}

TEST_F(SandboxWallsTest, DoesNotRunAsRoot) {
  (void)RunScript("id -u; cat /proc/self/uid_map");
  EXPECT_FALSE(log_.starts_with("0\n")) << log_;
}

TEST_F(SandboxWallsTest, GetsNoDescriptorOfTheController) {
  // The words of the gate are shut for the script: 3 is the folder that ls reads.
  EXPECT_EQ(RunScript("ls /proc/self/fd").status, StepStatus::kPassed);
  EXPECT_EQ(log_, "0\n1\n2\n3\n");
}

/// A socket that listens on the host's loopback.
class Listener {
 public:
  Listener() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(socket_.get(), 4), 0);
    EXPECT_EQ(getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  [[nodiscard]] int port() const { return port_; }

 private:
  FileDescriptor socket_;
  int port_ = 0;
};

StepCommand Connect(StepCommand command, int port) {
  command.shell = "bash";
  command.script = fmt::format("exec 9<>/dev/tcp/127.0.0.1/{} && echo connected", port);
  return command;
}

TEST_F(SandboxWallsTest, ReachesNoNetwork) {
  const Listener listener;
  EXPECT_EQ(Run(Connect(Command(""), listener.port())).status, StepStatus::kFailed);
  EXPECT_THAT(log_, Not(HasSubstr("connected")));
  EXPECT_EQ(RunScript("test $(wc -l < /proc/net/route) -le 1").status, StepStatus::kPassed);
}

TEST_F(SandboxWallsTest, ReachesTheNetworkWhereAllowed) {
  const Listener listener;
  StepCommand command = Connect(Command(""), listener.port());
  command.network = true;
  EXPECT_EQ(Run(command).status, StepStatus::kPassed) << log_;
  EXPECT_THAT(log_, HasSubstr("connected"));
}

TEST_F(SandboxWallsTest, GivesPreloadedCodeNoWayOut) {
  // bwrap itself must not load it: its own environment is empty.
  StepCommand command = Command("true");
  command.env = {{"LD_PRELOAD", (command.workspace / "evil.so").string()}};
  std::ofstream(command.workspace / "evil.so") << "not a library";
  EXPECT_EQ(Run(command).status, StepStatus::kPassed);
  EXPECT_THAT(log_, Not(HasSubstr("invalid ELF header")));
}

TEST_F(SandboxWallsTest, LeavesOthersShutOutOfTheWorkspaceAfterwards) {
  if (geteuid() != 0) return;
  StepCommand command = Command("echo mine > file; chmod 777 . file");
  ASSERT_EQ(Run(command).status, StepStatus::kPassed);
  struct stat status = {};
  ASSERT_EQ(stat(command.workspace.c_str(), &status), 0);
  EXPECT_EQ(status.st_uid, 0U);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
}

}  // namespace
}  // namespace failgate
