// Carries out docs/without-failgate.md to the letter: its shell blocks are what two people type.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/base/error.h"
#include "controller/base/text.h"
#include "tests/functional/serve/installation.h"

namespace failgate {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

/// The shell blocks below one heading of the page, in order.
std::vector<std::string> BlocksBelow(const std::string& heading) {
  std::vector<std::string> blocks;
  bool below = false;
  bool inside = false;
  for (const std::string& line : Split(ReadFile(FAILGATE_WITHOUT_PAGE), '\n')) {
    if (!inside && line.rfind("## ", 0) == 0) {
      below = line == "## " + heading;
    } else if (below && line == "```sh") {
      inside = true;
      blocks.emplace_back();
    } else if (line == "```") {
      inside = false;
    } else if (below && inside) {
      blocks.back() += line + "\n";
    }
  }
  if (blocks.empty()) throw Error(Remedy::kNeedsChange, "the page has no commands: " + heading);
  return blocks;
}

class WithoutFailgate : public ::testing::Test {
 protected:
  WithoutFailgate() {
    for (const char* who : {"alice", "bob", "auditor"}) {
      std::filesystem::create_directories(world_.folder() / "desk" / who);
      const CommandResult made = world_.Run(
          {"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", KeyOf(who)}, world_.folder());
      EXPECT_EQ(made.exit_code, 0) << made.err;
    }
    const auto work = world_.CloneOperations("ladder");
    std::string environment = ReadFile(work / "environments/prod/environment.yaml");
    environment = environment.substr(0, environment.find("gates:")) +
                  "gates:\n  approvals: {count: 1, from: [alice@example.com, bob@example.com], "
                  "not: [requester], signed: true}\n";
    world_.Push("operations", {{"environments/prod/environment.yaml", environment}}, "olga");
    world_.Start();
    world_.AwaitLive("shop", "recette", Release("one"));
  }
  ~WithoutFailgate() override {
    if (HasFailure()) std::fputs(world_.log().c_str(), stderr);
  }
  std::string Release(const std::string& text) {
    return world_.AwaitRun("shop", world_.PushAndTell({"shop", text}))["release"]
        .get<std::string>();
  }
  std::string KeyOf(const std::string& who) const {
    return (world_.folder() / "desk" / who / "key").string();
  }
  /// What the person sees; fails the test when a command of the block does.
  std::string Type(const std::string& who, const std::string& heading, std::size_t block = 0) {
    const std::string script =
        fmt::format("export OPERATIONS='{}' NAME='{}' EMAIL='{}@example.com' KEY='{}'\n{}",
                    world_.origin("operations").string(),
                    who,
                    who,
                    KeyOf(who),
                    BlocksBelow(heading).at(block));
    const CommandResult result =
        world_.Run({"/bin/sh", "-euc", script}, world_.folder() / "desk" / who);
    EXPECT_EQ(result.exit_code, 0) << heading << ": " << result.out << result.err;
    return result.out + result.err;
  }
  void ListKeys() {
    for (const char* who : {"alice", "bob"}) {
      Type(who, "Begin, each person once");
      Type(who, "List a key, once");
    }
    AwaitMainSeen();
  }
  /// A pass has seen main as it is: keys count for what comes after.
  void AwaitMainSeen() {
    world_.Git(world_.work("operations"), {"pull", "-q", "--ff-only", "origin", "main"});
    const auto marked = world_.Push("operations", {{"desired/recette/.keep", ""}}, "olga");
    const std::string mirror = (world_.folder() / "data").string();
    world_.WaitFor("main is seen", [&] {
      for (const auto& entry : std::filesystem::recursive_directory_iterator(mirror)) {
        const std::string path = entry.path().string();
        if (path.find("refs/failgate/main") != std::string::npos && entry.is_regular_file()) {
          return std::string(Trim(ReadFile(entry.path()))) == marked.text();
        }
      }
      return false;
    });
  }

  Installation world_{{{"shop", "github", "1h", "", ""}}};
};

TEST_F(
    WithoutFailgate,
    given_two_people_with_git_and_ssh_keygen_when_they_follow_the_page_then_it_is_deployed_and_proven) {
  ListKeys();
  Type("alice", "Ask for it (Alice)");
  world_.WaitFor("prod waits for the approval", [&] {
    const auto row = world_.Status("shop", "prod");
    return row.is_object() && row["state"] == "waiting";
  });
  EXPECT_THAT(Type("bob", "Approve it (Bob)"), HasSubstr("Gate: approvals wait"));
  Type("bob", "Approve it (Bob)", 1);
  world_.AwaitLive("shop", "prod", "shop-1");
  EXPECT_THAT(Type("alice", "See what came of it"), HasSubstr("deployed shop-1 to prod"));
  Type("auditor", "Begin, each person once");
  const std::string proof = Type("auditor", "Prove it (an auditor)");
  EXPECT_THAT(proof, HasSubstr("Good \"git\" signature for alice@example.com"));
  EXPECT_THAT(proof, HasSubstr("Good \"failgate-approval\" signature for bob@example.com"));
  const auto clone = world_.CloneOperations("audited");
  const std::string story = world_.Git(clone, {"log", "--format=%B", "origin/deploy-log"});
  EXPECT_THAT(story, HasSubstr("Requested-by: alice <alice@example.com>"));
  EXPECT_THAT(story, HasSubstr("Reason: The sale begins tomorrow"));
  const CommandResult audit = world_.Cli({"audit", "verify", "--repo", clone.string()}, "");
  EXPECT_EQ(audit.exit_code, 0) << audit.out << audit.err;
}

TEST_F(WithoutFailgate,
       given_a_clone_when_bob_signs_with_the_command_line_then_no_server_is_needed) {
  ListKeys();
  Type("alice", "Ask for it (Alice)");
  world_.WaitFor("prod waits", [&] {
    const auto row = world_.Status("shop", "prod");
    return row.is_object() && row["state"] == "waiting";
  });
  const auto desk = world_.folder() / "desk/bob/operations";
  world_.Git(desk, {"pull", "-q", "--ff-only", "origin", "main"});
  world_.Git(desk, {"fetch", "-q", "origin"});
  ASSERT_EQ(world_.Stop(), 0);
  const std::vector<std::string> approve = {
      "approve", "shop-1", "prod", "--repo", desk.string(), "-m", "looked at it", "--sign"};
  const auto with = [&](const std::string& key) {
    std::vector<std::string> arguments = approve;
    arguments.push_back(key);
    return world_.Cli(arguments, "");
  };
  const CommandResult stranger = with(KeyOf("auditor"));
  EXPECT_EQ(stranger.exit_code, 1);
  EXPECT_THAT(stranger.err, HasSubstr("people_signers must list the key"));
  const CommandResult nothing = with((world_.folder() / "no-such-key").string());
  EXPECT_EQ(nothing.exit_code, 1);
  EXPECT_THAT(nothing.err, HasSubstr("ssh-keygen does not sign"));
  const CommandResult result = with(KeyOf("bob"));
  ASSERT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("signed by bob@example.com with SHA256:"));
  EXPECT_THAT(result.out, HasSubstr("push origin HEAD:main"));
  EXPECT_EQ(world_.Git(desk, {"log", "-1", "--format=%an %s%n%b"}),
            "bob Approve shop-1 for prod\nlooked at it");
  EXPECT_EQ(world_.Git(desk, {"status", "--porcelain"}), "");
  world_.Git(desk, {"push", "-q", "origin", "HEAD:main"});
  world_.Start();
  world_.AwaitLive("shop", "prod", "shop-1");
}

}  // namespace
}  // namespace failgate
