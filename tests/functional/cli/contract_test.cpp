// Every command of the contract is there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/functional/cli/command_world.h"

namespace failgate {
namespace {

using testing::HasSubstr;
using testing::Not;
using Arguments = std::vector<std::string>;

TEST(Contract, given_every_built_command_when_help_is_asked_then_0) {
  CommandWorld world;
  for (Arguments arguments : std::vector<Arguments>{{"init", "operations"},
                                                    {"init", "pipeline"},
                                                    {"serve"},
                                                    {"demo"},
                                                    {"metrics"},
                                                    {"validate"},
                                                    {"doctor"},
                                                    {"key", "show"},
                                                    {"key", "rotate"},
                                                    {"plan"},
                                                    {"hold"},
                                                    {"resume"},
                                                    {"remove"},
                                                    {"override"},
                                                    {"policy", "sign"},
                                                    {"policy", "show"},
                                                    {"policy", "verify"},
                                                    {"advise"},
                                                    {"run"},
                                                    {"sync"},
                                                    {"status"},
                                                    {"releases"},
                                                    {"why"},
                                                    {"diff"},
                                                    {"promote"},
                                                    {"approve"},
                                                    {"reject"},
                                                    {"withdraw"},
                                                    {"rollback"},
                                                    {"retry"},
                                                    {"accept-history"},
                                                    {"log"},
                                                    {"audit", "verify"},
                                                    {"deliveries", "list"},
                                                    {"deliveries", "show"},
                                                    {"deliveries", "replay"},
                                                    {"runs", "list"},
                                                    {"runs", "show"},
                                                    {"runs", "logs"},
                                                    {"runs", "cancel"},
                                                    {"token", "create"},
                                                    {"token", "list"},
                                                    {"token", "revoke"},
                                                    {"hook"}}) {
    arguments.emplace_back("--help");
    const CommandResult result = world.Run(arguments);
    EXPECT_EQ(result.code, 0) << arguments[0];
    EXPECT_THAT(result.out, HasSubstr("--help")) << arguments[0];
    EXPECT_THAT(result.out, Not(HasSubstr("FAILGATE_TOKEN="))) << arguments[0];
  }
}

TEST(Contract, given_wrong_usage_when_called_then_2_and_one_sentence) {
  CommandWorld world;
  const CommandResult typo = world.Run({"statsu"});
  EXPECT_EQ(typo.code, 2);
  EXPECT_THAT(typo.err, HasSubstr("did you mean status?"));
  for (const Arguments& arguments :
       std::vector<Arguments>{{},
                              {"why", "churn"},
                              {"status", "--outptu", "json"},
                              {"status", "--output", "yaml"},
                              {"runs"},
                              {"demo", "--port", "99999"},
                              {"token", "create", "a@b", "--role", "king"}}) {
    const CommandResult result = world.Run(arguments);
    EXPECT_EQ(result.code, 2);
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
  }
}

TEST(Contract, given_serve_and_demo_when_called_then_their_options_arrive) {
  CommandWorld world;
  EXPECT_EQ(world.Run({"serve", "--config", "x.yaml"}).code, 0);
  EXPECT_EQ(world.Run({"demo", "--dir", "/d", "--port", "1234", "--once"}).code, 0);
  ASSERT_EQ(world.served.size(), 1U);
  EXPECT_EQ(world.served[0].config, "x.yaml");
  ASSERT_EQ(world.told.size(), 1U);
  EXPECT_EQ(world.told[0].folder, "/d");
  EXPECT_EQ(world.told[0].port, 1234);
  EXPECT_TRUE(world.told[0].once);
}

TEST(Contract, given_version_when_asked_then_the_programs) {
  CommandWorld world;
  const CommandResult result = world.Run({"--version"});
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.out, testing::StartsWith("failgate "));
}

}  // namespace
}  // namespace failgate
