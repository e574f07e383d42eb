#include "controller/runners/step_usage.h"

#include <gmock/gmock.h>

#include <fstream>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/runners/runner.h"

namespace failgate {
namespace {

constexpr long long kPlenty = 1LL << 40;

void WriteStatus(const std::filesystem::path& proc, const std::string& pid, const char* status) {
  std::filesystem::create_directories(proc / pid);
  std::ofstream(proc / pid / "status") << status;
}

TEST(MeasureProcesses, SumsTasksAndMemoryWithoutZombies) {
  const TemporaryFolder proc;
  WriteStatus(proc.path(), "1", "State:\tS\nRssAnon:\t  100 kB\nRssShmem:\t 20 kB\nThreads:\t3\n");
  WriteStatus(proc.path(), "22", "State:\tR\nRssAnon:\t  1 kB\nThreads:\t1\n");
  WriteStatus(proc.path(), "23", "State:\tZ (zombie)\nThreads:\t1\n");
  WriteStatus(proc.path(), "self", "State:\tR\nThreads:\t100\n");
  const ProcessUsage usage = MeasureProcesses(proc.path());
  EXPECT_EQ(usage.processes, 2);
  EXPECT_EQ(usage.tasks, 4);
  EXPECT_EQ(usage.memory_bytes, 121 * 1024);
  EXPECT_EQ(MeasureProcesses(proc.path(), [](pid_t pid) { return pid == 22; }).tasks, 1);
  EXPECT_EQ(MeasureProcesses(proc.path() / "absent").processes, 0);
}

TEST(MeasureDisk, CountsEachInodeOnceAndFollowsNoLink) {
  const TemporaryFolder folder;
  const TemporaryFolder outside;
  std::ofstream(outside.path() / "big") << std::string(1 << 20, 'x');
  std::filesystem::create_directory(folder.path() / "sub");
  std::ofstream(folder.path() / "sub/file") << std::string(100'000, 'x');
  const long long once = MeasureDisk(folder.path(), kPlenty).bytes;
  EXPECT_GE(once, 100'000);
  std::filesystem::create_hard_link(folder.path() / "sub/file", folder.path() / "again");
  std::filesystem::create_directory_symlink(outside.path(), folder.path() / "link");
  EXPECT_LT(MeasureDisk(folder.path(), kPlenty).bytes, once + 50'000);
}

TEST(MeasureDisk, StopsOnceItIsEnough) {
  const TemporaryFolder folder;
  for (int i = 0; i < 20; ++i) {
    std::ofstream(folder.path() / std::to_string(i)) << std::string(10'000, 'x');
  }
  EXPECT_LT(MeasureDisk(folder.path(), 20'000).bytes, 100'000);
}

TEST(MeasureDisk, SaysWhenFoldersAreNestedWithoutEnd) {
  const TemporaryFolder folder;
  std::filesystem::path deep = folder.path();
  for (int i = 0; i < kMaxWorkspaceDepth; ++i) deep /= "d";
  std::filesystem::create_directories(deep.parent_path());
  EXPECT_FALSE(MeasureDisk(folder.path(), kPlenty).too_deep);
  std::filesystem::create_directories(deep);
  EXPECT_TRUE(MeasureDisk(folder.path(), kPlenty).too_deep);
}

TEST(FreeDiskBytes, ThrowsForAFolderThatIsNotThere) {
  EXPECT_GT(FreeDiskBytes("/"), 0);
  EXPECT_THROW((void)FreeDiskBytes("/no/such/folder"), Error);
}

TEST(FormatSize, TakesTheLargestUnitThatDivides) {
  EXPECT_EQ(FormatSize(4LL << 30), "4 GiB");
  EXPECT_EQ(FormatSize(1536LL << 20), "1536 MiB");
  EXPECT_EQ(FormatSize(10 << 10), "10 KiB");
  EXPECT_EQ(FormatSize(1000), "1000 bytes");
  EXPECT_EQ(FormatSize(0), "0 bytes");
}

TEST(StepStatusName, IsAWordForEach) {
  EXPECT_EQ(StepStatusName(StepStatus::kPassed), "passed");
  EXPECT_EQ(StepStatusName(StepStatus::kFailed), "failed");
  EXPECT_EQ(StepStatusName(StepStatus::kTimedOut), "timed-out");
  EXPECT_EQ(StepStatusName(StepStatus::kCancelled), "cancelled");
  EXPECT_EQ(StepStatusName(StepStatus::kSandboxRefused), "sandbox-refused");
  EXPECT_EQ(StepStatusName(StepStatus::kLimit), "limit");
}

}  // namespace
}  // namespace failgate
