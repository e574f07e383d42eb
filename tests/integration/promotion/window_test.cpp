// A promotion that is asked outside of its window goes in when the window opens, and not before.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/promotion/ladder_world.h"

namespace failgate {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string ProdWith(const std::string& window) {
  return "after: recette\npolicy: delivery\ngates:\n  tests: {levels: [unit]}\n  window: " +
         window + "\n";
}

class WindowGateOfALadder : public testing::Test {
 protected:
  /// app-1 runs in recette, prod has the window, and the clock shows `now`.
  void Prepare(const std::string& window, const std::string& now) {
    world_.clock.SetWall(*ParseTime(now));
    world_.EditMain({{"environments/prod/environment.yaml", ProdWith(window)}}, "Add a window");
    world_.PassRun({});
    world_.Turn();
    ASSERT_EQ(world_.Status("recette").running.text(), "app-1");
  }
  [[nodiscard]] GateVerdict Verdict() {
    for (const GateVerdict& verdict : world_.Why("prod").gates) {
      if (verdict.gate == "window") return verdict;
    }
    return {};
  }
  LadderWorld world_;
};

TEST_F(WindowGateOfALadder, WaitsUntilItOpensAndThenGoesInByItself) {
  // A Friday evening in Paris.
  Prepare("{timezone: Europe/Paris, allow: [\"Mon-Thu 09:00-17:00\"]}", "2026-11-27T18:00:00Z");
  EXPECT_THAT(world_.Ask("promote", "prod", "app-1", "alice@example.com"), HasSubstr("accepted"));
  EXPECT_EQ(world_.Status("prod").state, "waiting");
  const TimePoint opens = *ParseTime("2026-11-30T08:00:00Z");
  EXPECT_EQ(Verdict().until, opens);
  EXPECT_EQ(world_.Snapshot()->next_until, opens);
  EXPECT_FALSE(world_.IsDue());
  world_.clock.SetWall(opens - std::chrono::minutes(1));
  EXPECT_FALSE(world_.IsDue());
  world_.Turn();
  EXPECT_EQ(world_.Live("prod"), "");
  world_.clock.SetWall(opens);
  EXPECT_TRUE(world_.IsDue());
  world_.Turn();
  EXPECT_EQ(world_.Live("prod"), "one");
  EXPECT_FALSE(world_.IsDue());
  EXPECT_THAT(world_.Facts("prod"), Contains("deployed app-1"));
  EXPECT_THAT(world_.Audit().problems, IsEmpty());
}

TEST_F(WindowGateOfALadder, WhatIsAskedInTimeIsNotCarriedPastTheClosing) {
  Prepare("{timezone: UTC, allow: [\"09:00-17:00\"]}", "2026-11-27T16:59:00Z");
  world_.clock.SetWall(*ParseTime("2026-11-27T16:59:58Z"));
  // The turn takes two seconds: asked while it is open, applied when it is closed.
  world_.Ask("promote", "prod", "app-1", "alice@example.com");
  EXPECT_EQ(world_.Live("prod"), "");
  EXPECT_EQ(Verdict().verdict, Verdict::kWait);
  EXPECT_THAT(world_.Audit().problems, IsEmpty());
}

TEST_F(WindowGateOfALadder, AZoneThatDoesNotExistIsNamedAndStopsThePromotion) {
  Prepare("{timezone: Europe/Pariss, allow: [\"*\"]}", "2026-11-27T12:00:00Z");
  EXPECT_THAT(world_.Ask("promote", "prod", "app-1", "alice@example.com"),
              HasSubstr("there is no time zone Europe/Pariss"));
  EXPECT_THAT(world_.Facts("prod"), Not(Contains("promoted app-1")));
}

}  // namespace
}  // namespace failgate
