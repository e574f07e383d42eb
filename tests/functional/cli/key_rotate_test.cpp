#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "tests/functional/cli/command_world.h"
#include "tests/integration/deploylog/log_world.h"

namespace failgate {
namespace {

using testing::HasSubstr;

class KeyRotate : public testing::Test {
 protected:
  KeyRotate() {
    world_.Run({"init", "operations", ops_.string()});
    config_ = (ops_ / "server/failgate.yaml").string();
  }
  CommandResult Rotate() { return world_.Run({"key", "rotate", "--config", config_}); }

  CommandWorld world_;
  const std::filesystem::path ops_ = world_.folder() / "ops";
  const std::filesystem::path next_ = ops_ / "server/signing_key.next";
  std::string config_;
};

TEST_F(KeyRotate, given_no_server_when_rotated_then_the_next_key_lies_beside_and_its_line_is_told) {
  const std::string before = ReadFile(ops_ / "server/signing_key");
  const CommandResult result = Rotate();
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("namespaces=\"git\" ssh-ed25519 "));
  EXPECT_NE(result.out, ReadFile(ops_ / "allowed_signers"));
  EXPECT_THAT(result.err, HasSubstr("add the line above to allowed_signers on main"));
  struct stat info = {};
  ASSERT_EQ(::stat(next_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  EXPECT_EQ(ReadFile(ops_ / "server/signing_key"), before) << "it signs until the log says so";
  EXPECT_EQ(world_.Run({"key", "show", "--config", config_}).out,
            ReadFile(ops_ / "allowed_signers"));
}

TEST_F(KeyRotate, given_a_rotation_under_way_when_asked_again_then_it_is_the_same_key) {
  const std::string line = Rotate().out;
  const std::string key = ReadFile(next_);
  const CommandResult again = Rotate();
  EXPECT_EQ(again.code, 0);
  EXPECT_EQ(again.out, line);
  EXPECT_THAT(again.err, HasSubstr("under way already"));
  EXPECT_EQ(ReadFile(next_), key);
}

TEST_F(KeyRotate, given_json_is_asked_when_rotated_then_the_line_is_one_of_its_keys) {
  const CommandResult result =
      world_.Run({"key", "rotate", "--config", config_, "--output", "json"});
  const auto json = nlohmann::json::parse(result.out);
  EXPECT_THAT(json["allowed_signers"].get<std::string>(),
              HasSubstr(json["public_key"].get<std::string>()));
}

TEST_F(KeyRotate, given_a_log_of_another_key_when_the_doctor_looks_then_it_says_so) {
  LogWorld log;
  const auto controller = log.ControllerWithFacts(1);
  const std::filesystem::path mirror = ops_ / "server/data/operations.git";
  std::filesystem::create_directories(mirror.parent_path());
  std::filesystem::copy(
      controller->repository().path(), mirror, std::filesystem::copy_options::recursive);
  const std::string told = world_.Run({"doctor", "--config", config_}).out;
  EXPECT_THAT(told,
              HasSubstr("is not the key that the log is signed with, " + log.key.Fingerprint()));
  EXPECT_THAT(told, HasSubstr("docs/recovery.md"));
  // A rotation that ended, its file left beside the old one.
  std::filesystem::copy(log.folder.path() / "key", next_);
  EXPECT_THAT(world_.Run({"doctor", "--config", config_}).out,
              HasSubstr("warn signing key: the log is signed with " + log.key.Fingerprint()));
  std::filesystem::rename(next_, ops_ / "server/signing_key");
  EXPECT_THAT(world_.Run({"doctor", "--config", config_}).out,
              HasSubstr("ok   signing key: " + log.key.Fingerprint()));
}

TEST_F(KeyRotate, given_no_key_when_rotated_then_nothing_is_made) {
  std::filesystem::remove(ops_ / "server/signing_key");
  EXPECT_EQ(Rotate().code, 1);
  EXPECT_FALSE(std::filesystem::exists(next_));
}

}  // namespace
}  // namespace failgate
