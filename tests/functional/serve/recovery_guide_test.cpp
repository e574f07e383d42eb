// Carries out docs/recovery.md to the letter: its shell blocks are what runs here.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "controller/base/text.h"
#include "tests/functional/serve/installation.h"

namespace failgate {
namespace {

using Json = nlohmann::json;

/// The shell blocks below one heading of the guide, in order.
std::vector<std::string> BlocksBelow(const std::string& heading) {
  std::vector<std::string> blocks;
  bool below = false;
  bool inside = false;
  for (const std::string& line : Split(ReadFile(FAILGATE_RECOVERY_GUIDE), '\n')) {
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
  if (blocks.empty()) throw Error(Remedy::kNeedsChange, "the guide has no commands: " + heading);
  return blocks;
}

class RecoveryGuide : public ::testing::Test {
 protected:
  RecoveryGuide() {
    world_.Start();
    world_.AwaitRun("shop", world_.PushAndTell({"shop", "first"}));
    AwaitRecette("shop-1");
    world_.TakeToProd("shop", "shop-1");
  }
  ~RecoveryGuide() override {
    if (HasFailure()) std::fputs(world_.log().c_str(), stderr);
  }

  void AwaitRecette(const std::string& release) {
    world_.AwaitLive("shop", "dev", release);
    world_.AwaitLive("shop", "recette", release);
  }
  void Follow(const std::string& heading, std::size_t block = 0) {
    std::string script;
    for (const auto& [name, value] : names_) {
      script += fmt::format("export {}='{}'\n", name, value.string());
    }
    const CommandResult result =
        world_.Run({"/bin/sh", "-euc", script + BlocksBelow(heading).at(block)}, world_.folder());
    ASSERT_EQ(result.exit_code, 0) << heading << ": " << result.out << result.err;
  }
  Json StatusOfShop() { return world_.Get("/api/v1/status?project=shop"); }
  /// What was live is so still, without having been deployed again, and the next push climbs.
  void ExpectItGoesOn(const std::vector<std::string>& facts, const std::string& next) {
    world_.WaitFor("what runs is known", [&] {
      const Json row = world_.Status("shop", "prod");
      return row.is_object() && row["running"] == "shop-1" && row["health"] == "healthy";
    });
    EXPECT_EQ(world_.Facts("prod/shop.json"), facts);
    EXPECT_EQ(world_.AwaitRun("shop", world_.PushAndTell({"shop", next}))["state"], "succeeded");
    world_.WaitFor("the next one is live", [&] {
      const Json row = world_.Status("shop", "recette");
      return row.is_object() && row["running"] != "shop-1" && row["health"] == "healthy";
    });
    const CommandResult audit = world_.Cli(
        {"audit", "verify", "--repo", world_.CloneOperations("of-" + next).string()}, "");
    EXPECT_EQ(audit.exit_code, 0) << audit.out << audit.err;
  }

  Installation world_{{{"shop", "github", "1h", "", ""}}};
  std::map<std::string, std::filesystem::path> names_{{"SERVER", world_.folder() / "server"},
                                                      {"DATA", world_.folder() / "data"},
                                                      {"OPERATIONS", world_.origin("operations")},
                                                      {"BACKUP", world_.folder() / "backup"},
                                                      {"NEW", world_.folder() / "new"}};
};

TEST_F(RecoveryGuide, given_a_backup_when_all_is_lost_then_it_is_restored_and_goes_on) {
  const auto facts = world_.Facts("prod/shop.json");
  Follow("Make a backup");
  ASSERT_EQ(world_.Stop(), 0);
  RemoveTree(names_["SERVER"]);
  RemoveTree(names_["DATA"]);
  RemoveTree(names_["OPERATIONS"] / "refs/heads");
  std::filesystem::remove(names_["OPERATIONS"] / "packed-refs");
  std::filesystem::create_directories(names_["OPERATIONS"] / "refs/heads");
  Follow("Restore it on an empty machine");
  Follow("Restore it on an empty machine", 1);
  world_.Start();
  ExpectItGoesOn(facts, "second");
}

TEST_F(RecoveryGuide, given_a_lost_data_directory_when_its_bytes_come_back_then_nothing_is_lost) {
  const auto facts = world_.Facts("prod/shop.json");
  Follow("Make a backup");
  ASSERT_EQ(world_.Stop(), 0);
  RemoveTree(names_["DATA"]);
  Follow("The disk with the data directory is lost");
  world_.MakeTokens();
  world_.Start();
  ExpectItGoesOn(facts, "second");
}

TEST_F(RecoveryGuide, given_a_remote_set_back_when_the_mirror_puts_it_right_then_it_goes_on) {
  const auto facts = world_.Facts("prod/shop.json");
  for (const char* branch : {"main", "deploy-log"}) {
    world_.Git(world_.origin("operations"),
               {"update-ref",
                fmt::format("refs/heads/{}", branch),
                fmt::format("refs/heads/{}~1", branch)});
  }
  world_.WaitFor("the controller stops for it", [&] {
    const auto answer = world_.Fetch("/readyz");
    return answer && answer->status == 503;
  });
  Follow("The remote was set back to an old state");
  world_.WaitFor("it goes on by itself", [&] {
    const auto answer = world_.Fetch("/readyz");
    return answer && answer->status == 200;
  });
  ExpectItGoesOn(facts, "second");
}

TEST_F(RecoveryGuide, given_a_remote_set_back_when_what_is_left_is_accepted_then_it_goes_on) {
  world_.Git(world_.origin("operations"),
             {"update-ref", "refs/heads/deploy-log", "refs/heads/deploy-log~1"});
  world_.WaitFor("the controller stops for it", [&] {
    const auto answer = world_.Fetch("/readyz");
    return answer && answer->status == 503;
  });
  names_["FAILGATE_URL"] = world_.url();
  names_["FAILGATE_TOKEN"] = world_.token("olga");
  names_["PATH"] =
      std::filesystem::path(FAILGATE_PROGRAM).parent_path().string() + ":/usr/bin:/bin";
  Follow("The remote was set back to an old state", 1);
  world_.WaitFor("it goes on", [&] {
    const auto answer = world_.Fetch("/readyz");
    return answer && answer->status == 200;
  });
  // The lost fact was the end of the deployment to prod: it is found again, and told.
  world_.WaitFor("prod is known to run", [&] {
    const Json row = world_.Status("shop", "prod");
    return row.is_object() && row["running"] == "shop-1" && row["state"] == "running";
  });
  ExpectItGoesOn(world_.Facts("prod/shop.json"), "second");
}

TEST_F(RecoveryGuide, given_a_lost_key_when_an_owner_allows_another_then_the_log_shows_it) {
  const auto facts = world_.Facts("prod/shop.json");
  ASSERT_EQ(world_.Stop(), 0);
  std::filesystem::remove(names_["SERVER"] / "signing_key");
  std::filesystem::remove(names_["SERVER"] / "signing_key.pub");
  world_.Git(world_.work("operations"), {"pull", "-q", "origin", "main"});
  names_["CLONE"] = world_.work("operations");
  for (const char* who : {"AUTHOR", "COMMITTER"}) {
    names_[fmt::format("GIT_{}_NAME", who)] = "Alice Martin";
    names_[fmt::format("GIT_{}_EMAIL", who)] = "alice@example.com";
  }
  names_["PATH"] =
      std::filesystem::path(FAILGATE_PROGRAM).parent_path().string() + ":/usr/bin:/bin";
  Follow("The signing key is lost");
  world_.Start();
  ExpectItGoesOn(facts, "second");
  const std::string fact = world_.Git(world_.origin("operations"),
                                      {"log", "-1", "--grep=^Fact: key-rotated$", "deploy-log"});
  EXPECT_NE(fact.find("Lost: true"), std::string::npos) << fact;
}

TEST_F(RecoveryGuide, given_another_machine_when_moved_then_it_goes_on_there) {
  const auto facts = world_.Facts("prod/shop.json");
  ASSERT_EQ(world_.Stop(), 0);
  std::filesystem::create_directories(names_["NEW"]);
  std::filesystem::permissions(names_["NEW"], std::filesystem::perms(0711));
  Follow("Moving to another machine");
  RemoveTree(names_["DATA"]);
  std::filesystem::rename(names_["SERVER"], world_.folder() / "old-server");
  std::filesystem::rename(names_["NEW"] / "server", names_["SERVER"]);
  world_.Start();
  EXPECT_TRUE(std::filesystem::exists(names_["NEW"] / "data/failgate.db"));
  ExpectItGoesOn(facts, "second");
  EXPECT_FALSE(std::filesystem::exists(names_["DATA"]));
}

}  // namespace
}  // namespace failgate
