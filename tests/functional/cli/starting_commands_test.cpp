#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "tests/functional/cli/command_world.h"
#include "tests/support/git_world.h"

namespace failgate {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

mode_t ModeOf(const std::filesystem::path& path) {
  struct stat info = {};
  EXPECT_EQ(stat(path.c_str(), &info), 0) << path;
  return info.st_mode & 0777U;
}

class StartingCommands : public testing::Test {
 protected:
  CommandWorld world_;
};

TEST_F(StartingCommands, given_a_new_folder_when_operations_are_laid_down_then_all_of_it_works) {
  const std::filesystem::path ops = world_.folder() / "ops";
  const CommandResult init = world_.Run({"init", "operations", ops.string()});
  ASSERT_EQ(init.code, 0) << init.err;
  EXPECT_THAT(init.out, HasSubstr("3. "));
  EXPECT_EQ(ModeOf(ops / "server/signing_key"), 0600U);
  EXPECT_EQ(ModeOf(ops / "server/example-hook-secret"), 0600U);
  const CommandResult valid = world_.Run({"validate", ops.string()});
  EXPECT_EQ(valid.code, 0) << valid.out << valid.err;
  EXPECT_THAT(valid.out, HasSubstr("dev > recette > prod"));
  EXPECT_THAT(valid.out, HasSubstr("server file"));
  GitProgram git(world_.folder() / "home");
  EXPECT_EQ(git.Run(ops, {"status", "--porcelain"}), "");
  EXPECT_EQ(git.Run(ops, {"ls-tree", "-r", "--name-only", "main", "server"}), "");
  EXPECT_EQ(git.Run(ops, {"rev-parse", "main"}),
            git.Run(ops / "server/git/operations.git", {"rev-parse", "main"}));
  const auto rows =
      nlohmann::json::parse(world_.Run({"status", "--repo", ops.string(), "--output", "json"}).out);
  EXPECT_EQ(rows.size(), 3U);
  const CommandResult key =
      world_.Run({"key", "show", "--config", (ops / "server/failgate.yaml").string()});
  EXPECT_EQ(key.code, 0);
  EXPECT_EQ(key.out, ReadFile(ops / "allowed_signers"));
}

TEST_F(StartingCommands,
       given_a_folder_with_something_in_it_when_laid_down_then_nothing_is_touched) {
  world_.Write("ops/mine", "x");
  const CommandResult result =
      world_.Run({"init", "operations", (world_.folder() / "ops").string()});
  EXPECT_EQ(result.code, 1);
  EXPECT_FALSE(std::filesystem::exists(world_.folder() / "ops/server"));
  EXPECT_EQ(world_.Run({"init", "operations", (world_.folder() / "with blank").string()}).code, 2);
}

TEST_F(StartingCommands, given_a_python_project_when_a_pipeline_is_laid_down_then_it_is_valid) {
  world_.Write("Churn Model/train.py", "");
  const std::string folder = (world_.folder() / "Churn Model").string();
  const CommandResult init = world_.Run({"init", "pipeline", folder});
  EXPECT_EQ(init.code, 0) << init.err;
  EXPECT_THAT(init.out, HasSubstr("project churn-model (python)"));
  EXPECT_EQ(world_.Run({"validate", folder}).code, 0);
  EXPECT_EQ(world_.Run({"init", "pipeline", folder}).code, 1);
  EXPECT_EQ(world_.Run({"init", "pipeline", folder + "/absent"}).code, 2);
}

TEST_F(StartingCommands, given_a_broken_file_when_validated_then_2_and_its_place) {
  const auto file = world_.Write("failgate.yaml", "project: churn\nstep: []\n");
  const CommandResult result = world_.Run({"validate", file.string()});
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.out, HasSubstr(file.string() + ":2:1: "));
  const auto problems =
      nlohmann::json::parse(world_.Run({"validate", file.string(), "--output", "json"}).out);
  ASSERT_FALSE(problems.empty());
  EXPECT_EQ(problems[0]["line"], 1);
}

class Plan : public StartingCommands {
 protected:
  Plan() : source_(world_.folder(), "churn") {
    source_.Commit({{"failgate.yaml",
                     "project: churn\n"
                     "triggers:\n"
                     "  code: {branches: [main], ignore: [\"docs/**\"]}\n"
                     "  data: {paths: [\"data/**\"]}\n"
                     "steps:\n"
                     "  - {name: train, level: train, run: make, training: {code: degraded}}\n"
                     "  - {name: unit, level: unit, run: make test}\n"},
                    {"data/train.csv", "1\n"}},
                   "Begin");
    source_.Commit({{"train.py", "print(1)\n"}}, "Train");
  }
  nlohmann::json PlanOf(std::vector<std::string> more) {
    std::vector<std::string> arguments{
        "plan", "--repo", source_.clone().string(), "--output", "json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const CommandResult result = world_.Run(arguments);
    EXPECT_EQ(result.code, 0) << result.err;
    return nlohmann::json::parse(result.out);
  }
  GitWorld source_;
};

TEST_F(Plan, given_a_code_commit_when_planned_then_steps_by_rank_and_a_degraded_training) {
  const auto plan = PlanOf({});
  EXPECT_EQ(plan["kind"], "code");
  EXPECT_EQ(plan["ref"], "refs/heads/main");
  EXPECT_EQ(plan["training"], "degraded");
  ASSERT_EQ(plan["steps"].size(), 2U);
  EXPECT_EQ(plan["steps"][0]["name"], "unit");
  EXPECT_EQ(plan["steps"][1]["training"], "degraded");
}

TEST_F(Plan, given_a_data_file_when_it_would_change_then_a_data_push_with_full_training) {
  const auto plan = PlanOf({"--file", "data/train.csv"});
  EXPECT_EQ(plan["kind"], "data");
  EXPECT_EQ(plan["training"], "full");
  EXPECT_EQ(PlanOf({"--file", "docs/x.md"})["kind"], "nothing");
}

TEST_F(Plan, given_revisions_in_gits_words_when_planned_then_they_are_understood) {
  EXPECT_EQ(PlanOf({"--revision", "HEAD~1"})["kind"], "code");
  EXPECT_EQ(PlanOf({"--revision", "main"})["ref"], "refs/heads/main");
  const std::string repository = source_.clone().string();
  EXPECT_EQ(world_.Run({"plan", "--repo", repository, "--revision", "absent"}).code, 2);
  EXPECT_EQ(world_.Run({"plan", "--repo", repository, "--file", "../x"}).code, 2);
  EXPECT_EQ(world_.Run({"plan", "--repo", world_.folder().string()}).code, 1);
}

class PlanForALadder : public Plan {
 protected:
  PlanForALadder() : operations_(world_.folder(), "operations") {
    const std::string deploy =
        "deploy:\n  - name: model\n    directory: {path: " + (world_.folder() / "srv").string();
    operations_.Commit({{"environments/dev/environment.yaml",
                         "policy: deployment\ngates:\n  tests: {levels: [unit]}\n  signed: {}\n"},
                        {"environments/dev/churn.yaml", deploy + "/dev, artifacts: [model]}\n"},
                        {"environments/prod/environment.yaml",
                         "after: dev\npolicy: delivery\ngates:\n"
                         "  coverage: {lines: 80}\n"
                         "  approvals: {count: 1, from: [alice@example.com], not: [author]}\n"
                         "  window: {timezone: UTC, allow: [\"Mon-Fri 09:00-17:00\"]}\n"},
                        {"environments/prod/churn.yaml", deploy + "/prod, artifacts: [model]}\n"}},
                       "Lay the ladder");
    world_.clock.SetWall(*ParseTime("2026-11-28T10:00:00Z"));  // a Saturday
  }
  nlohmann::json Environments(std::vector<std::string> more = {}) {
    more.insert(more.end(), {"--operations", operations_.clone().string()});
    return PlanOf(more)["environments"];
  }
  /// "VERDICT REASON" of a gate; "null …" when only the run can tell.
  static std::string Verdict(const nlohmann::json& environment, const std::string& gate) {
    for (const auto& row : environment["gates"]) {
      if (row["gate"] == gate) {
        const std::string verdict = row["verdict"].is_null() ? "null" : row["verdict"];
        return verdict + " " + row["reason"].get<std::string>();
      }
    }
    return "no such gate";
  }
  GitWorld operations_;
};

TEST_F(PlanForALadder, given_a_ladder_when_planned_then_each_gate_says_what_is_known_before_a_run) {
  const auto rows = Environments();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0]["environment"], "dev");
  EXPECT_EQ(rows[0]["policy"], "deployment");
  EXPECT_THAT(Verdict(rows[0], "tests"), StartsWith("null "));
  EXPECT_THAT(Verdict(rows[0], "signed"), StartsWith("fail "));
  EXPECT_EQ(rows[1]["policy"], "delivery");
  EXPECT_THAT(Verdict(rows[1], "after"), AllOf(StartsWith("wait "), HasSubstr("dev")));
  EXPECT_THAT(Verdict(rows[1], "coverage"), StartsWith("null "));
  EXPECT_THAT(Verdict(rows[1], "approvals"), AllOf(StartsWith("wait "), HasSubstr("alice")));
  EXPECT_THAT(Verdict(rows[1], "window"), StartsWith("wait "));
  const CommandResult text = world_.Run(
      {"plan", "--repo", source_.clone().string(), "--operations", operations_.clone().string()});
  EXPECT_EQ(text.code, 0) << text.err;
  EXPECT_THAT(text.out, AllOf(HasSubstr("after the run"), HasSubstr("until 2026-11-30T09:00:00Z")));
}

TEST_F(PlanForALadder,
       given_no_release_would_come_of_it_when_planned_then_no_environment_is_asked) {
  EXPECT_TRUE(Environments({"--file", "docs/x.md"}).is_null());
  EXPECT_TRUE(PlanOf({})["environments"].is_null()) << "nobody asked";
}

TEST_F(PlanForALadder, given_a_broken_file_or_no_clone_when_planned_then_it_says_so) {
  operations_.Commit({{"desired/dev/churn.yaml", "release: churn-1\nhold: 7\n"}}, "Break");
  EXPECT_THAT(Environments()[0]["stands"].get<std::string>(),
              HasSubstr("desired/dev/churn.yaml:2:"));
  const CommandResult result = world_.Run({"plan",
                                           "--repo",
                                           source_.clone().string(),
                                           "--operations",
                                           (world_.folder() / "srv").string()});
  EXPECT_EQ(result.code, 1);
}

TEST_F(Plan, given_a_broken_pipeline_when_planned_then_2_and_its_place) {
  source_.Commit({{"failgate.yaml", "project: churn\nsteps: 7\n"}}, "Break");
  const CommandResult result = world_.Run({"plan", "--repo", source_.clone().string()});
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, HasSubstr("failgate.yaml:2:"));
}

}  // namespace
}  // namespace failgate
