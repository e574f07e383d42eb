#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "tests/functional/cli/command_world.h"
#include "tests/support/git_world.h"

namespace failgate {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

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

TEST_F(Plan, given_a_broken_pipeline_when_planned_then_2_and_its_place) {
  source_.Commit({{"failgate.yaml", "project: churn\nsteps: 7\n"}}, "Break");
  const CommandResult result = world_.Run({"plan", "--repo", source_.clone().string()});
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, HasSubstr("failgate.yaml:2:"));
}

}  // namespace
}  // namespace failgate
