#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/functional/cli/command_world.h"
#include "tests/integration/deploylog/log_world.h"

namespace failgate {
namespace {

using testing::HasSubstr;

/// A clone of an operations repository with a log of three facts.
class OfflineLog : public testing::Test {
 protected:
  OfflineLog() : log_(log_world_.ControllerWithFacts(2)) {
    log_world_.operations.Commit(
        {{"environments/prod/environment.yaml", "policy: deployment\ngates: none\n"},
         {"environments/prod/churn.yaml",
          "deploy:\n  - name: app\n    directory: {path: /srv/churn, artifacts: [app]}\n"}},
        "Deploy churn");
    log_world_.operations.Push();
    log_world_.Git({"fetch", "-q", "origin"});
    clone_ = log_world_.operations.clone().string();
  }
  nlohmann::json Json(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--output", "json"});
    return nlohmann::json::parse(world_.Run(arguments).out);
  }

  LogWorld log_world_;
  std::unique_ptr<DeployLog> log_;
  CommandWorld world_;
  std::string clone_;
};

TEST_F(OfflineLog, given_a_clone_when_audited_then_it_is_proven) {
  const CommandResult result = world_.Run({"audit", "verify", "--repo", clone_});
  EXPECT_EQ(result.code, 0) << result.out << result.err;
  const auto report = Json({"audit", "verify", "--repo", clone_});
  EXPECT_EQ(report["ok"], true);
  EXPECT_EQ(report["commits"], 3);
}

TEST_F(OfflineLog, given_a_local_branch_that_was_rewritten_when_audited_then_it_is_found) {
  log_world_.Git({"checkout", "-q", "-B", "deploy-log", "origin/deploy-log"});
  log_world_.Git({"commit", "-q", "--amend", "--no-gpg-sign", "-m", "deployed nothing"});
  const CommandResult result = world_.Run({"audit", "verify", "--repo", clone_});
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.out, HasSubstr("unsigned"));
}

TEST_F(OfflineLog, given_another_key_when_audited_then_every_commit_is_foreign) {
  const SigningKey other = SigningKey::Generate(world_.folder() / "other", "other");
  const auto signers = world_.Write("signers", "controller " + other.PublicLine() + "\n");
  const CommandResult result =
      world_.Run({"audit", "verify", "--repo", clone_, "--allowed-signers", signers.string()});
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.out, HasSubstr("foreign-key"));
}

TEST_F(OfflineLog, given_a_commit_that_is_not_in_the_log_when_expected_then_its_end_was_cut_off) {
  const std::string head = log_world_.Git({"rev-parse", "origin/main"});
  const CommandResult result = world_.Run({"audit", "verify", "--repo", clone_, "--expect", head});
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.out, HasSubstr("cut-off"));
  EXPECT_EQ(world_.Run({"audit", "verify", "--repo", clone_, "--expect", "abc"}).code, 2);
}

TEST_F(OfflineLog, given_a_proven_commit_when_audited_since_then_only_what_follows_is_verified) {
  const std::string proven = log_world_.Git({"rev-parse", "origin/deploy-log~1"});
  EXPECT_EQ(Json({"audit", "verify", "--repo", clone_, "--since", proven})["commits"], 1);
  const std::string elsewhere = log_world_.Git({"rev-parse", "origin/main"});
  const CommandResult result =
      world_.Run({"audit", "verify", "--repo", clone_, "--since", elsewhere});
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.out, HasSubstr("cut-off"));
  EXPECT_EQ(world_.Run({"audit", "verify", "--repo", clone_, "--since", "abc"}).code, 2);
}

TEST_F(OfflineLog, given_the_controllers_key_among_peoples_when_audited_then_it_is_foreign) {
  log_world_.operations.Commit({{"people_signers", "alice " + log_world_.key.PublicLine() + "\n"}},
                               "Mistake it for a person's");
  log_world_.operations.Push();
  log_world_.Git({"fetch", "-q", "origin"});
  const CommandResult result = world_.Run({"audit", "verify", "--repo", clone_});
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.out, HasSubstr("a person's key"));
}

TEST_F(OfflineLog, given_a_shallow_clone_when_audited_then_that_is_no_pass) {
  const auto shallow = (world_.folder() / "shallow").string();
  log_world_.Git({"clone",
                  "-q",
                  "--depth=1",
                  "--no-single-branch",
                  "file://" + log_world_.operations.origin().string(),
                  shallow});
  const CommandResult result = world_.Run({"audit", "verify", "--repo", shallow});
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("unshallow"));
}

TEST_F(OfflineLog, given_a_repository_without_a_log_when_audited_then_that_is_no_pass) {
  log_world_.Git({"update-ref", "-d", "refs/remotes/origin/deploy-log"});
  EXPECT_EQ(world_.Run({"audit", "verify", "--repo", clone_}).code, 1);
  EXPECT_EQ(world_.Run({"log", "--repo", clone_}).code, 1);
  EXPECT_EQ(world_.Run({"audit", "verify", "--repo", world_.folder().string()}).code, 1);
}

TEST_F(OfflineLog, given_a_clone_when_the_log_is_read_then_facts_newest_first) {
  const auto entries = Json({"log", "--repo", clone_, "--environment", "prod", "--limit", "1"});
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0]["fact"], "healed");
  EXPECT_THAT(world_.Run({"log", "--repo", clone_}).out, HasSubstr("healed churn-1 in prod"));
}

TEST_F(OfflineLog, given_a_clone_when_status_and_why_are_asked_then_without_a_server) {
  const auto rows = Json({"status", "--repo", clone_});
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0]["project"], "churn");
  EXPECT_EQ(rows[0]["environment"], "prod");
  EXPECT_EQ(Json({"why", "churn", "prod", "--repo", clone_})["environment"], "prod");
  const CommandResult absent = world_.Run({"why", "churn", "dev", "--repo", clone_});
  EXPECT_EQ(absent.code, 1);
  EXPECT_THAT(absent.err, HasSubstr("environments/dev/churn.yaml"));
}

}  // namespace
}  // namespace failgate
