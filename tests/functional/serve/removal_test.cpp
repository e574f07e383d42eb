// An operator takes a project away from an environment: the built program, from outside.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/functional/serve/installation.h"

namespace failgate {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class RemovedProject : public ::testing::Test {
 protected:
  RemovedProject() { world_.Start(); }
  ~RemovedProject() override {
    if (HasFailure()) std::fputs(world_.log().c_str(), stderr);
  }

  std::string Push(const std::string& text) {
    const CommitId head = world_.PushAndTell({"shop", text});
    return world_.AwaitRun("shop", head)["release"].get<std::string>();
  }

  Installation world_{{{"shop", "github", "1h", "", ""}}};
};

TEST_F(RemovedProject, given_a_running_release_when_removed_then_it_goes_and_stays_away) {
  world_.AwaitLive("shop", "recette", Push("one"));
  const CommandResult removed =
      world_.Cli({"remove", "shop", "recette", "-m", "it moved elsewhere"}, "olga");
  ASSERT_EQ(removed.exit_code, 0) << removed.out << removed.err;
  const auto clone = world_.CloneOperations("wanted");
  EXPECT_THAT(ReadFile(clone / "desired/recette/shop.yaml"), HasSubstr("release: none"));
  world_.WaitFor("it is gone", [&] { return world_.Facts("recette/").back() == "removed"; });
  EXPECT_FALSE(std::filesystem::is_symlink(world_.live("recette", "shop")));
  EXPECT_TRUE(std::filesystem::is_empty(world_.folder() / "live/.failgate/shop/recette"));
  const std::string second = Push("two");
  world_.AwaitLive("shop", "dev", second);
  world_.WaitFor("the status says so",
                 [&] { return world_.Status("shop", "recette")["state"] == "nothing"; });
  EXPECT_EQ(world_.Status("shop", "recette")["wanted"], "none");
  EXPECT_TRUE(world_.Status("shop", "recette")["running"].is_null());
  EXPECT_FALSE(std::filesystem::exists(world_.live("recette", "shop")));
  EXPECT_EQ(world_.Cli({"promote", second, "recette"}, "alice").exit_code, 0);
  world_.AwaitLive("shop", "recette", second);
  const CommandResult audit =
      world_.Cli({"audit", "verify", "--repo", world_.CloneOperations("audited").string()}, "");
  EXPECT_EQ(audit.exit_code, 0) << audit.out << audit.err;
}

TEST_F(RemovedProject, given_people_who_may_not_when_they_try_then_everything_stays) {
  world_.AwaitLive("shop", "dev", Push("one"));
  EXPECT_EQ(world_.Cli({"remove", "shop", "dev", "-m", "x"}, "alice").exit_code, 1);
  EXPECT_EQ(world_.Cli({"remove", "shop", "dev"}, "olga").exit_code, 2) << "a reason is needed";
  world_.Push("operations", {{"desired/dev/shop.yaml", "release: none\n"}}, "dana");
  world_.WaitFor("the commit is refused",
                 [&] { return world_.Status("shop", "dev")["state"] == "refused"; });
  EXPECT_THAT(world_.Cli({"why", "shop", "dev"}, "vera").out,
              HasSubstr("failgate remove shop dev -m REASON"));
  EXPECT_THAT(world_.Facts("dev/"), Not(Contains("removed")));
  EXPECT_TRUE(std::filesystem::is_symlink(world_.live("dev", "shop")));
}

}  // namespace
}  // namespace failgate
