// A held pair: nothing goes in by itself, people's ways back work, and the log tells who and why.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/promotion/ladder_world.h"

namespace failgate {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kAlice = "alice@example.com";

class Held : public testing::Test {
 protected:
  void Release(const std::string& content) {
    world_.PassRun({5, 2, 90, content});
    world_.Turn();
  }
  std::string Hold(const std::string& environment, const std::string& options = "{}") {
    return world_.Ask("hold", environment, "", kAlice, Role::kApprover, "the fair", options);
  }
  std::string Resume(const std::string& environment) {
    return world_.Ask("resume", environment, "", kAlice, Role::kApprover, "it is over");
  }
  std::string MainFile() {
    const Repository origin = Repository::Open(world_.operations.origin());
    return origin.ReadFile(*origin.Ref(kMainRef), "desired/dev/app.yaml", 10000).value_or("");
  }
  /// Value of a trailer of the newest fact about dev.
  std::string Told(const std::string& key) {
    const Repository origin = Repository::Open(world_.operations.origin());
    LogFilter filter;
    filter.environment = EnvironmentName("dev");
    filter.limit = 1;
    return ReadHistory(origin, *origin.Ref(kDeployLogRef), filter)
        .at(0)
        .written.Value(key)
        .value_or("");
  }

  LadderWorld world_;
};

TEST_F(Held, TakesNothingInUntilItIsResumed) {
  Release("one");
  EXPECT_THAT(Hold("dev"), HasSubstr("accepted"));
  EXPECT_EQ(Told("Requested-by"), "alice <alice@example.com>");
  EXPECT_EQ(Told("Reason"), "the fair");
  Release("two");
  EXPECT_EQ(world_.Live("dev"), "one");
  EXPECT_EQ(world_.Status("dev").state, "held");
  EXPECT_EQ(world_.Status("dev").wanted, "newest");
  EXPECT_THAT(world_.Status("dev").text, HasSubstr("held by alice <alice@example.com>: the fair"));
  EXPECT_EQ(world_.Why("dev").next.back(), "failgate resume app dev");
  EXPECT_THAT(Resume("dev"), HasSubstr("accepted"));
  world_.Turn();
  EXPECT_EQ(world_.Live("dev"), "two");
  EXPECT_THAT(world_.Facts("dev"), AllOf(Contains("held "), Contains("resumed ")));
  EXPECT_EQ(MainFile().find("hold:"), std::string::npos) << MainFile();
  world_.ExpectProven();
}

TEST_F(Held, IsInEffectBeforeTheNextReleaseIsJudgedInTheSamePass) {
  world_.PassRun({5, 2, 90, "one"});
  EXPECT_THAT(Hold("dev"), HasSubstr("accepted"));
  EXPECT_EQ(world_.Live("dev"), "");
  EXPECT_THAT(world_.Facts("dev"), ElementsAre("held "));
}

TEST_F(Held, IsResumedBesideProblemsOfTheFileAndRefusedOnlyWhereItCannotBeRead) {
  Release("one");
  Hold("dev");
  world_.EditMain({{"desired/dev/app.yaml", MainFile() + "relese: app-1\n"}}, "Misspell");
  EXPECT_EQ(world_.Status("dev").state, "invalid");
  EXPECT_THAT(Resume("dev"), HasSubstr("accepted"));
  EXPECT_THAT(world_.Facts("dev"), Contains("resumed "));
  EXPECT_EQ(MainFile().find("hold:"), std::string::npos) << MainFile();
  EXPECT_NE(MainFile().find("relese: app-1"), std::string::npos) << "people correct it";
  EXPECT_THAT(world_.Ask("remove", "dev", "", kAlice, Role::kOperator, "make room"),
              HasSubstr("until that is corrected on main"));
  world_.EditMain({{"desired/dev/app.yaml", "hold: [\n"}}, "Break");
  EXPECT_THAT(Resume("dev"), AllOf(HasSubstr("nothing to do"), HasSubstr("not held")));
  world_.EditMain({{"desired/dev/app.yaml", "release: newest\n"}}, "Mend");
  Hold("dev");
  world_.EditMain({{"desired/dev/app.yaml", "hold: [\n"}}, "Break it again");
  EXPECT_THAT(
      Resume("dev"),
      AllOf(HasSubstr("desired/dev/app.yaml:"), HasSubstr("correct it on main, then ask again")));
  world_.ExpectProven();
}

TEST_F(Held, EndsByItselfWhenItsTimeIsOver) {
  Release("one");
  Hold("dev", R"({"until":")" + FormatTime(world_.clock.Now() + std::chrono::hours(1)) + "\"}");
  Release("two");
  EXPECT_EQ(world_.Live("dev"), "one");
  EXPECT_THAT(world_.Status("dev").text, HasSubstr(" until "));
  world_.clock.Advance(std::chrono::hours(1));
  world_.Turn();
  world_.Turn();
  EXPECT_EQ(world_.Live("dev"), "two");
  EXPECT_THAT(world_.Facts("dev"), Contains("resumed "));
  EXPECT_NE(MainFile().find("hold:"), std::string::npos) << "people's file is left as it is";
  const std::size_t facts = world_.Facts("dev").size();
  world_.Turn();
  EXPECT_EQ(world_.Facts("dev").size(), facts);
  world_.ExpectProven();
}

TEST_F(Held, IsNotToldTwiceByARestartAndCanBeProlonged) {
  Release("one");
  Hold("dev", R"({"until":")" + FormatTime(world_.clock.Now() + std::chrono::hours(1)) + "\"}");
  world_.Restart(true);
  world_.Turn();
  EXPECT_THAT(world_.Facts("dev"),
              ElementsAre("decided app-1", "promoted app-1", "deployed app-1", "held "));
  Hold("dev", R"({"until":")" + FormatTime(world_.clock.Now() + std::chrono::hours(5)) + "\"}");
  world_.clock.Advance(std::chrono::hours(2));
  Release("two");
  EXPECT_EQ(world_.Live("dev"), "one");
  world_.ExpectProven();
}

TEST_F(Held, ChangesNothingWhenItIsAskedTwice) {
  Release("one");
  Hold("dev");
  const std::size_t facts = world_.Facts("dev").size();
  const std::string file = MainFile();
  EXPECT_THAT(Hold("dev"), HasSubstr("accepted"));
  EXPECT_EQ(world_.Facts("dev").size(), facts);
  EXPECT_EQ(MainFile(), file);
  Resume("dev");
  EXPECT_THAT(Resume("dev"), HasSubstr("is not held in dev"));
  EXPECT_THAT(Resume("recette"), HasSubstr("is not held in recette"));
}

TEST_F(Held, RefusesATimeThatIsPastAndNoReason) {
  EXPECT_THAT(Hold("dev", R"({"until":"2020-01-01T00:00:00Z"})"), HasSubstr("until_past"));
  EXPECT_THAT(world_.Ask("hold", "dev", "", kAlice), HasSubstr("reason_missing"));
  EXPECT_THAT(world_.Facts("dev"), Each(Not(HasSubstr("held"))));
}

TEST_F(Held, LetsAPersonGoBackAndStaysHeld) {
  Release("one");
  Release("two");
  ASSERT_EQ(world_.Live("dev"), "two");
  Hold("dev");
  EXPECT_THAT(world_.Ask("rollback", "dev", "", kAlice, Role::kApprover, "scores jumped"),
              HasSubstr("stays held until failgate resume app dev"));
  world_.Turn();
  EXPECT_EQ(world_.Live("dev"), "one");
  Release("three");
  EXPECT_EQ(world_.Live("dev"), "one");
  EXPECT_EQ(world_.Status("dev").state, "held");
  world_.ExpectProven();
}

TEST_F(Held, LetsANamedReleaseWaitAndSaysWhatFor) {
  Release("one");
  Hold("prod");
  world_.EditMain({{"environments/prod/environment.yaml",
                    "after: recette\npolicy: delivery\ngates:\n  tests: {levels: [unit]}\n"}},
                  "Ask no approvals");
  EXPECT_THAT(world_.Ask("promote", "prod", "app-1", kAlice),
              AllOf(HasSubstr("waits until failgate resume app prod"), HasSubstr("deferred")));
  world_.Turn();
  EXPECT_EQ(world_.Live("prod"), "");
  EXPECT_EQ(world_.Status("prod").wanted, "app-1");
  Resume("prod");
  world_.Turn();
  EXPECT_EQ(world_.Live("prod"), "one");
  world_.ExpectProven();
}

TEST_F(Held, WithHealingOffTellsDriftAndRepairsItOnlyAfterwards) {
  Release("one");
  Hold("dev", R"({"healing":"off"})");
  std::filesystem::remove(world_.folder.path() / "srv/dev/app");
  world_.Turn();
  world_.Turn();
  EXPECT_EQ(world_.Live("dev"), "");
  EXPECT_EQ(world_.Status("dev").drift, "drifted");
  EXPECT_EQ(world_.Status("dev").state, "held");
  EXPECT_THAT(world_.Facts("dev"), AllOf(Contains("drifted app-1"), Not(Contains("healed app-1"))));
  Resume("dev");
  world_.Turn();
  EXPECT_EQ(world_.Live("dev"), "one");
  EXPECT_THAT(world_.Facts("dev"), Contains("healed app-1"));
  world_.ExpectProven();
}

TEST_F(Held, WithHealingOffEndsInItsTimeAlsoWhileTheFilesHaveProblems) {
  Release("one");
  const TimePoint until = world_.clock.Now() + std::chrono::hours(1);
  Hold("dev", R"({"healing":"off","until":")" + FormatTime(until) + "\"}");
  world_.EditMain({{"environments/dev/environment.yaml", "gates: {test: {}}\n"}}, "Slip");
  ASSERT_EQ(world_.Status("dev").state, "invalid");
  std::filesystem::remove(world_.folder.path() / "srv/dev/app");
  world_.Turn();
  ASSERT_EQ(world_.Live("dev"), "");
  world_.clock.SetWall(until);
  EXPECT_TRUE(world_.IsDue());
  world_.Turn();
  world_.Turn();
  EXPECT_THAT(world_.Facts("dev"), Contains("resumed "));
  EXPECT_EQ(world_.Live("dev"), "one");
  world_.ExpectProven();
}

TEST_F(Held, WithHealingOffIsEndedByItsPersonAlsoWhileTheFilesHaveProblems) {
  Release("one");
  Hold("dev", R"({"healing":"off"})");
  world_.EditMain({{"environments/dev/environment.yaml", "gates: {test: {}}\n"}}, "Slip");
  EXPECT_THAT(Resume("dev"), HasSubstr("accepted"));
  world_.Turn();
  EXPECT_EQ(Told("Held").empty(), false);
  EXPECT_THAT(world_.Facts("dev"), Contains("resumed "));
  world_.ExpectProven();
}

TEST_F(Held, WithHealingOffEndsAlsoWhereMainDoesNotDeployItAnyMore) {
  for (const bool deletes_desired : {false, true}) {
    LadderWorld world;
    world.PassRun({5, 2, 90, "one"});
    world.Turn();
    world.Ask("hold", "dev", "", kAlice, Role::kApprover, "the fair", R"({"healing":"off"})");
    world.operations.Pull();
    auto& git = world.operations.git();
    git.Run(world.operations.clone(), {"rm", "-q", "environments/dev/app.yaml"});
    if (deletes_desired) git.Run(world.operations.clone(), {"rm", "-q", "desired/dev/app.yaml"});
    world.EditMain({{"notes.txt", "dev has no app\n"}}, "Deploy it there no more");
    std::filesystem::remove(world.folder.path() / "srv/dev/app");
    world.clock.Advance(std::chrono::minutes(2));
    world.Turn();
    ASSERT_EQ(world.Live("dev"), "");
    EXPECT_THAT(world.Ask("resume", "dev", "", kAlice, Role::kApprover, "it is over"),
                HasSubstr("accepted"));
    world.clock.Advance(std::chrono::minutes(2));
    world.Turn();
    EXPECT_THAT(world.Facts("dev"), Contains("resumed "));
    EXPECT_EQ(world.Live("dev"), "one") << deletes_desired;
    EXPECT_TRUE(world.Audit().ok());
  }
}

TEST_F(Held, WithATimeEndsAlsoWhereMainDoesNotDeployItAnyMore) {
  Release("one");
  const TimePoint until = world_.clock.Now() + std::chrono::hours(1);
  Hold("dev", R"({"healing":"off","until":")" + FormatTime(until) + "\"}");
  world_.operations.Pull();
  world_.operations.git().Run(world_.operations.clone(), {"rm", "-q", "environments/dev/app.yaml"});
  world_.EditMain({{"notes.txt", "dev has no app\n"}}, "Deploy it there no more");
  world_.clock.SetWall(until);
  EXPECT_TRUE(world_.IsDue());
  world_.Turn();
  EXPECT_THAT(world_.Facts("dev"), Contains("resumed "));
  world_.ExpectProven();
}

TEST_F(Held, StillRepairsDriftUnlessToldOtherwise) {
  Release("one");
  Hold("dev");
  std::filesystem::remove(world_.folder.path() / "srv/dev/app");
  world_.Turn();
  world_.Turn();
  EXPECT_EQ(world_.Live("dev"), "one");
}

TEST_F(Held, ByACommitOfNobodyIsRefusedOnceAndHasNoEffectAfterItsRevert) {
  Release("one");
  world_.EditMain({{"desired/dev/app.yaml", "hold: {reason: mine}\n"}}, "Hold it");
  EXPECT_EQ(world_.Status("dev").state, "refused");
  EXPECT_EQ(world_.Why("dev").next.back(), "failgate hold app dev -m REASON");
  world_.Turn();
  EXPECT_THAT(world_.Facts("dev"), Contains("refused app-1").Times(1));
  EXPECT_THAT(world_.Facts("dev"), Not(Contains("held ")));
  world_.EditMain({{"desired/dev/app.yaml", "# nothing\n"}}, "Take it back");
  Release("two");
  EXPECT_EQ(world_.Live("dev"), "two");
  world_.ExpectProven();
}

TEST_F(Held, ByACommitOfNobodyKeepsNoPersonFromGoingBackOrRemoving) {
  Release("one");
  Release("two");
  world_.EditMain({{"desired/dev/app.yaml", "hold: {reason: mine}\n"}}, "Hold it");
  ASSERT_EQ(world_.Status("dev").state, "refused");
  EXPECT_THAT(world_.Ask("rollback", "dev", "", kAlice, Role::kApprover, "scores jumped"),
              HasSubstr("accepted"));
  world_.Turn();
  EXPECT_EQ(world_.Live("dev"), "one");
  EXPECT_THAT(world_.Facts("dev"), Contains("refused app-2").Times(1));
  EXPECT_EQ(world_.Why("dev").next.back(), "failgate hold app dev -m REASON");
  Release("three");
  EXPECT_EQ(world_.Live("dev"), "one") << "automation still stands still";
  EXPECT_THAT(world_.Ask("remove", "dev", "", kAlice, Role::kApprover, "make room"),
              HasSubstr("accepted"));
  world_.Turn();
  EXPECT_EQ(world_.Live("dev"), "");
  world_.ExpectProven();
}

TEST_F(Held, ByACommitOfNobodyIsLookedAtAgainWhenItsOwnTimeIsOver) {
  Release("one");
  const TimePoint until = world_.clock.Now() + std::chrono::hours(1);
  world_.EditMain(
      {{"desired/dev/app.yaml", "hold: {reason: mine, until: " + FormatTime(until) + "}\n"}},
      "Hold it");
  Release("two");
  ASSERT_EQ(world_.Live("dev"), "one");
  world_.clock.SetWall(until);
  EXPECT_TRUE(world_.IsDue());
  world_.Turn();
  EXPECT_EQ(world_.Live("dev"), "two");
}

TEST_F(Held, ByACommitOfNobodyBecomesThePersonsWhoAsksTheSame) {
  Release("one");
  world_.EditMain({{"desired/dev/app.yaml", "hold: {reason: the fair}\n"}}, "Hold it");
  EXPECT_THAT(Hold("dev"), HasSubstr("accepted"));
  EXPECT_EQ(world_.Status("dev").state, "held");
  EXPECT_EQ(Told("Requested-by"), "alice <alice@example.com>");
}

TEST_F(Held, IsNotEndedByACommitOfNobody) {
  Release("one");
  Hold("dev");
  const std::string held = MainFile();
  world_.EditMain({{"desired/dev/app.yaml", "release: newest\n"}}, "Go on");
  Release("two");
  EXPECT_EQ(world_.Live("dev"), "one");
  EXPECT_EQ(world_.Status("dev").state, "refused");
  EXPECT_EQ(world_.Why("dev").next.back(), "failgate resume app dev");
  EXPECT_THAT(world_.Facts("dev"), Not(Contains("resumed ")));
  world_.EditMain({{"desired/dev/app.yaml", held}}, "Put it back");
  EXPECT_EQ(world_.Status("dev").state, "held");
  world_.EditMain({{"desired/dev/app.yaml", "release: newest\n"}}, "Go on");
  EXPECT_THAT(Resume("dev"), HasSubstr("accepted"));
  world_.Turn();
  EXPECT_EQ(world_.Live("dev"), "two");
  world_.ExpectProven();
}

TEST_F(Held, DoesNotBecomeTheWishOfWhoNamedTheRelease) {
  Release("one");
  world_.EditMain({{"desired/prod/app.yaml", "release: app-1\n"}}, "Want app-1 in prod");
  Hold("prod");
  Resume("prod");
  EXPECT_THAT(world_.Ask("approve", "prod", "app-1", kAlice), HasSubstr("accepted"));
  world_.Ask("approve", "prod", "app-1", "bob@example.com");
  world_.Turn();
  EXPECT_EQ(world_.Live("prod"), "one") << "who held it did not ask for it: her approval counts";
}

}  // namespace
}  // namespace failgate
