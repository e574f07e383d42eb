// What DVC itself writes and pushes. Skipped where scripts/setup has not installed it.
#include "tests/integration/data/data_world.h"
#include "tests/support/peers.h"

namespace failgate {
namespace {

TEST_F(DataWorld, BringsWhatDvcPushed) {
  if (const std::string missing = MissingPeer("dvc"); !missing.empty()) {
    GTEST_SKIP() << missing;
  }
  const std::filesystem::path program = PeerFolder("dvc") / "bin/dvc";
  const std::filesystem::path remote = folder_.path() / "dvc-remote";
  const auto dvc = [&](const std::vector<std::string>& arguments) {
    ProcessSpec spec;
    spec.argv = {program.string()};
    spec.argv.insert(spec.argv.end(), arguments.begin(), arguments.end());
    spec.cwd = git_.clone();
    spec.env = {{"HOME", Made(folder_.path() / "home").string()},
                {"PATH", "/usr/local/bin:/usr/bin:/bin"},
                {"DVC_NO_ANALYTICS", "1"},
                {"GIT_CONFIG_NOSYSTEM", "1"}};
    spec.timeout = std::chrono::minutes(4);
    const ProcessResult result = processes_.Run(spec);
    ASSERT_TRUE(result.Succeeded()) << result.stdout_text << result.stderr_text;
  };
  dvc({"init", "-q"});
  dvc({"remote", "add", "-d", "here", remote.string()});
  CreateFolders(git_.clone() / "data/images/deep");
  WriteFileDurably(git_.clone() / "data/train.csv", "a,b\r\n1,2\r\n");
  WriteFileDurably(git_.clone() / "data/images/deep/1.png", std::string("\0png", 4));
  WriteFileDurably(git_.clone() / "data/images/2.png", "two");
  dvc({"add", "-q", "data/train.csv", "data/images"});
  dvc({"push", "-q"});
  git_.Commit({}, "data");
  access_[SourceName("churn")].dvc_remote = remote;
  Restart();
  Export();
  ASSERT_FALSE(std::filesystem::exists(workspace_ / "data/train.csv"));
  const Result<DataObjects> placed = Place();
  ASSERT_TRUE(placed.has_value()) << placed.error().text;
  EXPECT_EQ(placed->count, 3);
  EXPECT_EQ(InWorkspace("data/train.csv"), "a,b\r\n1,2\r\n");
  EXPECT_EQ(InWorkspace("data/images/deep/1.png"), std::string("\0png", 4));
  EXPECT_EQ(InWorkspace("data/images/2.png"), "two");
}

}  // namespace
}  // namespace failgate
