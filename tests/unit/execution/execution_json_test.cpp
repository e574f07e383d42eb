#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/pipeline/plan_json.h"
#include "controller/pipeline/step_environment.h"
#include "controller/pipeline/step_result.h"
#include "controller/release/run_result.h"

namespace failgate {
namespace {

using testing::Contains;
using testing::Not;
using testing::Pair;

ArtifactRecord SomeArtifact() {
  ArtifactRecord artifact;
  artifact.name = "model";
  artifact.sha256 = std::string(64, 'a');
  artifact.size = 12;
  artifact.format = "joblib";
  artifact.base_name = "model.joblib";
  artifact.origin_run = RunId("0193");
  artifact.trained = "full";
  return artifact;
}

TEST(PlanJson, ReadsBackWhatItWrote) {
  RunPlan plan;
  plan.trigger = TriggerKind::kData;
  plan.training = TrainingMode::kDegraded;
  plan.steps = {{"unit", StepLevel::kUnit, TrainingMode::kFull, "unit"}};
  plan.left_out = {{"late", "functional comes after unit"}};
  EXPECT_EQ(*ParsePlan(PlanToJson(plan)), plan);
  plan.overtaken = OvertakenData{
      RunId("0193"), CommitId(std::string(40, 'a')), "data/a.csv@md5:1", "\"data/a.csv\" is data"};
  EXPECT_EQ(*ParsePlan(PlanToJson(plan)), plan);
  EXPECT_EQ(ParsePlan("{}").error().code, "invalid_plan");
}

TEST(StepResultJson, ReadsBackWhatItWrote) {
  StepResult result;
  result.workspace = "/workspace";
  result.tests.passed = 3;
  result.reports = {{ReportKind::kCoverage, "out/c.xml", "coverage-0", std::string(64, 'b')}};
  result.outputs["key"] = "value";
  result.artifacts = {{SomeArtifact(), "out/model.joblib"}};
  EXPECT_EQ(*ParseStepResult(StepResultToJson(result)), result);
  result.repeated = RepeatEvidence{true, 3, 1, "", false, {{"auc", {0.5, 0.25}}}};
  result.regression = RegressionEvidence{RegressionState::kRan,
                                         CommitId(std::string(40, 'a')),
                                         "churn-41",
                                         1,
                                         {"t.b"},
                                         {"fix: b"},
                                         false,
                                         ""};
  EXPECT_EQ(*ParseStepResult(StepResultToJson(result)), result);
  EXPECT_EQ(*ParseStepResult(""), StepResult());
  EXPECT_EQ(ParseStepResult("[]").error().code, "invalid_step_result");
}

TEST(RunResultJson, ReadsBackWhatItWroteAndRefusesTheRest) {
  RunResult result;
  result.evidence.tests["unit"].passed = 2;
  result.artifacts = {SomeArtifact()};
  const std::string json = RunResultToJson(result);
  EXPECT_EQ(*ParseRunResult(json), result);
  EXPECT_EQ(*ParseRunResult(""), RunResult());
  EXPECT_EQ(ParseRunResult("{\"evidence\": 1}").error().code, "invalid_run_result");
  result.artifacts.push_back(SomeArtifact());
  EXPECT_THROW((void)RunResultToJson(result), Error);
  result.artifacts = {SomeArtifact()};
  result.artifacts[0].sha256 = "short";
  EXPECT_THROW((void)RunResultToJson(result), Error);
}

TEST(RepeatVariables, GiveTheSameRevisionTheSameSeedAndEachToolItsWords) {
  const CommitId revision("0001869f00000000000000000000000000000000");
  const auto of = [&revision](Shuffle shuffle) {
    EnvironmentList env = RepeatVariables(RepeatSpec{shuffle}, revision);
    EXPECT_EQ(env.at(0), (std::pair<std::string, std::string>("FAILGATE_REPEAT", "1")));
    EXPECT_EQ(env.at(1), (std::pair<std::string, std::string>("FAILGATE_SHUFFLE_SEED", "1")));
    env.erase(env.begin(), env.begin() + 2);
    return env;
  };
  EXPECT_EQ(of(Shuffle::kNone), EnvironmentList());
  EXPECT_EQ(of(Shuffle::kByItself), EnvironmentList());
  EXPECT_EQ(of(Shuffle::kPytestRandomly),
            (EnvironmentList{{"PYTEST_ADDOPTS", "--randomly-seed=1"}}));
  EXPECT_EQ(of(Shuffle::kPytestRandomOrder),
            (EnvironmentList{{"PYTEST_ADDOPTS", "--random-order --random-order-seed=1"}}));
  EXPECT_EQ(of(Shuffle::kGoogleTest),
            (EnvironmentList{{"GTEST_SHUFFLE", "1"}, {"GTEST_RANDOM_SEED", "1"}}));
  EXPECT_EQ(of(Shuffle::kGo), (EnvironmentList{{"GOFLAGS", "-shuffle=1"}}));
  EXPECT_EQ(RepeatVariables({}, CommitId("0001869e" + std::string(32, 'f'))).at(1).second, "99999");
}

TEST(OverlayVariables, KeepsOptionsInFrontAndReplacesTheRest) {
  EXPECT_EQ(
      OverlayVariables({{"GOFLAGS", "-count=1"}, {"A", "x"}, {"PYTEST_ADDOPTS", ""}},
                       {{"GOFLAGS", "-shuffle=1"}, {"A", "y"}, {"PYTEST_ADDOPTS", "-q"}}),
      (EnvironmentList{{"GOFLAGS", "-count=1 -shuffle=1"}, {"A", "y"}, {"PYTEST_ADDOPTS", "-q"}}));
}

TEST(StepEnvironment, CannotBeForgedByTheStep) {
  failgate::Run run;
  run.project = ProjectName("churn");
  run.trigger = RunTrigger::kCheck;
  const EnvironmentList env = StepEnvironment(run,
                                              {},
                                              {{"FAILGATE_TRIGGER", "code"},
                                               {"FAILGATE_CHAMPION", "/x"},
                                               {"FAILGATE_CHECKPOINTS", "/x"},
                                               {"MINE", "1"}});
  EXPECT_THAT(env, Contains(Pair("FAILGATE_TRIGGER", "check")));
  EXPECT_THAT(env, Contains(Pair("MINE", "1")));
  EXPECT_THAT(env, Not(Contains(Pair("FAILGATE_CHAMPION", testing::_))));
  EXPECT_THAT(env, Not(Contains(Pair("FAILGATE_CHECKPOINTS", testing::_))));
}

}  // namespace
}  // namespace failgate
