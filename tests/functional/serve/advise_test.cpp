// What the log advises, from the server and from a clone alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/functional/serve/installation.h"

namespace failgate {
namespace {

using ::testing::HasSubstr;

class Advised : public ::testing::Test {
 protected:
  Advised() { world_.Start(); }
  ~Advised() override {
    if (HasFailure()) std::fputs(world_.log().c_str(), stderr);
  }
  Installation world_{{{"shop", "github", "1h", "", ""}}};
};

TEST_F(Advised,
       given_a_link_that_goes_again_and_again_when_asked_then_it_says_so_online_and_offline) {
  world_.AwaitRun("shop", world_.PushAndTell({"shop", "one"}));
  world_.AwaitLive("shop", "dev", "shop-1");
  const CommandResult nothing = world_.Cli({"advise"}, "vera");
  EXPECT_EQ(nothing.exit_code, 0) << nothing.err;
  EXPECT_THAT(nothing.out, HasSubstr("nothing to advise"));
  for (std::size_t healed = 1; healed <= 3; ++healed) {
    std::filesystem::remove(world_.live("dev", "shop"));
    world_.WaitFor("it is healed", [&] {
      const auto facts = world_.Facts("dev/shop.json");
      return static_cast<std::size_t>(std::count(facts.begin(), facts.end(), "healed")) == healed;
    });
  }
  world_.WaitFor("the advice is there", [&] {
    return world_.Cli({"advise", "shop"}, "vera").out.find("drifted 3 times") != std::string::npos;
  });
  const CommandResult online = world_.Cli({"advise", "--output", "json"}, "vera");
  const std::string clone = world_.CloneOperations("advised").string();
  const CommandResult offline = world_.Cli({"advise", "--repo", clone, "--output", "json"}, "");
  EXPECT_EQ(offline.exit_code, 0) << offline.err;
  EXPECT_EQ(online.out, offline.out) << "the same bytes";
  const auto json = Installation::Json::parse(offline.out);
  ASSERT_EQ(json.size(), 1U) << offline.out;
  EXPECT_EQ(json[0]["kind"], "drift");
  EXPECT_EQ(json[0]["environment"], "dev");
  EXPECT_EQ(json[0]["count"], 3);
  EXPECT_EQ(world_.Cli({"advise"}, "").exit_code, 1) << "a token is needed";
}

}  // namespace
}  // namespace failgate
