#include "controller/runners/sandbox.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"

namespace failgate {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsSupersetOf;
using testing::Not;
using testing::Pair;

/// True when `words` stand next to each other in `argv`.
bool Has(const std::vector<std::string>& argv, const std::vector<std::string>& words) {
  return std::search(argv.begin(), argv.end(), words.begin(), words.end()) != argv.end();
}

SandboxSpec Spec() {
  SandboxSpec spec;
  spec.workspace = "/data/workspaces/1";
  return spec;
}

HostLayout MergedHost() {
  HostLayout host;
  host.folders = {"/usr"};
  host.symlinks = {{"usr/bin", "/bin"}};
  host.settings = {"/etc/ssl", "/etc/passwd"};
  host.network_settings = {"/etc/resolv.conf"};
  return host;
}

TEST(Sandbox, HasItsOwnNamespacesNoRightsAndDiesWithItsParent) {
  const std::vector<std::string> argv = SandboxArguments(MergedHost(), Spec());
  EXPECT_THAT(argv,
              IsSupersetOf({"--unshare-user",
                            "--unshare-pid",
                            "--unshare-ipc",
                            "--unshare-uts",
                            "--unshare-net",
                            "--unshare-cgroup",
                            "--disable-userns",
                            "--die-with-parent",
                            "--new-session",
                            "--clearenv"}));
  EXPECT_TRUE(Has(argv, {"--cap-drop", "ALL"}));
  EXPECT_TRUE(Has(argv, {"--bind", "/data/workspaces/1", "/workspace"}));
  EXPECT_TRUE(Has(argv, {"--chdir", "/workspace"}));
}

TEST(Sandbox, BindsNothingWritableButTheWorkspace) {
  const std::vector<std::string> argv = SandboxArguments(MergedHost(), Spec());
  EXPECT_EQ(std::count(argv.begin(), argv.end(), "--bind"), 1);
  EXPECT_THAT(argv, Not(Contains("--dev-bind")));
  EXPECT_TRUE(Has(argv, {"--ro-bind", "/usr", "/usr"}));
  EXPECT_TRUE(Has(argv, {"--symlink", "usr/bin", "/bin"}));
  EXPECT_TRUE(Has(argv, {"--remount-ro", "/dev", "--remount-ro", "/"}));
}

TEST(Sandbox, BoundsTheFoldersInMemory) {
  SandboxSpec spec = Spec();
  spec.temporary_bytes = 1000;
  const std::vector<std::string> argv = SandboxArguments(MergedHost(), spec);
  EXPECT_TRUE(Has(argv, {"--size", "1000", "--perms", "1777", "--tmpfs", "/tmp"}));
  EXPECT_TRUE(Has(argv, {"--size", "1000", "--perms", "1777", "--tmpfs", "/dev/shm"}));
}

TEST(Sandbox, SharesTheNetworkOnlyWhenAsked) {
  SandboxSpec spec = Spec();
  EXPECT_FALSE(Has(SandboxArguments(MergedHost(), spec), {"/etc/resolv.conf"}));
  spec.network = true;
  const std::vector<std::string> argv = SandboxArguments(MergedHost(), spec);
  EXPECT_THAT(argv, Not(Contains("--unshare-net")));
  EXPECT_TRUE(Has(argv, {"--ro-bind", "/etc/resolv.conf", "/etc/resolv.conf"}));
}

TEST(Sandbox, PutsGivenFilesInPlaceOfTheHosts) {
  SandboxSpec spec = Spec();
  spec.files = {{8, "/etc/passwd"}};
  const std::vector<std::string> argv = SandboxArguments(MergedHost(), spec);
  EXPECT_TRUE(Has(argv, {"--perms", "0444", "--ro-bind-data", "8", "/etc/passwd"}));
  EXPECT_FALSE(Has(argv, {"--ro-bind", "/etc/passwd"}));
}

TEST(Sandbox, SetsTheEnvironmentAndTheDescriptors) {
  SandboxSpec spec = Spec();
  spec.env = {{"A", "b c"}};
  spec.block_descriptor = 3;
  spec.info_descriptor = 5;
  const std::vector<std::string> argv = SandboxArguments(MergedHost(), spec);
  EXPECT_TRUE(Has(argv, {"--clearenv", "--setenv", "A", "b c"}));
  EXPECT_TRUE(Has(argv, {"--block-fd", "3"}));
  EXPECT_TRUE(Has(argv, {"--info-fd", "5"}));
}

TEST(Sandbox, TakesReadOnlyBindsOutsideTheSystem) {
  SandboxSpec spec = Spec();
  spec.read_only = {{"/data/champion", "/run/champion"}};
  EXPECT_TRUE(
      Has(SandboxArguments(MergedHost(), spec), {"--ro-bind", "/data/champion", "/run/champion"}));
}

TEST(Sandbox, KeepsOneFolderMoreWritableWhenAsked) {
  SandboxSpec spec = Spec();
  spec.kept = WritableBind{"/data/checkpoints/a/train/files", "/run/failgate-checkpoints"};
  const std::vector<std::string> argv = SandboxArguments(MergedHost(), spec);
  EXPECT_TRUE(
      Has(argv, {"--bind", "/data/checkpoints/a/train/files", "/run/failgate-checkpoints"}));
  EXPECT_EQ(std::count(argv.begin(), argv.end(), "--bind"), 2);
}

TEST(Sandbox, RefusesBindsThatCoverOrEscape) {
  for (const char* inside : {"/",
                             "/usr",
                             "/etc/passwd",
                             "/workspace",
                             "/workspace/x",
                             "/proc/1",
                             "/run/../etc",
                             "relative",
                             "",
                             "/run/champion/"}) {
    SandboxSpec spec = Spec();
    spec.read_only = {{"/data/champion", inside}};
    EXPECT_THROW((void)SandboxArguments(MergedHost(), spec), Error) << inside;
    SandboxSpec kept = Spec();
    kept.kept = WritableBind{"/data/checkpoints", inside};
    EXPECT_THROW((void)SandboxArguments(MergedHost(), kept), Error) << inside;
  }
  SandboxSpec spec = Spec();
  spec.read_only = {{"relative", "/run/champion"}};
  EXPECT_THROW((void)SandboxArguments(MergedHost(), spec), Error);
}

TEST(HostLayout, ListsWhatExistsAndTellsLinksFromFolders) {
  const TemporaryFolder root;
  std::filesystem::create_directories(root.path() / "usr/bin");
  std::filesystem::create_directories(root.path() / "lib");
  std::filesystem::create_directories(root.path() / "etc/ssl");
  std::filesystem::create_directories(root.path() / "root");
  std::filesystem::create_symlink("usr/bin", root.path() / "bin");
  std::ofstream(root.path() / "etc/hosts") << "";
  std::ofstream(root.path() / "etc/shadow") << "";
  const HostLayout host = ReadHostLayout(root.path());
  EXPECT_THAT(host.folders, ElementsAre("/usr", "/lib"));
  EXPECT_THAT(host.symlinks, ElementsAre(Pair("usr/bin", "/bin")));
  EXPECT_THAT(host.settings, ElementsAre("/etc/ssl"));
  EXPECT_THAT(host.network_settings, ElementsAre("/etc/hosts"));
}

}  // namespace
}  // namespace failgate
