// Who may ask for what, told from outside: tokens made on the host are facts of the log.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "controller/base/text.h"
#include "tests/functional/serve/installation.h"

namespace failgate {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class PeopleOfTheHost : public ::testing::Test {
 protected:
  ~PeopleOfTheHost() override {
    if (HasFailure()) std::fputs(world_.log().c_str(), stderr);
  }
  /// Messages of all facts about people, as stock git finds them; "" before the branch is there.
  std::string Story() {
    const CommandResult log = world_.Run({"git",
                                          "-C",
                                          world_.origin("operations").string(),
                                          "log",
                                          "deploy-log",
                                          "--",
                                          "people.json"},
                                         world_.folder());
    return log.exit_code == 0 ? log.out : "";
  }
  static long Count(const std::string& text, const std::string& part) {
    long count = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
      ++count;
    }
    return count;
  }
  void AwaitFacts(long count) {
    world_.WaitFor("the facts about tokens",
                   [&] { return Count(Story(), "Fact: token-changed") >= count; });
  }

  Installation world_{{{"shop", "github", "1h", "", ""}}};
};

TEST_F(
    PeopleOfTheHost,
    given_tokens_when_made_and_revoked_beside_the_server_then_each_is_one_fact_after_a_kill_too) {
  constexpr long kPeople = 7;
  world_.server_environment.emplace_back("FAILGATE_FAIL_POINT", "owed-pushed");
  world_.Start(false);
  AwaitFacts(kPeople);
  world_.WaitFor("its death", [&] { return !world_.server().running(); });
  world_.Kill();
  world_.server_environment.pop_back();
  world_.Start();
  const CommandResult made = world_.Cli({"token",
                                         "create",
                                         "Gina <gina@example.com>",
                                         "--role",
                                         "viewer",
                                         "--projects",
                                         "shop",
                                         "--config",
                                         world_.config().string()},
                                        "");
  ASSERT_EQ(made.exit_code, 0) << made.err;
  AwaitFacts(kPeople + 1);
  const std::string id = made.err.substr(made.err.find("token ") + 6, 36);
  ASSERT_EQ(world_.Cli({"token", "revoke", id, "--config", world_.config().string()}, "").exit_code,
            0);
  AwaitFacts(kPeople + 2);
  const std::string story = Story();
  EXPECT_EQ(Count(story, "Fact: token-changed"), kPeople + 2) << story;
  EXPECT_THAT(story,
              AllOf(HasSubstr("token created for Gina <gina@example.com>: viewer of shop"),
                    HasSubstr("token revoked for Gina <gina@example.com>"),
                    HasSubstr("Host-user: "),
                    HasSubstr("Token: " + id),
                    Not(HasSubstr(std::string(Trim(made.out))))));
  const CommandResult audit =
      world_.Cli({"audit", "verify", "--repo", world_.CloneOperations("audited").string()}, "");
  EXPECT_EQ(audit.exit_code, 0) << audit.out << audit.err;
}

}  // namespace
}  // namespace failgate
