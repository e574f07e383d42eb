// The same tests once more as a user without rights, when they run as root.
#include <fcntl.h>
#include <sys/stat.h>

#include "tests/integration/runners/step_world.h"

namespace failgate {
namespace {

TEST(OrdinaryUser, RunsStepsInTheSameSandbox) {
  if (geteuid() != 0) GTEST_SKIP() << "we are one already";
  constexpr uid_t kNobody = 65534;
  const TemporaryFolder folder;
  chmod(folder.path().c_str(), 01777);
  // By descriptor: the build folder may be shut for others.
  const FileDescriptor program(open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(program.valid());
  ProcessRunner processes;
  ProcessSpec spec;
  spec.argv = {"/proc/self/fd/9",
               "--gtest_brief=1",
               "--gtest_filter=RunnerTest.*:SandboxWallsTest.*:StepEndTest.*:"
               "StepAttacksTest.AForkBomb*:StepAttacksTest.AMemoryHog*"};
  spec.pass_fds = {{program.get(), 9}};
  spec.env = {{"PATH", "/usr/bin:/bin"}, {"TMPDIR", folder.path().string()}};
  spec.user = ProcessUser{kNobody, kNobody};
  spec.merge_stderr = true;
  spec.timeout = Milliseconds(90'000);
  const ProcessResult result = processes.Run(spec);
  EXPECT_TRUE(result.Succeeded()) << result.stdout_text;
}

}  // namespace
}  // namespace failgate
