// How children end: bounded output, deadlines, cancellation, leftovers, survivors of a restart.
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <memory>
#include <stop_token>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/process/process.h"

// The controllers in miniature are forks that start threads, which ThreadSanitizer refuses by
// default.
extern "C" const char* __tsan_default_options() {
  return "die_after_fork=0";
}

namespace failgate {
namespace {

using testing::HasSubstr;

ProcessSpec Shell(const std::string& script) {
  ProcessSpec spec;
  spec.argv = {"/bin/sh", "-c", script};
  spec.env = {{"PATH", "/usr/bin:/bin"}};
  spec.timeout = Milliseconds(20'000);
  return spec;
}

pid_t PidIn(const std::string& text) {
  return static_cast<pid_t>(std::stol(text));
}

/// A killed process ends a moment after the signal; true when it is gone within seconds.
bool IsGone(pid_t pid) {
  const FileDescriptor pidfd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0U)));
  if (!pidfd.valid()) return true;
  pollfd gone{pidfd.get(), POLLIN, 0};
  return poll(&gone, 1, 5000) == 1;
}

class ProcessEndTest : public testing::Test {
 protected:
  ProcessRunner runner_;
};

TEST_F(ProcessEndTest, NamesTheSignalThatKilledIt) {
  const ProcessResult result = runner_.Run(Shell("kill -KILL $$"));
  EXPECT_EQ(result.exit_code, -1);
  EXPECT_EQ(result.signal, SIGKILL);
  EXPECT_EQ(DescribeEnd(result, Milliseconds(0)), "killed by signal 9 (Killed)");
}

TEST_F(ProcessEndTest, KeepsTheHeadOfEndlessOutputAndStillEndsInTime) {
  ProcessSpec spec = Shell("yes");
  spec.max_output_bytes = 1000;
  spec.timeout = Milliseconds(300);
  std::size_t seen = 0;
  spec.on_output = [&seen](std::string_view bytes) { seen += bytes.size(); };
  const ProcessResult result = runner_.Run(spec);
  EXPECT_TRUE(result.timed_out);
  EXPECT_TRUE(result.stdout_truncated);
  EXPECT_EQ(result.stdout_text.size(), 1000U);
  EXPECT_GT(seen, 1000U);
  EXPECT_EQ(DescribeEnd(result, spec.timeout), "no end within 300ms");
}

TEST_F(ProcessEndTest, KillsWhatIgnoresTheStopSignal) {
  ProcessSpec spec = Shell("trap '' TERM; while :; do sleep 5; done");
  spec.timeout = Milliseconds(200);
  spec.kill_grace = Milliseconds(200);
  const ProcessResult result = runner_.Run(spec);
  EXPECT_TRUE(result.timed_out);
  EXPECT_EQ(result.signal, SIGKILL);
  EXPECT_LT(result.duration, Milliseconds(3000));
}

TEST_F(ProcessEndTest, LetsTheChildEndItselfWithinTheGrace) {
  ProcessSpec spec = Shell("trap 'echo bye; exit 5' TERM; echo up; while :; do sleep 0.05; done");
  std::stop_source stop;
  spec.on_output = [&stop](std::string_view bytes) {
    if (bytes.find("up") != std::string_view::npos) stop.request_stop();
  };
  spec.kill_grace = Milliseconds(10'000);
  const ProcessResult result = runner_.Run(spec, stop.get_token());
  EXPECT_TRUE(result.cancelled);
  EXPECT_FALSE(result.timed_out);
  // The shell's own children may be hit by the signal first, which it may report on the same
  // stream.
  EXPECT_THAT(result.stdout_text, HasSubstr("bye\n"));
  EXPECT_EQ(result.exit_code, 5);
}

TEST_F(ProcessEndTest, StartsNothingWhenAlreadyCancelled) {
  // Not on the stack: g++ 12 warns of stop_source's own constructor there.
  const auto stop = std::make_unique<std::stop_source>();
  stop->request_stop();
  ProcessSpec spec = Shell("true");
  spec.on_started = [](const ProcessIdentity&) { FAIL(); };
  EXPECT_TRUE(runner_.Run(spec, stop->get_token()).cancelled);
}

TEST_F(ProcessEndTest, AsksNothingOfAStartedChildWhenCancelledMeanwhile) {
  const auto stop = std::make_unique<std::stop_source>();
  ProcessSpec spec = Shell("exec sleep 1000");
  spec.make_stdin = []() -> std::string { throw Error(Remedy::kRetry, "asked for its input"); };
  StartedChild child = runner_.Start(spec);
  stop->request_stop();
  EXPECT_TRUE(runner_.Run(spec, std::move(child), stop->get_token()).cancelled);
}

TEST_F(ProcessEndTest, TakesItsProcessGroupWithIt) {
  const ProcessResult result = runner_.Run(Shell("sleep 1000 & echo $!"));
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_LT(result.duration, Milliseconds(5000));
  EXPECT_TRUE(IsGone(PidIn(result.stdout_text)));
}

TEST_F(ProcessEndTest, DoesNotWaitForADaemonThatHoldsTheOutput) {
  const ProcessResult result = runner_.Run(Shell("setsid sleep 1000 & echo $!; sleep 0.1"));
  EXPECT_LT(result.duration, Milliseconds(5000));
  // It left the group, which only a sandbox or a user of its own can prevent.
  const pid_t daemon = PidIn(result.stdout_text);
  ASSERT_TRUE(IdentifyProcess(daemon).has_value());
  kill(daemon, SIGKILL);
}

TEST_F(ProcessEndTest, GoesOnAfterTheChildClosedItsOutput) {
  const ProcessResult result = runner_.Run(Shell("echo first; exec >&- 2>&-; sleep 0.1; exit 4"));
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_EQ(result.stdout_text, "first\n");
}

TEST_F(ProcessEndTest, StopsWhenATickSaysSo) {
  ProcessSpec spec = Shell("sleep 1000");
  int ticks = 0;
  spec.tick_every = Milliseconds(10);
  spec.on_tick = [&ticks] { return ++ticks == 3; };
  const ProcessResult result = runner_.Run(spec);
  EXPECT_TRUE(result.stopped_by_tick);
  EXPECT_EQ(ticks, 3);
  EXPECT_EQ(DescribeEnd(result, spec.timeout), "stopped");
}

TEST_F(ProcessEndTest, EndsTheChildWhenAHookThrows) {
  ProcessSpec spec = Shell("sleep 1000");
  pid_t pid = 0;
  spec.on_started = [&pid](const ProcessIdentity& identity) {
    pid = identity.pid;
    throw Error(Remedy::kRetry, "the store is away");
  };
  EXPECT_THROW((void)runner_.Run(spec), Error);
  EXPECT_EQ(IdentifyProcess(pid), std::nullopt);
}

TEST_F(ProcessEndTest, DiesWithTheController) {
  // A controller in miniature: it starts a child through its own runner and is killed.
  int ends[2] = {-1, -1};
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const FileDescriptor from(ends[0]);
  FileDescriptor to(ends[1]);
  const pid_t controller = fork();
  ASSERT_GE(controller, 0);
  if (controller == 0) {
    ProcessRunner own;
    ProcessSpec spec = Shell("exec sleep 1000");
    spec.on_started = [&to](const ProcessIdentity& identity) {
      WriteAll(to.get(), fmt::format("{:10}", identity.pid), "a pipe");
    };
    (void)own.Run(spec);
    _exit(1);
  }
  to.Close();
  char text[11] = {};
  ASSERT_EQ(read(from.get(), text, 10), 10);
  const std::optional<ProcessIdentity> child = IdentifyProcess(PidIn(text));
  ASSERT_TRUE(child.has_value());
  kill(controller, SIGKILL);
  waitpid(controller, nullptr, 0);
  // Either dead already or nearly so: what is found must be gone when KillSurvivor returns.
  (void)KillSurvivor(*child);
  EXPECT_EQ(IdentifyProcess(child->pid), std::nullopt);
}

class SurvivorTest : public testing::Test {
 protected:
  SurvivorTest() : pid_(fork()) {
    if (pid_ == 0) {
      setsid();
      execl("/bin/sleep", "sleep", "1000", nullptr);
      _exit(1);
    }
  }
  ~SurvivorTest() override {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  pid_t pid_;
};

TEST_F(SurvivorTest, IsKilledWhenItsStartTimeMatches) {
  const std::optional<ProcessIdentity> identity = IdentifyProcess(pid_);
  ASSERT_TRUE(identity.has_value());
  EXPECT_TRUE(KillSurvivor(*identity));
  EXPECT_EQ(IdentifyProcess(pid_), std::nullopt);
  EXPECT_FALSE(KillSurvivor(*identity)) << "a zombie is no survivor";
}

TEST_F(SurvivorTest, IsSparedWhenItStartedAtAnotherTime) {
  std::optional<ProcessIdentity> identity = IdentifyProcess(pid_);
  ASSERT_TRUE(identity.has_value());
  ++identity->start_ticks;
  EXPECT_FALSE(KillSurvivor(*identity));
  EXPECT_TRUE(IdentifyProcess(pid_).has_value());
}

TEST(Survivor, IsNeverInitNorOurselvesNorNobody) {
  EXPECT_FALSE(KillSurvivor(ProcessIdentity{}));
  EXPECT_FALSE(KillSurvivor(ProcessIdentity{0, 0}));
  const std::optional<ProcessIdentity> ours = IdentifyProcess(getpid());
  ASSERT_TRUE(ours.has_value());
  EXPECT_FALSE(KillSurvivor(*ours));
  const std::optional<ProcessIdentity> init = IdentifyProcess(1);
  if (init) {
    EXPECT_FALSE(KillSurvivor(*init));
  }
}

}  // namespace
}  // namespace failgate
