// What changes between a request and the promotion it asks for: what holds at the end decides.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/integration/promotion/signing_people.h"

namespace failgate {
namespace {

using std::chrono::hours;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kAlice = "alice@example.com";
constexpr const char* kBob = "bob@example.com";
constexpr const char* kCarol = "carol@example.com";
constexpr const char* kDana = "dana@example.com";
constexpr const char* kErik = "erik@example.com";

class Race : public testing::Test {
 protected:
  Race() { Release("one"); }
  ~Race() override { EXPECT_THAT(world_.Audit().problems, IsEmpty()); }
  void Release(const std::string& content) {
    world_.PassRun({5, 2, 90, content});
    world_.Turn();
  }
  static std::string Prod(const std::string& window) {
    return "after: recette\npolicy: delivery\ngates:\n"
           "  approvals: {count: 2, from: [alice@example.com, bob@example.com, "
           "carol@example.com]}\n" +
           (window.empty() ? "" : "  window: {timezone: UTC, " + window + "}\n");
  }
  void Deploy(const std::string& release) {
    world_.Ask("promote", "prod", release, kDana, Role::kDeveloper);
    world_.Ask("approve", "prod", release, kAlice);
    world_.Ask("approve", "prod", release, kBob);
  }
  [[nodiscard]] long Count(const std::string& environment, const std::string& fact) {
    const auto facts = world_.Facts(environment);
    return std::count(facts.begin(), facts.end(), fact);
  }

  LadderWorld world_;
};

TEST_F(Race, AFreezeThatBeginsBeforeTheLastApprovalHoldsTheReleaseUntilItsEnd) {
  world_.clock.SetWall(*ParseTime("2026-11-27T11:59:00Z"));
  world_.EditMain({{"environments/prod/environment.yaml",
                    Prod("freeze: [{from: 2026-11-27 12:00, to: 2026-11-28 12:00}]")}},
                  "Freeze");
  world_.Ask("promote", "prod", "app-1", kDana, Role::kDeveloper);
  world_.Ask("approve", "prod", "app-1", kAlice);
  world_.clock.SetWall(*ParseTime("2026-11-27T12:00:00Z"));
  world_.Ask("approve", "prod", "app-1", kBob);
  EXPECT_EQ(world_.Live("prod"), "");
  EXPECT_THAT(world_.Facts("prod"), Not(Contains("promoted app-1")));
  world_.clock.SetWall(*ParseTime("2026-11-28T12:00:00Z"));
  EXPECT_TRUE(world_.IsDue());
  world_.Turn();
  EXPECT_EQ(world_.Live("prod"), "one");
}

TEST_F(Race, AFreezeThatIsPushedBeforeThePassThatTakesTheLastApprovalHolds) {
  world_.EditMain({{"environments/prod/environment.yaml", Prod("")}}, "Ask approvals");
  world_.Ask("promote", "prod", "app-1", kDana, Role::kDeveloper);
  world_.Ask("approve", "prod", "app-1", kAlice);
  world_.Queue("approve", "prod", "app-1", kBob);
  world_.PushMain({{"environments/prod/environment.yaml",
                    Prod("freeze: [{from: 2020-01-01, to: 2099-01-01, reason: moving}]")}},
                  "Freeze");
  world_.Turn();
  EXPECT_EQ(world_.Live("prod"), "");
  EXPECT_THAT(world_.Facts("prod"), Not(Contains("promoted app-1")));
  EXPECT_THAT(world_.Status("prod").text, HasSubstr("moving"));
}

TEST_F(Race, AnApprovalWithdrawnInTheSameSecondCountsNoMore) {
  world_.Ask("promote", "prod", "app-1", kDana, Role::kDeveloper);
  world_.Ask("approve", "prod", "app-1", kAlice);
  world_.Queue("approve", "prod", "app-1", kBob);
  const std::string withdrawn = world_.Queue("withdraw", "prod", "app-1", kBob);
  world_.Pass();
  EXPECT_THAT(world_.answers[withdrawn], HasSubstr("accepted"));
  world_.Turn();
  EXPECT_EQ(world_.Live("prod"), "");
  EXPECT_THAT(world_.Facts("prod"), Not(Contains("promoted app-1")));
  EXPECT_EQ(Count("prod", "withdrawn app-1"), 1);
  world_.Ask("approve", "prod", "app-1", kCarol);
  EXPECT_EQ(world_.Live("prod"), "one");
}

TEST_F(Race, TheLastApprovalBesideAnothersWithdrawalLeavesOneTooFew) {
  world_.Ask("promote", "prod", "app-1", kDana, Role::kDeveloper);
  world_.Ask("approve", "prod", "app-1", kAlice);
  world_.Queue("approve", "prod", "app-1", kBob);
  world_.Queue("withdraw", "prod", "app-1", kAlice);
  world_.Turn();
  EXPECT_EQ(world_.Live("prod"), "");
  EXPECT_THAT(world_.Facts("prod"), Not(Contains("promoted app-1")));
}

TEST_F(Race, OfTwoReleasesThatAreApprovedAtOnceOneIsPromoted) {
  Release("two");
  for (const char* release : {"app-1", "app-2"}) {
    world_.Queue("approve", "prod", release, kAlice);
    world_.Queue("approve", "prod", release, kBob);
  }
  world_.Queue("promote", "prod", "app-1", kDana, Role::kDeveloper);
  world_.Queue("promote", "prod", "app-2", kErik, Role::kDeveloper);
  world_.Turn();
  EXPECT_EQ(world_.Live("prod"), "two") << "the last wish counts";
  EXPECT_EQ(Count("prod", "promoted app-1"), 0);
  EXPECT_EQ(Count("prod", "promoted app-2"), 1);
  world_.Turn();
  EXPECT_EQ(world_.Live("prod"), "two");
}

TEST_F(Race, ApprovalsOfOneReleaseAreNoneOfTheOther) {
  Release("two");
  world_.Queue("approve", "prod", "app-1", kAlice);
  world_.Queue("approve", "prod", "app-2", kBob);
  world_.Queue("promote", "prod", "app-2", kDana, Role::kDeveloper);
  world_.Turn();
  EXPECT_EQ(world_.Live("prod"), "");
  EXPECT_THAT(world_.Status("prod").text, HasSubstr("1 of 2 approvals"));
}

TEST_F(Race, ASoakThatIsMadeLongerWhileItRunsEndsLater) {
  const auto soak = [](const std::string& time) {
    return "after: recette\npolicy: deployment\ngates:\n  soak: {in: recette, for: " + time + "}\n";
  };
  world_.EditMain({{"environments/prod/environment.yaml", soak("24h")}}, "Soak");
  const TimePoint began = *world_.Status("recette").since;
  world_.clock.SetWall(began + hours(23));
  // Nothing passes between the push and the time at which the shorter soak would have ended.
  world_.PushMain({{"environments/prod/environment.yaml", soak("48h")}}, "Soak longer");
  world_.clock.SetWall(began + hours(24));
  world_.Turn();
  EXPECT_EQ(world_.Live("prod"), "");
  EXPECT_EQ(world_.Snapshot()->next_until, began + hours(48));
  world_.clock.SetWall(began + hours(48));
  world_.Turn();
  EXPECT_EQ(world_.Live("prod"), "one");
}

TEST_F(Race, AGateThatIsAddedWhileAReleaseSoaksIsAskedWhenItsTimeIsOver) {
  const std::string soak =
      "after: recette\npolicy: deployment\ngates:\n  soak: {in: recette, for: 24h}\n";
  world_.EditMain({{"environments/prod/environment.yaml", soak}}, "Soak");
  const TimePoint began = *world_.Status("recette").since;
  world_.clock.SetWall(began + hours(24));
  world_.PushMain({{"environments/prod/environment.yaml", soak + "  coverage: {lines: 95}\n"}},
                  "Ask more");
  world_.Turn();
  EXPECT_EQ(world_.Live("prod"), "");
  EXPECT_EQ(world_.Status("prod").state, "blocked");
}

class RevertOfARevert : public Race {
 protected:
  RevertOfARevert() {
    people_.List(people_.Line(kAlice) + people_.Line(kBob));
    Deploy("app-1");
    Release("two");
    Deploy("app-2");
    world_.operations.Pull();
    before_ = ReadFile(world_.operations.clone() / kDesired);
    people_.Commit(kAlice, {{kDesired, "release: app-1\n"}}, "Revert\n\nscores jumped");
    world_.Turn();
  }
  static constexpr const char* kDesired = "desired/prod/app.yaml";
  SigningPeople people_{world_};
  std::string before_;  ///< what the revert took back
};

TEST_F(RevertOfARevert, BringsTheBadReleaseBackOnlyThroughItsGates) {
  ASSERT_EQ(world_.Live("prod"), "one") << world_.Status("prod").text;
  people_.Commit(kBob, {{kDesired, before_}}, "Revert the revert\n\nit was the data");
  world_.Turn();
  EXPECT_EQ(world_.Live("prod"), "one") << "the approvals of the first time are used up";
  EXPECT_EQ(Count("prod", "promoted app-2"), 1);
  world_.Ask("approve", "prod", "app-2", kAlice);
  world_.Ask("approve", "prod", "app-2", kCarol);
  EXPECT_EQ(world_.Live("prod"), "two") << world_.Status("prod").text;
  EXPECT_EQ(Count("prod", "promoted app-2"), 2);
}

TEST_F(RevertOfARevert, ThatNobodySignedIsRefused) {
  ASSERT_EQ(world_.Live("prod"), "one") << world_.Status("prod").text;
  // It lifts the exception, which asks a person.
  world_.EditMain({{kDesired, before_}}, "Revert the revert");
  EXPECT_EQ(world_.Live("prod"), "one");
  EXPECT_THAT(world_.Status("prod").text, HasSubstr("may not change except"));
}

TEST_F(RevertOfARevert, IsNoPromotionWhileTheReleaseIsExcepted) {
  ASSERT_EQ(world_.Live("prod"), "one") << world_.Status("prod").text;
  EXPECT_THAT(world_.Ask("promote", "prod", "app-2", kDana, Role::kDeveloper),
              HasSubstr("people excepted it: app-2 is excepted: scores jumped"));
  EXPECT_EQ(world_.Live("prod"), "one");
}

TEST_F(RevertOfARevert, ThatNobodySignedDoesNotLiftWhatAPersonExcepted) {
  people_.Commit(kBob, {{kDesired, before_}}, "Revert the revert\n\nit was the data");
  world_.Turn();
  world_.Ask("approve", "prod", "app-2", kAlice);
  world_.Ask("approve", "prod", "app-2", kCarol);
  ASSERT_EQ(world_.Live("prod"), "two") << world_.Status("prod").text;
  world_.Ask("rollback", "prod", "", kCarol, Role::kApprover, "scores jumped");
  ASSERT_EQ(world_.Live("prod"), "one") << world_.Status("prod").text;
  world_.EditMain({{kDesired, before_}}, "Revert the rollback");
  world_.Ask("approve", "prod", "app-2", kAlice);
  world_.Ask("approve", "prod", "app-2", kBob);
  EXPECT_EQ(world_.Live("prod"), "one");
  EXPECT_EQ(Count("prod", "promoted app-2"), 2);
  EXPECT_EQ(world_.Status("prod").state, "refused") << world_.Status("prod").text;
}

}  // namespace
}  // namespace failgate
