// People stop automation and let it go on: the built program, from outside.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/functional/serve/installation.h"

namespace failgate {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class HeldEnvironment : public ::testing::Test {
 protected:
  HeldEnvironment() { world_.Start(); }
  ~HeldEnvironment() override {
    if (HasFailure()) std::fputs(world_.log().c_str(), stderr);
  }

  std::string Push(const std::string& text) {
    const CommitId head = world_.PushAndTell({"shop", text});
    const auto run = world_.AwaitRun("shop", head);
    return run["release"].get<std::string>();
  }
  std::string StateOf(const std::string& environment) {
    const auto status = world_.Status("shop", environment);
    return status.is_object() ? status["state"].get<std::string>() : "";
  }
  void ExpectProven() {
    const auto clone = world_.CloneOperations("audited");
    const CommandResult audit = world_.Cli({"audit", "verify", "--repo", clone.string()}, "");
    EXPECT_EQ(audit.exit_code, 0) << audit.out << audit.err;
  }

  Installation world_{{{"shop", "github", "1h", "", ""}}};
};

TEST_F(HeldEnvironment, given_a_hold_when_a_release_comes_then_it_stays_out_until_resume) {
  world_.AwaitLive("shop", "recette", Push("one"));
  const CommandResult hold =
      world_.Cli({"hold", "shop", "recette", "-m", "the fair", "--until", "2d"}, "alice");
  ASSERT_EQ(hold.exit_code, 0) << hold.out << hold.err;
  const auto clone = world_.CloneOperations("held");
  EXPECT_THAT(ReadFile(clone / "desired/recette/shop.yaml"),
              HasSubstr("hold: {reason: \"the fair\""));
  EXPECT_THAT(world_.Git(clone, {"log", "-1", "--format=%an", "--", "desired/recette/shop.yaml"}),
              HasSubstr("Alice Martin"));
  const std::string second = Push("two");
  world_.AwaitLive("shop", "dev", second);
  world_.WaitFor("recette is held", [&] { return StateOf("recette") == "held"; });
  const CommandResult why = world_.Cli({"why", "shop", "recette"}, "vera");
  EXPECT_THAT(
      why.out,
      AllOf(HasSubstr("held by Alice Martin"), HasSubstr("the fair"), HasSubstr(" until ")));
  EXPECT_THAT(why.out.substr(why.out.find("next:")), HasSubstr("failgate resume shop recette"));
  const CommandResult status = world_.Cli({"status", "shop"}, "vera");
  EXPECT_THAT(status.out, AllOf(HasSubstr("held"), HasSubstr("failgate resume shop recette")));
  const CommandResult offline = world_.Cli(
      {"why", "shop", "recette", "--repo", world_.CloneOperations("asked").string()}, "");
  EXPECT_THAT(offline.out, HasSubstr("held by Alice Martin"));
  EXPECT_EQ(world_.Status("shop", "recette")["running"], "shop-1");
  EXPECT_EQ(world_.Cli({"resume", "shop", "recette", "-m", "over"}, "bob").exit_code, 0);
  world_.AwaitLive("shop", "recette", second);
  EXPECT_THAT(world_.Facts("recette/"), AllOf(Contains("held"), Contains("resumed")));
  ExpectProven();
}

TEST_F(HeldEnvironment, given_a_hold_with_an_end_when_it_passes_then_automation_goes_on_by_itself) {
  world_.AwaitLive("shop", "recette", Push("one"));
  ASSERT_EQ(
      world_.Cli({"hold", "shop", "recette", "-m", "a moment", "--until", "8s"}, "alice").exit_code,
      0);
  const std::string second = Push("two");
  world_.AwaitLive("shop", "recette", second);
  EXPECT_THAT(world_.Facts("recette/"), AllOf(Contains("held"), Contains("resumed")));
  ExpectProven();
}

TEST_F(HeldEnvironment,
       given_healing_off_when_the_link_goes_then_it_is_told_and_left_after_a_kill) {
  world_.AwaitLive("shop", "dev", Push("one"));
  const CommandResult hold =
      world_.Cli({"hold", "shop", "dev", "-m", "we look at it", "--healing", "off"}, "alice");
  ASSERT_EQ(hold.exit_code, 0) << hold.err;
  world_.WaitFor("dev is held", [&] { return StateOf("dev") == "held"; });
  world_.Kill();
  std::filesystem::remove(world_.live("dev", "shop"));
  world_.Start();
  world_.WaitFor("the drift is told",
                 [&] { return world_.Status("shop", "dev")["drift"] == "drifted"; });
  EXPECT_FALSE(std::filesystem::exists(world_.live("dev", "shop")));
  EXPECT_EQ(StateOf("dev"), "held");
  ASSERT_EQ(world_.Cli({"resume", "shop", "dev"}, "alice").exit_code, 0);
  world_.WaitFor("it is repaired",
                 [&] { return std::filesystem::exists(world_.live("dev", "shop")); });
  ExpectProven();
}

TEST_F(HeldEnvironment, given_people_who_may_not_hold_when_they_try_then_nothing_is_held) {
  world_.AwaitLive("shop", "dev", Push("one"));
  EXPECT_EQ(world_.Cli({"hold", "shop", "dev", "-m", "x"}, "dana").exit_code, 1);
  EXPECT_EQ(world_.Cli({"hold", "shop", "dev"}, "alice").exit_code, 2) << "a reason is needed";
  EXPECT_EQ(world_.Cli({"hold", "shop", "dev", "-m", "x", "--until", "soon"}, "alice").exit_code,
            1);
  const CommitId head =
      world_.Push("operations", {{"desired/dev/shop.yaml", "hold: {reason: mine}\n"}}, "dana");
  world_.WaitFor("the commit is refused", [&] { return StateOf("dev") == "refused"; });
  EXPECT_THAT(world_.Cli({"why", "shop", "dev"}, "vera").out,
              HasSubstr("failgate hold shop dev -m REASON"));
  EXPECT_THAT(world_.Facts("dev/"), AllOf(Contains("refused"), Not(Contains("held"))));
  EXPECT_FALSE(head.empty());
}

}  // namespace
}  // namespace failgate
