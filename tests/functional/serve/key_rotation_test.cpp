// The signing key changes under a running server, and the whole log is proven by who knows the
// first key alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/functional/serve/installation.h"

namespace failgate {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

class KeyRotation : public ::testing::Test {
 protected:
  ~KeyRotation() override {
    if (HasFailure()) std::fputs(world_.log().c_str(), stderr);
  }
  CommandResult Rotate() {
    return world_.Cli({"key", "rotate", "--config", world_.config().string()}, "");
  }
  void AwaitRotation() {
    world_.WaitFor("the log tells of the new key", [&] {
      const auto facts = world_.Facts("controller.json");
      return std::count(facts.begin(), facts.end(), "key-rotated") == 1;
    });
  }
  void AwaitRecette(const std::string& text) {
    const auto run = world_.AwaitRun("shop", world_.PushAndTell({"shop", text}));
    world_.AwaitLive("shop", "recette", run["release"].get<std::string>());
  }
  void ExpectProven(const std::string& clone) {
    const CommandResult audit =
        world_.Cli({"audit", "verify", "--repo", world_.CloneOperations(clone).string()}, "");
    EXPECT_EQ(audit.exit_code, 0) << audit.out << audit.err;
  }

  Installation world_{{{"shop", "github", "1h", "", ""}}};
};

TEST_F(KeyRotation, given_a_running_server_when_rotated_then_new_facts_are_signed_by_the_new_key) {
  world_.Start();
  AwaitRecette("first");
  const CommandResult rotated = Rotate();
  ASSERT_EQ(rotated.exit_code, 0) << rotated.err;
  AwaitRotation();
  AwaitRecette("second");
  ExpectProven("clone");
  // Stock git needs the printed line beside the old one.
  const auto clone = world_.folder() / "clone";
  const auto signers = world_.folder() / "signers";
  WriteFileDurably(signers, ReadFile(clone / "allowed_signers") + rotated.out);
  world_.Git(clone,
             {"-c",
              "gpg.ssh.allowedSignersFile=" + signers.string(),
              "verify-commit",
              "origin/deploy-log"});
  EXPECT_EQ(world_.Stop(), 0);
  world_.Start();
  AwaitRecette("third");
  ExpectProven("later");
}

TEST_F(KeyRotation, given_a_stopped_server_when_rotated_then_its_next_start_does_it) {
  world_.Start();
  AwaitRecette("first");
  world_.Kill();
  ASSERT_EQ(Rotate().exit_code, 0);
  world_.Start();
  AwaitRotation();
  AwaitRecette("second");
  ExpectProven("clone");
}

}  // namespace
}  // namespace failgate
