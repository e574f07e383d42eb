#include "controller/runners/step_processes.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace failgate {
namespace {

/// A process with the host's root and the host's /proc there, as bwrap's first one has until it
/// changed its root.
class HostProcess {
 public:
  HostProcess() : pid_(fork()) {
    if (pid_ == 0) {
      pause();
      _exit(0);
    }
  }
  ~HostProcess() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  HostProcess(const HostProcess&) = delete;
  HostProcess& operator=(const HostProcess&) = delete;
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  pid_t pid_;
};

TEST(SandboxProcesses, given_a_sandbox_that_is_not_set_up_when_measured_then_the_hosts_count_not) {
  const HostProcess process;
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  const FileDescriptor write_end(ends[1]);
  const std::string info = fmt::format("{{\"child-pid\": {}\n}}", process.pid());
  ASSERT_EQ(write(write_end.get(), info.data(), info.size()), static_cast<ssize_t>(info.size()));
  SandboxProcesses sandbox{FileDescriptor(ends[0])};
  sandbox.Find();
  const ProcessUsage usage = sandbox.Measure();
  EXPECT_EQ(usage.processes, 0);
  EXPECT_EQ(usage.tasks, 0);
  EXPECT_EQ(usage.memory_bytes, 0);
}

}  // namespace
}  // namespace failgate
