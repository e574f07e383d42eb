// What a step gets and what its run answers.
#include <sys/mount.h>

#include <cstdlib>
#include <future>

#include "controller/base/error.h"
#include "controller/base/secret.h"
#include "tests/integration/runners/step_world.h"

namespace failgate {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

using RunnerTest = StepWorld;
using PlainRunnerTest = PlainStepWorld;

TEST_F(RunnerTest, ProbeRunsTheRealSandbox) {
  const ProbeResult probe = runner_.Probe();
  EXPECT_TRUE(probe.works) << probe.text << "\n" << probe.remedy;
}

TEST_F(RunnerTest, ProbeSaysWhatFailsAndWhatToDo) {
  const std::filesystem::path absent = parent_.path() / "absent";
  LocalRunner broken(processes_, LocalRunner::Options{true, absent});
  const ProbeResult probe = broken.Probe();
  EXPECT_FALSE(probe.works);
  EXPECT_THAT(probe.text, HasSubstr("absent"));
  EXPECT_NE(probe.remedy, "");
}

TEST_F(RunnerTest, ProbeFindsFoldersThatShutTheUserOfStepsOut) {
  if (geteuid() != 0) return;  // otherwise there is no other user
  chmod(parent_.path().c_str(), 0700);
  const ProbeResult probe = runner_.Probe();
  EXPECT_FALSE(probe.works);
  EXPECT_THAT(probe.text, HasSubstr("Permission denied"));
  EXPECT_THAT(probe.remedy, HasSubstr("chmod o+x"));
}

TEST_F(RunnerTest, ProbeAsksForRoomWhenTheDiskIsFull) {
  const std::string parent = parent_.path().native();
  if (mount("tmpfs", parent.c_str(), "tmpfs", 0, "size=8m,mode=0711") != 0) return;  // root only
  const ProbeResult probe = runner_.Probe();
  umount2(parent.c_str(), MNT_DETACH);
  EXPECT_FALSE(probe.works);
  EXPECT_TRUE(probe.no_room);
  EXPECT_THAT(probe.remedy, HasSubstr("make room"));
  EXPECT_THAT(probe.remedy, Not(HasSubstr("sandbox: none")));
}

TEST_F(RunnerTest, PassesWithTheLogOfBothStreams) {
  const StepOutcome outcome = RunScript("echo out; echo err >&2");
  EXPECT_EQ(outcome.status, StepStatus::kPassed) << outcome.reason;
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.reason, "");
  EXPECT_EQ(log_, "out\nerr\n");
  EXPECT_EQ(outcome.log_bytes, 8);
  EXPECT_FALSE(outcome.log_truncated);
}

TEST_F(RunnerTest, FailsWithTheExitCodeOfTheScript) {
  const StepOutcome outcome = RunScript("echo before; (exit 7); echo after");
  EXPECT_EQ(outcome.status, StepStatus::kFailed);
  EXPECT_EQ(outcome.exit_code, 7);
  EXPECT_EQ(outcome.reason, "exit code 7");
  EXPECT_EQ(log_, "before\n") << "sh -e stops at the first failure";
}

TEST_F(RunnerTest, NamesTheSignalThatEndedTheScript) {
  const StepOutcome outcome = RunScript("kill -KILL $$");
  EXPECT_EQ(outcome.status, StepStatus::kFailed);
  EXPECT_EQ(outcome.exit_code, 137);
  EXPECT_THAT(outcome.reason, HasSubstr("killed by signal 9"));
}

TEST_F(RunnerTest, KeepsWhatTheStepMakesInItsWorkspace) {
  StepCommand command = Command("cat given; mkdir out; echo made > out/file; pwd");
  std::ofstream(command.workspace / "given") << "input\n";
  const StepOutcome outcome = Run(command);
  EXPECT_EQ(outcome.status, StepStatus::kPassed) << outcome.reason << log_;
  EXPECT_EQ(log_, "input\n/workspace\n");
  EXPECT_EQ(ReadFile(command.workspace / "out/file"), "made\n");
}

TEST_F(RunnerTest, GivesOnlyTheEnvironmentOfTheStep) {
  ASSERT_EQ(setenv("FAILGATE_TEST_CANARY", "leaked", 1), 0);
  StepCommand command = Command("env | sort | grep -v -e ^PWD -e ^OLDPWD -e ^SHLVL -e ^_=");
  command.env = {{"CI", "true"}, {"LANG", "C"}, {"TEXT", "a 'b' $c\nd"}};
  (void)Run(command);
  EXPECT_EQ(log_,
            "CI=true\nHOME=/tmp/home\nLANG=C\nLOGNAME=step\n"
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"
            "TEXT=a 'b' $c\nTMPDIR=/tmp\nUSER=step\nd\n");
}

TEST_F(RunnerTest, HidesValuesOfTheEnvironmentFromTheProcessList) {
  StepCommand command = Command("true");
  command.env = {{"TOKEN", "canary-in-the-environment"}};
  std::string seen;
  command.on_started = [&seen](const ProcessIdentity& identity) {
    seen = ReadFile(fmt::format("/proc/{}/cmdline", identity.pid)) +
           ReadFile(fmt::format("/proc/{}/environ", identity.pid));
  };
  EXPECT_EQ(Run(command).status, StepStatus::kPassed);
  EXPECT_THAT(seen, AllOf(HasSubstr("bwrap"), Not(HasSubstr("canary"))));
}

TEST_F(RunnerTest, RunsBashWhereAsked) {
  StepCommand command = Command("list=(a b); echo ${#list[@]}");
  command.shell = "bash";
  EXPECT_EQ(Run(command).status, StepStatus::kPassed);
  EXPECT_EQ(log_, "2\n");
}

TEST_F(RunnerTest, RefusesOtherShellsAndEndlessScripts) {
  StepCommand command = Command("true");
  command.shell = "../tmp/evil";
  EXPECT_THAT(runner_.Run(command, {}).reason, HasSubstr("use sh or bash"));
  command = Command(std::string(kMaxScriptBytes + 1, '#'));
  EXPECT_THAT(runner_.Run(command, {}).reason, HasSubstr("longer than 120 KiB"));
  command = Command(std::string(kMaxScriptBytes, '#'));
  EXPECT_EQ(Run(command).status, StepStatus::kPassed);
}

TEST_F(RunnerTest, ShowsAReadOnlyBind) {
  OpenFolder champion;
  std::ofstream(champion.path() / "model") << "champion\n";
  StepCommand command = Command("cat /run/champion/model; ! echo x > /run/champion/model");
  command.read_only = {{champion.path(), "/run/champion"}};
  chmod(champion.path().c_str(), 0755);
  EXPECT_EQ(Run(command).status, StepStatus::kPassed) << log_;
  EXPECT_THAT(log_, HasSubstr("champion\n"));
  EXPECT_EQ(runner_.InsideBind(command.read_only[0]), "/run/champion");
  EXPECT_EQ(runner_.InsideWorkspace(command.workspace), "/workspace");
}

TEST_F(RunnerTest, KnowsItsUserAndLocalhost) {
  const StepOutcome outcome =
      RunScript("id -un; getent hosts localhost >/dev/null; echo x >~/file");
  EXPECT_EQ(outcome.status, StepStatus::kPassed) << log_;
  if (geteuid() == 0) {
    EXPECT_EQ(log_, "step\n");
  }
}

TEST_F(RunnerTest, SaysHowTheLimitsAreKept) {
  StepCommand command = Command("ulimit -v; ulimit -c");
  command.limits.memory_bytes = 4LL << 30;
  const StepOutcome outcome = Run(command);
  EXPECT_EQ(log_, "4194304\n0\n");
  EXPECT_THAT(outcome.limits_note, HasSubstr("memory by RLIMIT_AS 4 GiB"));
}

TEST_F(RunnerTest, RemovesSecretsAndControlCharactersFromTheLog) {
  RegisterSecret(Secret("hunter2-canary"));
  const StepOutcome outcome =
      RunScript("printf 'hunter2-'; sleep 0.1; echo canary; printf '\\033[31mred\\r\\n\\tx\\377'");
  EXPECT_EQ(outcome.status, StepStatus::kPassed);
  EXPECT_THAT(log_, AllOf(HasSubstr("***\n"), Not(HasSubstr("canary")), Not(HasSubstr("\033"))));
  EXPECT_THAT(log_, AllOf(HasSubstr("[31mred\n\tx"), Not(HasSubstr("\r"))));
}

TEST_F(RunnerTest, WritesTheLogWhileTheStepRuns) {
  StepCommand command = Command("echo early; while [ ! -e go ]; do sleep 0.01; done");
  auto outcome = std::async(std::launch::async, [&] { return runner_.Run(command, {}); });
  while (ReadFileIfPresent(command.log_file).value_or("").empty()) {
    std::this_thread::yield();
  }
  EXPECT_EQ(ReadFile(command.log_file), "early\n");
  std::ofstream(command.workspace / "go") << "";
  EXPECT_EQ(outcome.get().status, StepStatus::kPassed);
}

TEST_F(RunnerTest, RunsTwentyAtOnce) {
  std::vector<StepCommand> commands;
  for (int i = 0; i < 20; ++i) commands.push_back(Command(fmt::format("echo {} > out", i)));
  std::vector<std::future<StepOutcome>> outcomes;
  for (const StepCommand& command : commands) {
    outcomes.push_back(std::async(std::launch::async, [&] { return runner_.Run(command, {}); }));
  }
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const StepOutcome outcome = outcomes[i].get();
    EXPECT_EQ(outcome.status, StepStatus::kPassed) << outcome.reason;
    EXPECT_EQ(ReadFile(commands[i].workspace / "out"), fmt::format("{}\n", i));
  }
}

TEST_F(RunnerTest, NeverRunsTheScriptWhenTheStartCannotBeStored) {
  StepCommand command = Command("touch ran");
  command.on_started = [](const ProcessIdentity&) { throw Error(Remedy::kRetry, "store away"); };
  EXPECT_THROW((void)runner_.Run(command, {}), Error);
  EXPECT_FALSE(std::filesystem::exists(command.workspace / "ran"));
}

TEST_F(PlainRunnerTest, RunsWithoutSandboxButWithUserLimitsAndCleanEnvironment) {
  ASSERT_EQ(setenv("FAILGATE_TEST_CANARY", "leaked", 1), 0);
  EXPECT_TRUE(runner_.Probe().works);
  StepCommand command = Command("echo made > file; id -u; env; ulimit -v");
  command.limits.memory_bytes = 4LL << 30;
  const StepOutcome outcome = Run(command);
  EXPECT_EQ(outcome.status, StepStatus::kPassed) << outcome.reason << log_;
  EXPECT_THAT(log_, AllOf(HasSubstr("4194304"), Not(HasSubstr("leaked"))));
  EXPECT_EQ(log_.starts_with("0\n"), false) << "never as root";
  EXPECT_EQ(ReadFile(command.workspace / "file"), "made\n");
  EXPECT_EQ(runner_.InsideWorkspace(command.workspace), command.workspace);
}

}  // namespace
}  // namespace failgate
