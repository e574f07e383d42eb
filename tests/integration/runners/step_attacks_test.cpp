// Steps that mean harm: each ends in a failed step and a healthy controller.
#include "tests/integration/runners/step_world.h"

namespace failgate {
namespace {

using testing::AnyOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

using StepAttacksTest = StepWorld;
using PlainStepAttacksTest = PlainStepWorld;

StepCommand ForkBomb(StepCommand command, const std::string& after) {
  command.shell = "bash";
  command.script = ":(){ :|:& };:" + after;
  command.limits.processes = 200;
  return command;
}

TEST_F(StepAttacksTest, AForkBombFails) {
  const StepOutcome outcome = Run(ForkBomb(Command(""), ""));
  EXPECT_EQ(outcome.status, StepStatus::kLimit) << outcome.reason;
  EXPECT_EQ(outcome.limit, "processes");
  ExpectHealthyController();
}

TEST_F(StepAttacksTest, AForkBombThatIsWaitedForFails) {
  const StepOutcome outcome = Run(ForkBomb(Command(""), "\nsleep 1000"));
  EXPECT_EQ(outcome.status, StepStatus::kLimit) << outcome.reason;
  EXPECT_EQ(outcome.limit, "processes");
  ExpectHealthyController();
}

TEST_F(PlainStepAttacksTest, AForkBombFailsWithoutSandboxToo) {
  if (geteuid() != 0) return;  // the bomb can be told from others by its user only
  const StepOutcome outcome = Run(ForkBomb(Command(""), ""));
  EXPECT_EQ(outcome.status, StepStatus::kLimit) << outcome.reason;
  ExpectHealthyController();
}

TEST_F(StepAttacksTest, EndlessOutputFillsNoDisk) {
  StepCommand command = Command("yes");
  command.max_log_bytes = 100'000;
  command.timeout = Milliseconds(500);
  const StepOutcome outcome = Run(command);
  EXPECT_EQ(outcome.status, StepStatus::kTimedOut);
  EXPECT_TRUE(outcome.log_truncated);
  EXPECT_LE(outcome.log_bytes, 100'000);
  EXPECT_THAT(log_, StartsWith("y\ny\n"));
  EXPECT_THAT(log_, EndsWith("its log may hold\n"));
  ExpectHealthyController();
}

TEST_F(StepAttacksTest, EndlessOutputWithoutALineEndFillsNoMemory) {
  StepCommand command = Command("tr '\\0' x < /dev/zero");
  command.max_log_bytes = 100'000;
  command.timeout = Milliseconds(500);
  const StepOutcome outcome = Run(command);
  EXPECT_EQ(outcome.status, StepStatus::kTimedOut);
  EXPECT_TRUE(outcome.log_truncated);
  EXPECT_LT(log_.size(), 101'000U);
}

TEST_F(StepAttacksTest, OneBigFileFails) {
  StepCommand command = Command("dd if=/dev/zero of=big bs=1M 2>&1");
  command.limits.disk_bytes = 32LL << 20;
  const StepOutcome outcome = Run(command);
  EXPECT_EQ(outcome.status, StepStatus::kLimit) << outcome.reason;
  EXPECT_EQ(outcome.limit, "disk");
  EXPECT_LE(std::filesystem::file_size(command.workspace / "big"), 32U << 20U);
  ExpectHealthyController();
}

TEST_F(StepAttacksTest, ManyFilesFail) {
  StepCommand command =
      Command("i=0; while :; do head -c 4M /dev/zero > f$i; i=$((i+1)); sleep 0.02; done");
  command.limits.disk_bytes = 16LL << 20;
  const StepOutcome outcome = Run(command);
  EXPECT_EQ(outcome.status, StepStatus::kLimit);
  EXPECT_EQ(outcome.limit, "disk");
  EXPECT_EQ(outcome.reason, "disk limit: its workspace holds more than 16 MiB");
  ExpectHealthyController();
}

TEST_F(StepAttacksTest, FilesInMemoryAreBounded) {
  StepCommand command = Command(
      "! head -c 200M /dev/zero > /dev/shm/x 2>/dev/null; ! head -c 200M /dev/zero > /tmp/x");
  command.limits.memory_bytes = 256LL << 20;
  EXPECT_EQ(Run(command).status, StepStatus::kPassed) << log_;
  EXPECT_THAT(log_, HasSubstr("No space left"));
}

TEST_F(StepAttacksTest, AMemoryHogFails) {
  StepCommand command = Command("exec tail /dev/zero");
  command.limits.memory_bytes = 256LL << 20;
  const StepOutcome outcome = Run(command);
  EXPECT_THAT(outcome.status, AnyOf(StepStatus::kLimit, StepStatus::kFailed)) << outcome.reason;
  ExpectHealthyController();
}

TEST_F(StepAttacksTest, ManySmallMemoryHogsFailTogether) {
  StepCommand command = Command(
      "for i in 1 2 3 4 5 6; do (head -c 50M /dev/zero | tail -c 50M >/dev/null; sleep 1000) & "
      "done\n"
      "for i in 1 2 3 4 5 6; do (head -c 60M /dev/zero; sleep 1000) | tail -c 60M & done; wait");
  command.limits.memory_bytes = 200LL << 20;
  const StepOutcome outcome = Run(command);
  EXPECT_EQ(outcome.status, StepStatus::kLimit) << outcome.reason << log_;
  EXPECT_EQ(outcome.limit, "memory");
}

TEST_F(StepAttacksTest, EndlesslyNestedFoldersFail) {
  StepCommand command = Command("while :; do mkdir d && cd d; done");
  command.limits.disk_bytes = 1LL << 30;
  const StepOutcome outcome = Run(command);
  EXPECT_NE(outcome.status, StepStatus::kPassed);
  EXPECT_THAT(outcome.reason, HasSubstr("nested deeper than 256"));
  RemoveTree(command.workspace);
  ExpectHealthyController();
}

}  // namespace
}  // namespace failgate
