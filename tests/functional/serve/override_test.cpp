// Break-glass from outside: who may, for how long, and what the log and an auditor see of it.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/functional/serve/installation.h"

namespace failgate {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

class BrokenGlass : public ::testing::Test {
 protected:
  BrokenGlass() {
    std::string recette = LadderFiles().at("environments/recette/environment.yaml");
    recette += "override: {from: [alice@example.com, bob@example.com]}\n";
    world_.Push("operations", {{"environments/recette/environment.yaml", recette}}, "alice");
    world_.Start();
  }
  ~BrokenGlass() override {
    if (HasFailure()) std::fputs(world_.log().c_str(), stderr);
  }
  [[nodiscard]] CommandResult Override(const std::string& person,
                                       const std::string& gate,
                                       const std::string& expires) const {
    return world_.Cli({"override",
                       "shop-1",
                       "recette",
                       "--gate",
                       gate,
                       "--expires",
                       expires,
                       "-m",
                       "the shop is down"},
                      person);
  }

  Installation world_{{{"shop", "github", "1h", "", ""}}};
};

TEST_F(BrokenGlass,
       given_a_gate_that_fails_when_overridden_then_the_release_goes_in_and_it_is_told) {
  SmallProject thin{"shop", "thin"};
  thin.covered_lines = 5;
  world_.AwaitRun("shop", world_.PushAndTell(thin));
  world_.AwaitLive("shop", "dev", "shop-1");
  world_.WaitFor("coverage stops it",
                 [&] { return world_.Status("shop", "recette")["state"] == "blocked"; });
  EXPECT_EQ(Override("carol", "coverage", "2h").exit_code, 1) << "she is not listed";
  EXPECT_EQ(Override("alice", "coverage", "3d").exit_code, 1) << "too long";
  EXPECT_EQ(Override("alice", "tests", "2h").exit_code, 1) << "it passes";
  EXPECT_EQ(world_.Cli({"override", "shop-1", "recette", "--gate", "coverage"}, "alice").exit_code,
            2);
  const CommandResult given = Override("alice", "coverage", "2h");
  ASSERT_EQ(given.exit_code, 0) << given.out << given.err;
  EXPECT_THAT(given.out, HasSubstr("coverage counts as passed for shop-1 in recette once"));
  world_.AwaitLive("shop", "recette", "shop-1");
  EXPECT_THAT(world_.Facts("recette/"), Contains("overridden"));
  const auto clone = world_.CloneOperations("audited");
  EXPECT_THAT(world_.Git(clone, {"log", "origin/deploy-log", "--grep=Fact: overridden"}),
              HasSubstr("Review: asked of bob@example.com"));
  const CommandResult audit = world_.Cli({"audit", "verify", "--repo", clone.string()}, "");
  EXPECT_EQ(audit.exit_code, 0) << audit.out << audit.err;
}

}  // namespace
}  // namespace failgate
