// The trust anchor from outside: who may push to main does not make policy, an owner's key does.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/base/error.h"
#include "tests/functional/serve/installation.h"

namespace failgate {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;

constexpr const char* kLooseRecette =
    "after: dev\npolicy: deployment\ngates:\n  tests: {levels: [unit]}\n";

class TrustAnchor : public ::testing::Test {
 protected:
  TrustAnchor() {
    Check(world_.Run({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "alice", "-f", key_},
                     world_.folder())
                  .exit_code == 0,
          "ssh-keygen makes a key");
    WriteFileDurably(owners_,
                     "alice@example.com namespaces=\"failgate-policy\" " + ReadFile(key_ + ".pub"));
    world_.WriteServerFile("trust: {owners: {file: owners}}\n");
    for (const auto& [name, value] :
         {std::pair{"user.name", "Alice Martin"}, std::pair{"user.email", "alice@example.com"}}) {
      world_.Git(clone_, {"config", name, value});
    }
  }
  ~TrustAnchor() override {
    if (HasFailure()) std::fputs(world_.log().c_str(), stderr);
  }
  void SignAndPush() {
    const CommandResult result =
        world_.Cli({"policy", "sign", "--key", key_, "--repo", clone_.string()}, "");
    ASSERT_EQ(result.exit_code, 0) << result.out << result.err;
    EXPECT_THAT(result.out, HasSubstr("policy.sig is committed"));
    EXPECT_THAT(result.err, HasSubstr("git push"));
    world_.Git(clone_, {"push", "-q", "origin", "HEAD:refs/heads/main"});
  }
  /// What the controller says of main, once it has seen its head.
  void AwaitRefusal(const CommitId& head) {
    world_.WaitFor("the change is refused", [&] {
      const auto answer = world_.Fetch("/readyz");
      return answer && answer->body.find("policy change at " + head.text().substr(0, 12) +
                                         " is not signed by an owner") != std::string::npos;
    });
  }
  void ReleaseThin() {
    SmallProject thin{"shop", "thin"};
    thin.covered_lines = 5;
    world_.AwaitRun("shop", world_.PushAndTell(thin));
    world_.AwaitLive("shop", "dev", "shop-1");
  }
  void ExpectProven() {
    const auto clone = world_.CloneOperations("audited");
    const CommandResult audit =
        world_.Cli({"audit", "verify", "--repo", clone.string(), "--owners", owners_.string()}, "");
    EXPECT_EQ(audit.exit_code, 0) << audit.out << audit.err;
  }

  Installation world_{{{"shop", "github", "1h", "", ""}}};
  std::filesystem::path clone_ = world_.work("operations");
  std::string key_ = (world_.folder() / "alice_key").string();
  std::filesystem::path owners_ = world_.folder() / "server/owners";
};

TEST_F(TrustAnchor, given_a_push_to_main_without_an_owners_key_when_policy_loosens_then_nothing) {
  SignAndPush();
  world_.Start();
  ReleaseThin();
  world_.WaitFor("coverage stops it",
                 [&] { return world_.Status("shop", "recette")["state"] == "blocked"; });
  const CommitId loose =
      world_.Push("operations", {{"environments/recette/environment.yaml", kLooseRecette}}, "bob");
  AwaitRefusal(loose);
  const CommandResult why = world_.Cli({"why", "shop", "recette"}, "alice");
  EXPECT_THAT(why.out,
              AllOf(HasSubstr("is not signed by an owner"),
                    HasSubstr("coverage"),
                    HasSubstr("failgate policy sign --key KEY")));
  EXPECT_EQ(world_.Status("shop", "recette")["state"], "blocked");
  const CommandResult doctor = world_.Cli({"doctor", "--config", world_.config().string()}, "");
  EXPECT_THAT(doctor.out, HasSubstr("warn policy: policy change at " + loose.text().substr(0, 12)));
  SignAndPush();
  world_.AwaitLive("shop", "recette", "shop-1");
  EXPECT_THAT(world_.Facts("controller.json"),
              AllOf(Contains("refused"), Contains("policy-changed")));
  ExpectProven();
}

TEST_F(TrustAnchor, given_no_signature_at_all_when_a_release_is_made_then_it_goes_nowhere) {
  world_.Start();
  const CommitId head = CommitId(world_.Git(clone_, {"rev-parse", "HEAD"}));
  AwaitRefusal(head);
  world_.AwaitRun("shop", world_.PushAndTell({"shop", "one"}));
  EXPECT_EQ(world_.Status("shop", "dev")["state"], "invalid");
  EXPECT_THAT(world_.Cli({"why", "shop", "dev"}, "alice").out,
              HasSubstr("no policy is in force, nothing is promoted"));
  SignAndPush();
  world_.AwaitLive("shop", "dev", "shop-1");
  ExpectProven();
}

TEST_F(TrustAnchor, given_policy_in_force_when_the_signature_is_deleted_then_it_stays_in_force) {
  SignAndPush();
  world_.Start();
  std::filesystem::remove(clone_ / "policy.sig");
  AwaitRefusal(world_.Push("operations", {}, "bob"));
  world_.AwaitRun("shop", world_.PushAndTell({"shop", "one"}));
  world_.AwaitLive("shop", "recette", "shop-1");
  ExpectProven();
}

TEST_F(TrustAnchor, given_the_command_line_when_policy_is_signed_then_stock_tools_agree) {
  SignAndPush();
  const auto verify = [&] {
    return world_.Cli({"policy", "verify", "--repo", clone_.string(), "--owners", owners_.string()},
                      "");
  };
  EXPECT_EQ(verify().exit_code, 0);
  EXPECT_THAT(verify().out, HasSubstr("signed by alice@example.com"));
  const std::string stock = fmt::format(
      "{{ echo 'failgate-policy-listing 1: what this operations repository lets run, and where'; "
      "git ls-tree -r -z --format='%(objectname) %(objectmode) %(path)' HEAD -- environments "
      "people_signers allowed_signers | tr '\\0' '\\n' | LC_ALL=C sort; }} | ssh-keygen -Y verify "
      "-f {} -I alice@example.com -n failgate-policy -s policy.sig",
      owners_.string());
  const CommandResult checked = world_.Run({"sh", "-c", stock}, clone_);
  EXPECT_EQ(checked.exit_code, 0) << checked.out << checked.err;
  const CommandResult again =
      world_.Cli({"policy", "sign", "--key", key_, "--repo", clone_.string()}, "");
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_THAT(again.out, HasSubstr("nothing to do"));
  WriteFileDurably(clone_ / "environments/recette/extra.sh", "exit 0\n");
  const CommandResult dirty =
      world_.Cli({"policy", "sign", "--key", key_, "--repo", clone_.string()}, "");
  EXPECT_EQ(dirty.exit_code, 1);
  EXPECT_THAT(dirty.out, HasSubstr("environments/recette/extra.sh"));
  static_cast<void>(world_.Push("operations", {}, "bob"));
  EXPECT_EQ(verify().exit_code, 1);
  const CommandResult shown =
      world_.Cli({"policy", "show", "--repo", clone_.string(), "--owners", owners_.string()}, "");
  EXPECT_EQ(shown.exit_code, 0);
  EXPECT_THAT(shown.out,
              AllOf(HasSubstr("added environments/recette/extra.sh"),
                    HasSubstr("is not signed by an owner")));
}

}  // namespace
}  // namespace failgate
