// What happens when something fails, is taken back, or is asked for by somebody who may not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/promotion/ladder_world.h"

namespace failgate {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

std::string DevFile(const LadderWorld& world, const std::string& rest) {
  return "deploy:\n  - name: app\n    directory: {path: " +
         (world.folder.path() / "srv/dev/app").string() + ", artifacts: [app]" + rest + "}\n" +
         "drift: {every: 1s, heal: true}\n";
}

void TurnOften(LadderWorld& world) {
  for (int i = 0; i < 6; ++i) {
    world.Turn();
  }
}

TEST(FailedDeployFile, GoesBackAndIsNeverShippedAsHealing) {
  LadderWorld world;
  world.PassRun({});
  world.Turn();
  const auto live = std::filesystem::read_symlink(world.folder.path() / "srv/dev/app");
  world.EditMain(
      {{"environments/dev/app.yaml", DevFile(world, ", health: {command: exit 1, timeout: 1s}")}},
      "Ask for health");
  TurnOften(world);
  EXPECT_THAT(world.Facts("dev"), Contains("failed app-1"));
  EXPECT_THAT(world.Facts("dev"), Contains("rolled-back app-1"));
  EXPECT_THAT(world.Facts("dev"), Not(Contains("healed app-1")));
  EXPECT_EQ(std::filesystem::read_symlink(world.folder.path() / "srv/dev/app"), live);
  EXPECT_EQ(world.Status("dev").running.text(), "app-1");
  EXPECT_TRUE(world.Audit().ok());
}

TEST(Retry, DeploysWhatFailedThroughTheGatesAgain) {
  LadderWorld world;
  CreateFolders(world.folder.path() / "srv/dev/app/somebody-elses");
  world.PassRun({});
  TurnOften(world);
  EXPECT_EQ(world.Status("dev").state, "failed");
  EXPECT_THAT(world.Why("dev").next, Contains("failgate retry app dev"));
  RemoveTree(world.folder.path() / "srv/dev/app");
  world.Ask("retry", "dev", "", "carol@example.com");
  TurnOften(world);
  EXPECT_THAT(world.Facts("dev"), Contains("deployed app-1"));
  EXPECT_EQ(world.Status("dev").running.text(), "app-1");
  EXPECT_EQ(world.Live("recette"), "one");
  EXPECT_TRUE(world.Audit().ok());
}

TEST(ForgedLog, IsNotBelievedByARestart) {
  LadderWorld world;
  world.PassRun({});
  world.Turn();
  auto& git = world.operations.git();
  git.Run(world.operations.clone(), {"fetch", "-q", "origin"});
  git.Run(world.operations.clone(), {"checkout", "-q", "-B", "forged", "origin/deploy-log"});
  world.operations.Commit({{"prod/app.json", "{}"}}, "deployed app-9 to prod");
  world.operations.Push("deploy-log");
  world.Restart();
  EXPECT_THROW(world.Turn(), Error);
  EXPECT_EQ(world.Live("prod"), "");
}

TEST(UnsignedCommit, MayNotChangeWhatIsNeverChosenAgain) {
  LadderWorld world;
  world.PassRun({});
  world.Turn();
  world.EditMain({{"desired/dev/app.yaml",
                   "release: newest\nexcept:\n  - {release: app-1, because: all, reason: x, by: "
                   "eve@example.com}\n"}},
                 "Except it");
  EXPECT_EQ(world.Status("dev").state, "refused");
  EXPECT_THAT(world.Facts("dev"), Contains("refused app-1"));
  EXPECT_EQ(world.Live("dev"), "one");
}

TEST(UnsignedCommit, MayNotChangeItBesideTheReleaseThatRunsEither) {
  LadderWorld world;
  world.PassRun({});
  world.Turn();
  world.Ask("promote", "prod", "app-1", "dana@example.com");
  world.Ask("approve", "prod", "app-1", "alice@example.com");
  world.Ask("approve", "prod", "app-1", "bob@example.com");
  ASSERT_EQ(world.Status("prod").state, "running");
  world.EditMain({{"desired/prod/app.yaml",
                   "release: app-1\nexcept:\n  - {release: app-2, because: all, reason: x, by: "
                   "eve@example.com}\n"}},
                 "Except it");
  EXPECT_EQ(world.Status("prod").state, "refused");
  EXPECT_THAT(world.Facts("prod"), Contains("refused app-1"));
  EXPECT_THAT(world.Why("prod").next, Contains(HasSubstr("git revert "))) << "no way back is asked";
  EXPECT_EQ(world.Live("prod"), "one");
}

TEST(NamedRelease, ThatIsNotThereIsAnsweredWithTheCommandThatListsThem) {
  LadderWorld world;
  world.PassRun({});
  world.Turn();
  world.EditMain({{"desired/prod/app.yaml", "release: app-77\n"}}, "Want what is not there");
  EXPECT_THAT(world.Why("prod").text, HasSubstr("there is no release app-77"));
  EXPECT_THAT(world.Why("prod").next, Contains("failgate releases app"));
}

TEST(UnsignedMerge, DoesNotBorrowAnOldWishOfAPerson) {
  LadderWorld world;
  for (const char* content : {"one", "two"}) {
    world.PassRun({5, 2, 90, content});
    world.Turn();
    const std::string release = content == std::string("one") ? "app-1" : "app-2";
    world.Ask("promote", "prod", release, "dana@example.com");
    world.Ask("approve", "prod", release, "alice@example.com");
    world.Ask("approve", "prod", release, "bob@example.com");
  }
  ASSERT_EQ(world.Live("prod"), "two");
  world.operations.Pull();
  auto& git = world.operations.git();
  const auto& clone = world.operations.clone();
  const std::string old = git.Run(clone, {"log", "--format=%H", "--grep=Want app-1 in prod", "-1"});
  git.Run(clone, {"checkout", "-q", old, "--", "desired/prod/app.yaml"});
  const std::string tree = git.Run(clone, {"write-tree"});
  const std::string merge =
      git.Run(clone, {"commit-tree", tree, "-p", "HEAD", "-p", old, "-m", "Merge an old branch"});
  git.Run(clone, {"push", "-q", "origin", merge + ":refs/heads/main"});
  TurnOften(world);
  EXPECT_EQ(world.Live("prod"), "two");
  EXPECT_EQ(world.Status("prod").state, "refused");
}

TEST(RefusedCommit, IsMadeGoodByTheCommandItNames) {
  LadderWorld world;
  world.PassRun({});
  world.Turn();
  world.EditMain({{"environments/prod/environment.yaml",
                   "after: recette\npolicy: delivery\ngates:\n  tests: {levels: [unit]}\n"},
                  {"desired/prod/app.yaml", "release: app-1\n"}},
                 "Want app-1 in prod");
  EXPECT_EQ(world.Status("prod").state, "refused");
  EXPECT_THAT(world.Why("prod").next, Contains("failgate promote app-1 prod"));
  EXPECT_THAT(world.Ask("promote", "prod", "app-1", "alice@example.com"), HasSubstr("accepted"));
  EXPECT_EQ(world.Live("prod"), "one");
}

TEST(Approval, DoesNotLiftOnesOwnVeto) {
  LadderWorld world;
  world.PassRun({});
  world.Turn();
  world.Ask("promote", "prod", "app-1", "dana@example.com");
  world.Ask("reject", "prod", "app-1", "alice@example.com");
  EXPECT_THAT(world.Ask("approve", "prod", "app-1", "alice@example.com"), HasSubstr("vetoed"));
  EXPECT_THAT(world.Why("prod").next, Contains("failgate withdraw app-1 prod"));
}

}  // namespace
}  // namespace failgate
