// What must fail: each test is a person with less than it takes, who tries to get into prod, to
// forge a fact or to speak in another's name.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "controller/base/text.h"
#include "tests/functional/serve/installation.h"

namespace failgate {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class CannotDeploy : public ::testing::Test {
 protected:
  CannotDeploy() {
    world_.Start();
    world_.AwaitLive("shop", "recette", Release("one"));
    world_.TakeToProd("shop", "shop-1");
    world_.AwaitLive("shop", "recette", Release("two"));
  }
  ~CannotDeploy() override {
    if (HasFailure()) std::fputs(world_.log().c_str(), stderr);
  }
  std::string Release(const std::string& text) {
    return world_.AwaitRun("shop", world_.PushAndTell({"shop", text}))["release"]
        .get<std::string>();
  }
  void PushToMain(const Files& files, const std::string& person) {
    world_.Git(world_.work("operations"), {"pull", "-q", "--ff-only", "origin", "main"});
    world_.Push("operations", files, person);
  }
  std::string Story() {
    const auto clone = world_.CloneOperations("story-" + std::to_string(++clones_));
    return world_.Git(clone, {"log", "--format=%B", "origin/deploy-log"});
  }
  long Count(const std::string& line) {
    const std::string story = Story();
    const auto lines = Split(story, '\n');
    return std::count(lines.begin(), lines.end(), line);
  }
  void AwaitRefused(long number) {
    world_.WaitFor("it is refused", [&] { return Count("Fact: refused") >= number; });
  }
  /// shop-1 runs in prod since the beginning, and the books are right.
  void ExpectUntouched() {
    EXPECT_EQ(world_.Status("shop", "prod")["running"], "shop-1");
    const auto facts = world_.Facts("prod/");
    EXPECT_EQ(std::count(facts.begin(), facts.end(), "promoted"), 1);
    EXPECT_EQ(std::count(facts.begin(), facts.end(), "approved"), 2);
    const auto clone = world_.CloneOperations("audit-" + std::to_string(++clones_));
    const CommandResult audit = world_.Cli({"audit", "verify", "--repo", clone.string()}, "");
    EXPECT_EQ(audit.exit_code, 0) << audit.out << audit.err;
  }

  Installation world_{{{"shop", "github", "1h", "", ""}}};
  int clones_ = 0;
};

TEST_F(CannotDeploy,
       given_a_push_to_a_source_when_its_files_and_message_claim_everything_then_prod_stays) {
  Files files = FilesOf({"shop", "three"});
  files["desired/prod/shop.yaml"] = "release: shop-3\n";
  files["environments/prod/environment.yaml"] = "policy: deployment\ngates: none\n";
  files["approvals/prod/shop-3/alice@example.com.yaml"] = "verdict: approve\n";
  files["people_signers"] = "alice@example.com ssh-ed25519 AAAA\n";
  const CommitId head = world_.Push("shop", files, "dana");
  ASSERT_EQ(world_.SendWebhook("shop", head)->status, 202);
  world_.AwaitLive("shop", "recette", world_.AwaitRun("shop", head)["release"]);
  ExpectUntouched();
}

TEST_F(
    CannotDeploy,
    given_a_push_to_main_without_a_listed_key_when_it_asks_for_a_way_back_a_hold_or_an_approval_then_it_is_refused) {
  const CommandResult made =
      world_.Run({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "eve"}, world_.folder());
  ASSERT_EQ(made.exit_code, 0) << made.err;
  const std::string key = (world_.folder() / "eve").string();
  const std::string digest =
      world_
          .Run(
              {"/bin/sh", "-c", "git show origin/deploy-log:releases/shop/shop-2.json | sha256sum"},
              world_.CloneOperations("of-eve"))
          .out.substr(0, 64);
  // Her own file in Alice's name, rightly signed with her own key.
  const std::string path = "approvals/prod/shop-2/alice@example.com.yaml";
  const std::string approval = "environment: prod\nrelease: shop-2\nrecord: sha256:" + digest +
                               "\nverdict: approve\nexpires: 2099-01-01T00:00:00Z\n";
  WriteFileDurably(world_.folder() / "file", approval);
  ASSERT_EQ(
      world_
          .Run({"ssh-keygen", "-q", "-Y", "sign", "-f", key, "-n", "failgate-approval", "file"},
               world_.folder())
          .exit_code,
      0);
  PushToMain({{path, approval}, {path + ".sig", ReadFile(world_.folder() / "file.sig")}}, "alice");
  AwaitRefused(1);
  EXPECT_THAT(Story(), HasSubstr("which is no allowed key"));
  PushToMain({{"desired/prod/shop.yaml", "release: shop-1\nhold: {reason: x}\n"}}, "alice");
  AwaitRefused(2);
  PushToMain({{"desired/prod/shop.yaml", "release: none\n"}}, "alice");
  AwaitRefused(3);
  PushToMain({{"desired/prod/shop.yaml", "release: shop-2\n"}}, "alice");
  world_.WaitFor("prod waits for approvals",
                 [&] { return world_.Status("shop", "prod")["state"] == "waiting"; });
  EXPECT_THAT(Story(), Not(HasSubstr("Via: commit\nRequested-by: Alice")));
  ExpectUntouched();
}

TEST_F(
    CannotDeploy,
    given_a_developers_token_when_it_approves_rolls_back_holds_or_overrides_then_it_is_forbidden) {
  ASSERT_EQ(world_.Cli({"promote", "shop-2", "prod"}, "dana").exit_code, 0);
  const std::vector<std::vector<std::string>> commands = {
      {"approve", "shop-2", "prod"},
      {"reject", "shop-2", "prod"},
      {"rollback", "shop", "prod", "-m", "x"},
      {"hold", "shop", "prod", "-m", "x"},
      {"resume", "shop", "prod"},
      {"retry", "shop", "prod"},
      {"remove", "shop", "prod", "-m", "x"},
      {"override", "shop-2", "prod", "--gate", "approvals", "--expires", "1h", "-m", "x"}};
  for (const auto& command : commands) {
    const CommandResult result = world_.Cli(command, "dana");
    EXPECT_NE(result.exit_code, 0) << command[0];
    EXPECT_THAT(result.err, HasSubstr("role")) << command[0];
  }
  ExpectUntouched();
}

TEST_F(CannotDeploy,
       given_a_stolen_webhook_secret_when_deliveries_are_forged_then_only_the_remotes_head_counts) {
  const CommitId forged(std::string(40, 'a'));
  ASSERT_EQ(world_.SendWebhook("shop", forged)->status, 202);
  ASSERT_EQ(world_.SendWebhook("operations", forged)->status, 202);
  const CommitId other = world_.Push("shop", FilesOf({"shop", "aside"}), "dana", "aside");
  ASSERT_EQ(world_.SendWebhook("shop", other)->status, 202);
  world_.AwaitLive("shop", "recette", Release("three"));
  EXPECT_TRUE(world_.RunsOf("shop", forged).empty());
  EXPECT_TRUE(world_.RunsOf("shop", other).empty());
  EXPECT_THAT(Story(), Not(HasSubstr(forged.text())));
  ExpectUntouched();
}

TEST_F(CannotDeploy,
       given_text_that_looks_like_facts_when_it_stands_in_reasons_and_names_then_it_stays_text) {
  const std::string text =
      "x\nFact: approved\nApproved-by: Carol Weber <carol@example.com>\n\nResult: success";
  EXPECT_EQ(world_.Cli({"promote", "shop-2", "prod", "-m", text}, "dana").exit_code, 0);
  EXPECT_EQ(world_.Cli({"reject", "shop-2", "prod", "-m", text}, "alice").exit_code, 0);
  EXPECT_EQ(world_.Cli({"withdraw", "shop-2", "prod", "-m", text}, "alice").exit_code, 0);
  EXPECT_EQ(world_.Cli({"hold", "shop", "prod", "-m", text}, "bob").exit_code, 0);
  world_.WaitFor("it is held", [&] { return Count("Fact: held") == 1; });
  // Also the name of who commits, and a commit's own words.
  const auto work = world_.CloneOperations("named");
  WriteFileDurably(work / "desired/prod/shop.yaml", "release: shop-1\n");
  world_.Git(work, {"add", "-A"});
  world_.Git(work,
             {"-c",
              "user.name=Alice Martin",
              "-c",
              "user.email=alice@example.com",
              "commit",
              "-q",
              "-m",
              "Back\n\nRequest: 0193\nRequest-Kind: rollback\nReason: x\nVia: api"});
  world_.Git(work, {"push", "-q", "origin", "HEAD:main"});
  AwaitRefused(1);
  EXPECT_EQ(Count("Fact: approved"), 2);
  ExpectUntouched();
}

}  // namespace
}  // namespace failgate
