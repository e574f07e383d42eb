// How steps end: deadlines, cancellation, and nothing that outlives a run.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <future>
#include <memory>

#include "controller/process/process_stat.h"
#include "tests/integration/runners/step_world.h"

// The controllers in miniature are forks that start threads, which ThreadSanitizer refuses by
// default.
extern "C" const char* __tsan_default_options() {
  return "die_after_fork=0";
}

namespace failgate {
namespace {

using testing::HasSubstr;

using StepEndTest = StepWorld;
using PlainStepEndTest = PlainStepWorld;

/// Whether any process of this machine has `word` in its command line.
bool Runs(const std::string& word) {
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string text = ReadProcFile((entry.path() / "cmdline").string());
    // A shell has the whole script in its arguments: only the program itself is looked for.
    if (text == std::string("sleep\0", 6) + word + '\0') return true;
  }
  return false;
}

/// A duration for `sleep` that no other test uses.
std::string OwnDuration(int test) {
  return fmt::format("10{:05}{}", test, getpid());
}

TEST_F(StepEndTest, TimesOut) {
  StepCommand command = Command("trap '' TERM INT HUP; while :; do sleep 5; done");
  command.timeout = Milliseconds(300);
  const StepOutcome outcome = Run(command);
  EXPECT_EQ(outcome.status, StepStatus::kTimedOut);
  EXPECT_EQ(outcome.reason, "no end within 300ms");
  EXPECT_LT(outcome.duration, Milliseconds(5000));
}

TEST_F(StepEndTest, IsCancelled) {
  std::promise<void> started;
  StepCommand command = Command("sleep 1000");
  command.on_started = [&started](const ProcessIdentity&) { started.set_value(); };
  const auto stop = std::make_unique<std::stop_source>();
  auto outcome =
      std::async(std::launch::async, [&] { return runner_.Run(command, stop->get_token()); });
  started.get_future().wait();
  stop->request_stop();
  EXPECT_EQ(outcome.get().status, StepStatus::kCancelled);
  EXPECT_EQ(runner_.Run(command, stop->get_token()).reason, "cancelled");
}

TEST_F(StepEndTest, TakesItsDaemonsWithIt) {
  const std::string time = OwnDuration(1);
  const StepOutcome outcome =
      RunScript(fmt::format("setsid sleep {0} & (sleep {0} &) ; sleep 0.05", time));
  EXPECT_EQ(outcome.status, StepStatus::kPassed) << outcome.reason;
  EXPECT_FALSE(Runs(time));
}

TEST_F(StepEndTest, TakesDaemonsWithItWhenTimedOut) {
  const std::string time = OwnDuration(2);
  StepCommand command = Command(fmt::format("setsid sleep {0} & sleep {0}", time));
  command.timeout = Milliseconds(300);
  EXPECT_EQ(Run(command).status, StepStatus::kTimedOut);
  EXPECT_FALSE(Runs(time));
}

TEST_F(PlainStepEndTest, TakesItsDaemonsWithItWithoutSandbox) {
  const std::string time = OwnDuration(3);
  const StepOutcome outcome = RunScript(fmt::format("setsid sleep {0} & sleep 0.05", time));
  EXPECT_EQ(outcome.status, StepStatus::kPassed) << outcome.reason;
  EXPECT_FALSE(Runs(time));
}

TEST_F(StepEndTest, GoesOnWithItsOutputClosed) {
  const StepOutcome outcome = RunScript("exec >&- 2>&- <&-; sleep 0.1; exit 3");
  EXPECT_EQ(outcome.status, StepStatus::kFailed);
  EXPECT_EQ(outcome.exit_code, 3);
}

TEST_F(StepEndTest, CannotEndItsOwnGuardAsAPass) {
  // Process 2 is the shell that guards the script.
  const StepOutcome outcome = RunScript("kill -KILL 2; sleep 1000");
  EXPECT_NE(outcome.status, StepStatus::kPassed);
}

/// A controller in miniature that is killed while its step runs.
class KilledController {
 public:
  KilledController(StepCommand command, bool sandbox) {
    int ends[2] = {-1, -1};
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    from_ = FileDescriptor(ends[0]);
    FileDescriptor to(ends[1]);
    command.on_started = [&to](const ProcessIdentity& identity) {
      const std::string text = fmt::format("{:10}{:20}", identity.pid, identity.start_ticks);
      WriteAll(to.get(), text, "a pipe");
    };
    pid_ = fork();
    if (pid_ == 0) {
      ProcessRunner own;
      (void)LocalRunner(own, LocalRunner::Options{sandbox, {}}).Run(command, {});
      _exit(0);
    }
    to.Close();
    char text[31] = {};
    EXPECT_EQ(read(from_.get(), text, 30), 30);
    identity_.pid = static_cast<pid_t>(std::stol(std::string(text, 10)));
    identity_.start_ticks = std::stoll(std::string(text + 10, 20));
  }
  void Kill() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  [[nodiscard]] const ProcessIdentity& identity() const { return identity_; }

 private:
  FileDescriptor from_;
  pid_t pid_ = -1;
  ProcessIdentity identity_;
};

TEST_F(StepEndTest, DiesWithTheControllerAndLeavesNoSurvivor) {
  const std::string time = OwnDuration(4);
  StepCommand command = Command(fmt::format("touch up; setsid sleep {0} & sleep {0}", time));
  KilledController controller(command, true);
  while (!std::filesystem::exists(command.workspace / "up")) std::this_thread::yield();
  controller.Kill();
  (void)runner_.KillSurvivor(controller.identity());
  EXPECT_EQ(IdentifyProcess(controller.identity().pid), std::nullopt);
  // The kernel takes a moment for the rest of the namespace.
  for (int i = 0; i < 10'000 && Runs(time); ++i) std::this_thread::yield();
  EXPECT_FALSE(Runs(time));
}

TEST_F(PlainStepEndTest, EndsWhatAKilledControllerLeftOfTheSameUser) {
  if (geteuid() != 0) return;  // without users of their own such steps cannot be told from others
  const std::string time = OwnDuration(5);
  StepCommand command = Command(fmt::format("touch up; sleep {}", time));
  KilledController controller(command, false);
  while (!std::filesystem::exists(command.workspace / "up")) std::this_thread::yield();
  controller.Kill();
  // The same user is free again and the first to be taken.
  EXPECT_EQ(RunScript("true").status, StepStatus::kPassed);
  EXPECT_FALSE(Runs(time));
}

TEST_F(StepEndTest, LeavesNoDescriptorOpenInTheController) {
  const auto count = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                         std::filesystem::directory_iterator());
  };
  (void)RunScript("true");
  const auto before = count();
  (void)RunScript("true");
  (void)RunScript("false");
  EXPECT_EQ(count(), before);
}

}  // namespace
}  // namespace failgate
