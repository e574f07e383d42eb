#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/promotion/ladder_world.h"

namespace failgate {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::vector<std::string> Texts(const AuditReport& report) {
  std::vector<std::string> texts;
  for (const AuditProblem& problem : report.problems) {
    texts.push_back(Word(problem.kind) + ": " + problem.text);
  }
  return texts;
}

TEST(Climb, AGoodReleaseReachesRecetteByItselfAndWaitsForAPersonBeforeProd) {
  LadderWorld world;
  world.PassRun({});
  world.Turn();
  EXPECT_THAT(world.Facts("dev"), ElementsAre("decided app-1", "promoted app-1", "deployed app-1"));
  EXPECT_EQ(world.Status("recette").running.text(), "app-1");
  EXPECT_EQ(world.Live("recette"), "one");
  EXPECT_EQ(world.Live("prod"), "");
  EXPECT_EQ(world.Status("prod").state, "nothing");
  EXPECT_THAT(world.Why("prod").next, Contains("failgate promote app-1 prod"));
  EXPECT_THAT(Texts(world.Audit()), IsEmpty());
}

TEST(Climb, ThinCoverageIsStoppedBeforeRecetteAndTheNextReleaseOvertakes) {
  LadderWorld world;
  world.PassRun({5, 2, 79, "thin"});
  world.Turn();
  EXPECT_EQ(world.Live("dev"), "thin");
  EXPECT_EQ(world.Status("recette").state, "blocked");
  // Twice: blocked while dev was on its way, and blocked by coverage alone since.
  EXPECT_THAT(world.Facts("recette"), ElementsAre("decided app-1", "decided app-1"));
  world.PassRun({5, 2, 95, "thick"});
  world.Turn();
  EXPECT_EQ(world.Live("recette"), "thick");
  EXPECT_EQ(world.Status("recette").running.text(), "app-2");
  EXPECT_THAT(Texts(world.Audit()), IsEmpty());
}

TEST(Climb, AReleaseIsNotLostWhenTheDiskIsFullWhileItIsCut) {
  LadderWorld world;
  bool full = true;
  world.delivery_name = [&full](const std::string&) -> std::string {
    if (full) throw Error(Remedy::kRetry, "database or disk is full");
    return "of-the-forge";
  };
  world.Restart();
  world.PassRun({5, 2, 95, "one"});
  world.PassRun({5, 2, 95, "two"});
  EXPECT_THROW(world.Pass(), Error);
  full = false;
  world.Turn();
  EXPECT_EQ(world.Status("dev").running.text(), "app-2");
  EXPECT_EQ(world.Live("dev"), "two");
}

TEST(Climb, ProdNeedsTwoApprovalsOfOthers) {
  LadderWorld world;
  world.PassRun({}, "Alice Martin <alice@example.com>");
  world.Turn();
  EXPECT_THAT(world.Ask("promote", "prod", "app-1", "dana@example.com", Role::kDeveloper),
              HasSubstr("accepted"));
  EXPECT_EQ(world.Status("prod").state, "waiting");
  world.Ask("approve", "prod", "app-1", "alice@example.com");  // the author: does not count
  world.Ask("approve", "prod", "app-1", "bob@example.com");
  EXPECT_EQ(world.Live("prod"), "");
  EXPECT_THAT(world.Ask("approve", "prod", "app-1", "eve@example.com"),
              HasSubstr("not_an_approver"));
  world.Ask("approve", "prod", "app-1", "carol@example.com");
  EXPECT_EQ(world.Live("prod"), "one");
  EXPECT_THAT(world.Facts("prod"), Contains("deployed app-1"));
  EXPECT_THAT(Texts(world.Audit()), IsEmpty());
}

TEST(Climb, ARejectVetoesUntilItIsWithdrawn) {
  LadderWorld world;
  world.PassRun({});
  world.Turn();
  world.Ask("promote", "prod", "app-1", "dana@example.com");
  world.Ask("reject", "prod", "app-1", "alice@example.com");
  world.Ask("approve", "prod", "app-1", "bob@example.com");
  world.Ask("approve", "prod", "app-1", "carol@example.com");
  EXPECT_EQ(world.Live("prod"), "");
  world.Ask("withdraw", "prod", "app-1", "alice@example.com");
  EXPECT_EQ(world.Live("prod"), "one");
  EXPECT_THAT(Texts(world.Audit()), IsEmpty());
}

/// app-1 and app-2 have run in prod, app-2 runs.
void TwoReleasesInProd(LadderWorld& world) {
  for (const char* content : {"one", "two"}) {
    world.PassRun({5, 2, 90, content});
    world.Turn();
    const std::string release = content == std::string("one") ? "app-1" : "app-2";
    world.Ask("promote", "prod", release, "dana@example.com");
    world.Ask("approve", "prod", release, "alice@example.com");
    world.Ask("approve", "prod", release, "bob@example.com");
    ASSERT_EQ(world.Live("prod"), content);
  }
}

TEST(Rollback, GoesBackWithoutApprovalsAndExceptsTheBadRelease) {
  LadderWorld world;
  TwoReleasesInProd(world);
  EXPECT_THAT(world.Ask("rollback", "prod", "", "carol@example.com"), HasSubstr("reason_missing"));
  EXPECT_THAT(
      world.Ask("rollback", "prod", "", "carol@example.com", Role::kApprover, "scores jumped"),
      HasSubstr("accepted"));
  EXPECT_EQ(world.Live("prod"), "one");
  EXPECT_EQ(world.Status("prod").running.text(), "app-1");
  EXPECT_THAT(world.Facts("prod"), Contains("rolled-back app-1"));
  world.operations.Pull();
  const std::string desired = ReadFile(world.operations.clone() / "desired/prod/app.yaml");
  EXPECT_THAT(desired, HasSubstr("app-2"));
  EXPECT_THAT(desired, HasSubstr("scores jumped"));
  EXPECT_THAT(world.Ask("promote", "prod", "app-2", "dana@example.com"), HasSubstr("gate_refused"));
  EXPECT_THAT(Texts(world.Audit()), IsEmpty());
}

TEST(Rollback, UnderNewestAutomationGoesOnWithTheNextRelease) {
  LadderWorld world;
  for (const char* content : {"one", "two"}) {
    world.PassRun({5, 2, 90, content});
    world.Turn();
  }
  world.Ask("rollback", "recette", "", "carol@example.com", Role::kApprover, "bad");
  EXPECT_EQ(world.Live("recette"), "one");
  world.Turn();
  EXPECT_EQ(world.Live("recette"), "one");
  world.PassRun({5, 2, 90, "three"});
  world.Turn();
  EXPECT_EQ(world.Live("recette"), "three");
  EXPECT_THAT(Texts(world.Audit()), IsEmpty());
}

TEST(HandMadeCommit, MayAskWhereApprovalsOfOthersAreNeeded) {
  LadderWorld world;
  world.PassRun({});
  world.Turn();
  world.EditMain({{"desired/prod/app.yaml", "release: app-1\n"}}, "Want app-1 in prod");
  EXPECT_EQ(world.Status("prod").state, "waiting");
  world.Ask("approve", "prod", "app-1", "alice@example.com");
  world.Ask("approve", "prod", "app-1", "bob@example.com");
  EXPECT_EQ(world.Live("prod"), "one");
  EXPECT_THAT(Texts(world.Audit()), IsEmpty());
}

TEST(HandMadeCommit, MayNotRollBack) {
  LadderWorld world;
  TwoReleasesInProd(world);
  world.EditMain({{"desired/prod/app.yaml", "release: app-1\n"}}, "Back to app-1");
  EXPECT_EQ(world.Live("prod"), "two");
  EXPECT_EQ(world.Status("prod").state, "refused");
  EXPECT_THAT(world.Facts("prod"), Contains("refused app-1"));
  EXPECT_THAT(world.Why("prod").text, HasSubstr("failgate rollback app prod"));
}

TEST(ChangedDeployFile, IsANewDeploymentThatPassesTheGatesAgain) {
  LadderWorld world;
  world.PassRun({});
  world.Turn();
  world.Ask("promote", "prod", "app-1", "dana@example.com");
  world.Ask("approve", "prod", "app-1", "alice@example.com");
  world.Ask("approve", "prod", "app-1", "bob@example.com");
  ASSERT_EQ(world.Live("prod"), "one");
  const std::string path = (world.folder.path() / "srv" / "prod" / "moved").string();
  world.EditMain(
      {{"environments/prod/app.yaml",
        "deploy:\n  - name: app\n    directory: {path: " + path + ", artifacts: [app]}\n"}},
      "Move it");
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_EQ(world.Status("prod").state, "waiting");
  world.Ask("approve", "prod", "app-1", "alice@example.com");
  world.Ask("approve", "prod", "app-1", "bob@example.com");
  EXPECT_TRUE(std::filesystem::exists(path));
  EXPECT_THAT(Texts(world.Audit()), IsEmpty());
}

TEST(BrokenFile, StopsOnlyWhatItConcerns) {
  LadderWorld world;
  world.EditMain({{"environments/recette/environment.yaml", "after: dev\ngates: [nonsense\n"}},
                 "Oops");
  world.PassRun({});
  world.Turn();
  EXPECT_EQ(world.Live("dev"), "one");
  EXPECT_EQ(world.Status("recette").state, "invalid");
  EXPECT_THAT(world.Status("recette").text, HasSubstr("environments/recette/environment.yaml:"));
}

TEST(Drift, IsToldAndHealed) {
  LadderWorld world;
  world.PassRun({});
  world.Turn();
  const auto live = std::filesystem::canonical(world.folder.path() / "srv/dev/app") / "app.txt";
  std::filesystem::permissions(live, std::filesystem::perms::owner_all);
  WriteFileDurably(live, "tampered");
  world.clock.Advance(std::chrono::minutes(1));
  world.Turn();
  world.Turn();
  EXPECT_EQ(world.Live("dev"), "one");
  EXPECT_THAT(world.Facts("dev"), Contains("drifted app-1"));
  EXPECT_THAT(world.Facts("dev"), Contains("healed app-1"));
  EXPECT_EQ(world.Status("dev").drift, "none");
  EXPECT_THAT(Texts(world.Audit()), IsEmpty());
}

TEST(Released, OnceARevisionWhateverRunsOfItAreDueTogether) {
  LadderWorld world;
  world.PassRun({5, 2, 90, "one"});
  world.PassRun({5, 2, 90, "two"});
  world.PassHeadAgain({5, 2, 90, "two"});
  world.Turn();
  const Repository log = Repository::Open(world.operations.origin());
  const auto releases = [&] {
    return LogTree(log, log.Ref(kDeployLogRef)).Releases(ProjectName("app")).size();
  };
  EXPECT_EQ(releases(), 2U) << "two runs of one head were due in one pass";
  world.Restart(/*lose_database=*/true);
  world.PassHeadAgain({5, 2, 90, "two"});
  world.Turn();
  EXPECT_EQ(releases(), 2U) << "the log knows the revision, the database does not";
  world.PassRun({5, 2, 90, "three"});
  world.Turn();
  EXPECT_EQ(releases(), 3U);
  EXPECT_EQ(Texts(world.Audit()), std::vector<std::string>());
}

TEST(LostDatabase, ChangesNothingThatRuns) {
  LadderWorld world;
  TwoReleasesInProd(world);
  const auto before = world.Facts("prod");
  const auto inode = std::filesystem::last_write_time(
      std::filesystem::canonical(world.folder.path() / "srv/prod/app"));
  world.Restart(/*lose_database=*/true);
  world.Turn();
  EXPECT_EQ(world.Facts("prod"), before);
  EXPECT_EQ(world.Status("prod").running.text(), "app-2");
  EXPECT_EQ(std::filesystem::last_write_time(
                std::filesystem::canonical(world.folder.path() / "srv/prod/app")),
            inode);
  EXPECT_THAT(world.Facts("prod"), Not(Contains("deployed app-3")));
  EXPECT_THAT(Texts(world.Audit()), IsEmpty());
}

TEST(Drift, ThatCannotBeRepairedIsToldOnceAsFailedAndHealedWhenItCan) {
  LadderWorld world;
  world.PassRun({});
  world.Turn();
  const auto link = world.folder.path() / "srv/dev/app";
  std::filesystem::remove(link);
  std::filesystem::create_directory(link);
  for (int i = 0; i < 3; ++i) {
    world.clock.Advance(std::chrono::minutes(1));
    world.Turn();
  }
  EXPECT_THAT(world.Facts("dev"), Contains("failed app-1").Times(1));
  EXPECT_EQ(world.Status("dev").state, "drifted");
  EXPECT_EQ(world.Status("dev").health, "unhealthy");
  std::filesystem::remove(link);
  world.clock.Advance(std::chrono::minutes(11));
  world.Turn();
  EXPECT_EQ(world.Facts("dev").back(), "healed app-1");
  EXPECT_EQ(world.Live("dev"), "one");
  EXPECT_THAT(Texts(world.Audit()), IsEmpty());
}

}  // namespace
}  // namespace failgate
