// A person takes a project away from an environment: it goes, stays away, and comes back when
// asked.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/promotion/ladder_world.h"

namespace failgate {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class Removal : public testing::Test {
 protected:
  void Release(const std::string& content) {
    world_.PassRun({5, 2, 90, content});
    world_.Turn();
  }
  std::string Remove(const std::string& environment, const std::string& reason = "not needed") {
    return world_.Ask("remove", environment, "", "olga@example.com", Role::kOperator, reason);
  }
  [[nodiscard]] std::filesystem::path link() const { return world_.folder.path() / "srv/dev/app"; }
  [[nodiscard]] std::filesystem::path versions() const {
    return world_.folder.path() / "srv/.failgate/app/dev";
  }

  LadderWorld world_;
};

TEST_F(Removal, TakesLinkAndVersionsAwayAfterItsOrderIsInTheLog) {
  Release("one");
  Release("two");
  EXPECT_THAT(Remove("dev"), HasSubstr("app is taken away from dev"));
  EXPECT_FALSE(std::filesystem::is_symlink(link()));
  EXPECT_TRUE(std::filesystem::is_empty(versions()));
  const auto facts = world_.Facts("dev");
  EXPECT_EQ(facts[facts.size() - 2], "removal-ordered app-2");
  EXPECT_EQ(facts.back(), "removed app-2");
  const StatusRow row = world_.Status("dev");
  EXPECT_EQ(row.state, "nothing");
  EXPECT_EQ(row.wanted, "none");
  EXPECT_TRUE(row.running.empty());
  EXPECT_TRUE(row.decided.empty());
  EXPECT_FALSE(row.since.has_value());
  EXPECT_EQ(world_.Live("recette"), "two") << "only this environment";
  world_.ExpectProven();
}

TEST_F(Removal, StaysAwayWhateverIsReleasedAndRestarted) {
  Release("one");
  Remove("dev");
  const auto facts = world_.Facts("dev");
  Release("two");
  world_.Restart(true);
  world_.Turn();
  EXPECT_EQ(world_.Facts("dev"), facts);
  EXPECT_EQ(world_.Live("dev"), "");
  EXPECT_THAT(Remove("dev"), HasSubstr("nothing of app runs in dev"));
  EXPECT_EQ(world_.Facts("dev"), facts) << "twice is once";
  world_.ExpectProven();
}

TEST_F(Removal, ComesBackWhenItsReleaseIsNamedOrNewestIsWantedAgain) {
  Release("one");
  Remove("dev");
  EXPECT_THAT(world_.Ask("promote", "dev", "app-1", "alice@example.com"), HasSubstr("accepted"));
  world_.Turn();
  EXPECT_EQ(world_.Live("dev"), "one");
  Remove("dev");
  ASSERT_EQ(world_.Live("dev"), "");
  world_.EditMain({{"desired/dev/app.yaml", "release: newest\n"}}, "Automation again");
  world_.Turn();
  EXPECT_EQ(world_.Live("dev"), "one");
  world_.ExpectProven();
}

TEST_F(Removal, IsNoReleaseToGoBackToWhenTheNextDeploymentFails) {
  Release("one");
  Remove("dev");
  world_.EditMain({{"environments/dev/app.yaml",
                    "deploy:\n  - name: app\n    directory: {path: " + link().string() +
                        ", artifacts: [app], health: {command: exit 1, timeout: 1s}}\n"},
                   {"desired/dev/app.yaml", "release: newest\n"}},
                  "Ask for health");
  for (int i = 0; i < 4; ++i) {
    world_.Turn();
  }
  EXPECT_THAT(world_.Facts("dev"), Contains("failed app-1"));
  EXPECT_THAT(world_.Facts("dev"), Not(Contains("rolled-back app-1")));
  world_.ExpectProven();
}

TEST_F(Removal, LeavesWhatIsNotOursAndSaysWhatToDo) {
  Release("one");
  std::filesystem::remove(link());
  CreateFolders(link() / "somebody-elses");
  Remove("dev");
  world_.Turn();
  EXPECT_TRUE(std::filesystem::is_directory(link() / "somebody-elses"));
  EXPECT_FALSE(std::filesystem::is_empty(versions())) << "all or nothing";
  EXPECT_EQ(world_.Facts("dev").back(), "failed app-1");
  EXPECT_EQ(world_.Status("dev").state, "failed");
  EXPECT_THAT(world_.Status("dev").text, HasSubstr("move it away"));
  EXPECT_EQ(world_.Why("dev").next.front(), "failgate remove app dev -m REASON");
  RemoveTree(link());
  Remove("dev", "now it can go");
  world_.Turn();
  EXPECT_EQ(world_.Facts("dev").back(), "removed app-1");
  EXPECT_TRUE(std::filesystem::is_empty(versions()));
  world_.ExpectProven();
}

TEST_F(Removal, TakesTheLinkOfAFormerDeployFileToo) {
  Release("one");
  const auto moved = world_.folder.path() / "srv/dev/moved";
  world_.EditMain({{"environments/dev/app.yaml",
                    "deploy:\n  - name: app\n    directory: {path: " + moved.string() +
                        ", artifacts: [app]}\n"}},
                  "Move it");
  world_.Turn();
  ASSERT_TRUE(std::filesystem::is_symlink(moved));
  ASSERT_TRUE(std::filesystem::is_symlink(link()));
  Remove("dev");
  EXPECT_FALSE(std::filesystem::is_symlink(moved));
  EXPECT_FALSE(std::filesystem::is_symlink(link()));
  world_.ExpectProven();
}

TEST_F(Removal, TakesAwayAlsoWhatMainDoesNotDeployAnyMore) {
  Release("one");
  world_.operations.Pull();
  auto& git = world_.operations.git();
  git.Run(world_.operations.clone(), {"rm", "-q", "environments/dev/app.yaml"});
  world_.EditMain({{"notes.txt", "dev has no app\n"}}, "Deploy it there no more");
  EXPECT_EQ(world_.Live("dev"), "one") << "a deleted file takes nothing away";
  EXPECT_THAT(Remove("dev", ""), HasSubstr("reason_missing"));
  EXPECT_THAT(Remove("dev"), HasSubstr("app is taken away from dev"));
  EXPECT_FALSE(std::filesystem::is_symlink(link()));
  EXPECT_EQ(world_.Facts("dev").back(), "removed app-1");
  EXPECT_TRUE(world_.Snapshot()->view->problems.empty()) << "release: none needs no deploy file";
  EXPECT_THAT(Remove("dev"), HasSubstr("not_found")) << "there is nothing of it any more";
  world_.ExpectProven();
}

TEST_F(Removal, LeavesMainValidAlsoWhereTheWholeEnvironmentIsDeleted) {
  Release("one");
  world_.operations.Pull();
  auto& git = world_.operations.git();
  git.Run(world_.operations.clone(), {"rm", "-rq", "environments/prod"});
  world_.EditMain({{"notes.txt", "no prod\n"}}, "Have no prod");
  git.Run(world_.operations.clone(), {"rm", "-rq", "environments/recette"});
  world_.EditMain({{"notes.txt", "no recette either\n"}}, "Have no recette");
  EXPECT_EQ(world_.Live("recette"), "one");
  EXPECT_THAT(Remove("recette"), HasSubstr("app is taken away from recette"));
  EXPECT_EQ(world_.Live("recette"), "");
  EXPECT_TRUE(world_.Snapshot()->view->problems.empty())
      << Describe(world_.Snapshot()->view->problems.front());
  world_.ExpectProven();
}

TEST_F(Removal, ByACommitOfNobodyIsRefusedAndADeletedFileTakesNothingAway) {
  Release("one");
  world_.EditMain({{"desired/dev/app.yaml", "release: none\n"}}, "Take it away");
  EXPECT_EQ(world_.Live("dev"), "one");
  EXPECT_EQ(world_.Status("dev").state, "refused");
  EXPECT_EQ(world_.Why("dev").next.front(), "failgate remove app dev -m REASON");
  Remove("dev");
  EXPECT_EQ(world_.Live("dev"), "");
  world_.ExpectProven();
}

TEST_F(Removal, OfAHeldPairIsAPersonsActAndWorks) {
  Release("one");
  world_.Ask("hold", "dev", "", "alice@example.com", Role::kApprover, "the fair", "{}");
  Remove("dev");
  EXPECT_EQ(world_.Live("dev"), "");
  EXPECT_EQ(world_.Status("dev").state, "held");
  world_.ExpectProven();
}

TEST_F(Removal, NeedsAReasonAndWhereNothingRunsOnlyKeepsItSo) {
  EXPECT_THAT(Remove("dev", ""), HasSubstr("reason_missing"));
  EXPECT_THAT(Remove("dev"), HasSubstr("nothing of app runs in dev"));
  Release("one");
  EXPECT_EQ(world_.Live("dev"), "");
  EXPECT_THAT(world_.Facts("dev"), ElementsAre());
}

}  // namespace
}  // namespace failgate
