#include "controller/pipeline/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace failgate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Paths = std::vector<std::string>;

Pipeline Ladder() {
  return ParsePipeline(R"(
project: churn
triggers:
  code: {branches: [main], ignore: ["docs/**", "*.md"]}
  data: {paths: ["data/**", "*.dvc"]}
  check: {branches: ["*"], until: integration}
steps:
  - {name: functional, level: functional, needs: [train], run: x}
  - {name: features, level: integration, run: x}
  - {name: train, level: train, run: x, training: {code: degraded}}
  - {name: unit, level: unit, run: x}
  - {name: lint, level: unit, run: x}
)",
                       "f")
      .value();
}

PushKind KindOf(const std::string& ref, bool first, std::optional<Paths> paths) {
  return Classify(Ladder(), {ref, first, std::move(paths)}).kind;
}

TEST(Classify, FollowsThePathsOfAPush) {
  EXPECT_EQ(KindOf("refs/heads/main", false, Paths{"src/a.py"}), PushKind::kCode);
  EXPECT_EQ(KindOf("refs/heads/main", false, Paths{"src/a.py", "data/x.csv"}), PushKind::kData);
  EXPECT_EQ(KindOf("refs/heads/main", false, Paths{"deep/x.dvc"}), PushKind::kData);
  EXPECT_EQ(KindOf("refs/heads/main", false, Paths{"README.md"}), PushKind::kNothing);
  EXPECT_EQ(KindOf("refs/heads/main", false, Paths{"README.md", "a.c"}), PushKind::kCode);
  EXPECT_EQ(KindOf("refs/heads/main", false, Paths{}), PushKind::kNothing);
}

TEST(Classify, TakesDataPathsAsDataEvenWhenCodeIgnoresThem) {
  EXPECT_EQ(KindOf("refs/heads/main", false, Paths{"data/README.md"}), PushKind::kData);
}

TEST(Classify, TakesTheFirstHeadAsCodeWhateverItHolds) {
  EXPECT_EQ(KindOf("refs/heads/main", true, std::nullopt), PushKind::kCode);
  EXPECT_EQ(KindOf("refs/heads/main", true, Paths{"data/x.csv"}), PushKind::kCode);
}

TEST(Classify, TakesAnUnknownChangeAsDataBecauseAFullTrainingIsNeverWrong) {
  EXPECT_EQ(KindOf("refs/heads/main", false, std::nullopt), PushKind::kData);
  Pipeline no_data = Ladder();
  no_data.triggers.data.reset();
  EXPECT_EQ(Classify(no_data, {"refs/heads/main", false, std::nullopt}).kind, PushKind::kCode);
}

TEST(Classify, ChecksOtherBranchesAndIgnoresOtherRefs) {
  EXPECT_EQ(KindOf("refs/heads/feature/main", false, Paths{"a.c"}), PushKind::kCheck);
  EXPECT_EQ(KindOf("refs/heads/topic", true, std::nullopt), PushKind::kCheck);
  EXPECT_EQ(KindOf("refs/heads/topic", false, Paths{"docs/a"}), PushKind::kNothing);
  EXPECT_EQ(KindOf("refs/tags/v1", false, Paths{"a.c"}), PushKind::kNothing);
  EXPECT_EQ(KindOf("refs/heads/", false, Paths{"a.c"}), PushKind::kNothing);
  Pipeline no_check = Ladder();
  no_check.triggers.check.reset();
  const PushClass push = Classify(no_check, {"refs/heads/to\x01pic", false, Paths{"a.c"}});
  EXPECT_EQ(push.kind, PushKind::kNothing);
  EXPECT_THAT(push.reason, HasSubstr("to\\u0001pic"));
}

TEST(BranchMatches, NeverTakesTheLastPartOfABranchForTheBranch) {
  EXPECT_TRUE(BranchMatches("main", "main"));
  EXPECT_FALSE(BranchMatches("main", "feature/main"));
  EXPECT_TRUE(BranchMatches("*", "feature/main"));
  EXPECT_TRUE(BranchMatches("release/*", "release/1"));
  EXPECT_FALSE(BranchMatches("release/*", "release/1/x"));
  EXPECT_FALSE(BranchMatches("release-*", "a/release-1"));
  EXPECT_FALSE(BranchMatches("*", ""));
}

std::vector<std::string> Order(const RunPlan& plan) {
  std::vector<std::string> names;
  for (const PlannedStep& step : plan.steps) {
    names.push_back(step.name);
  }
  return names;
}

TEST(PlanRun, OrdersByRankThenByFile) {
  EXPECT_THAT(Order(PlanRun(Ladder(), {})),
              ElementsAre("unit", "lint", "features", "train", "functional"));
}

TEST(PlanRun, RunsTheCheapestWayToAFailureFirst) {
  PlanRequest request;
  request.statistics["unit"] = {10, 0, Milliseconds(60000)};
  request.statistics["lint"] = {10, 5, Milliseconds(2000)};
  EXPECT_THAT(Order(PlanRun(Ladder(), request)),
              ElementsAre("lint", "unit", "features", "train", "functional"));
  request.statistics.erase("unit");
  EXPECT_THAT(Order(PlanRun(Ladder(), request)).front(), "unit");
}

TEST(PlanRun, PutsNeedsBeforeRank) {
  const Pipeline pipeline = ParsePipeline(R"(
project: p
steps:
  - {name: a, level: unit, needs: [z], run: x}
  - {name: b, level: build, run: x}
  - {name: z, level: functional, run: x}
)",
                                          "f")
                                .value();
  EXPECT_THAT(Order(PlanRun(pipeline, {})), ElementsAre("b", "z", "a"));
}

TEST(PlanRun, StopsAChecksStepsAtItsLastLevel) {
  PlanRequest request;
  request.trigger = TriggerKind::kCheck;
  const RunPlan plan = PlanRun(Ladder(), request);
  EXPECT_THAT(Order(plan), ElementsAre("unit", "lint", "features"));
  ASSERT_EQ(plan.left_out.size(), 2U);
  EXPECT_EQ(plan.left_out.at(0).name, "functional");
  EXPECT_THAT(plan.left_out.at(0).why, HasSubstr("integration"));
}

TEST(PlanRun, RunsWhatAStepOfTheLastLevelNeeds) {
  Pipeline pipeline = Ladder();
  pipeline.steps.at(1).needs = {"train"};
  PlanRequest request;
  request.until = StepLevel::kIntegration;
  EXPECT_THAT(Order(PlanRun(pipeline, request)), ElementsAre("unit", "lint", "train", "features"));
}

TEST(PlanRun, SaysHowEachTriggerTrains) {
  PlanRequest request;
  EXPECT_EQ(PlanRun(Ladder(), request).training, TrainingMode::kDegraded);
  request.trigger = TriggerKind::kData;
  EXPECT_EQ(PlanRun(Ladder(), request).training, TrainingMode::kFull);
  request.trigger = TriggerKind::kCode;
  request.training = TrainingMode::kFull;
  EXPECT_EQ(PlanRun(Ladder(), request).training, TrainingMode::kFull);
  const Pipeline ladder = Ladder();
  const PipelineStep& train = *ladder.FindStep("train");
  EXPECT_EQ(EffectiveTraining(train, TriggerKind::kCheck), TrainingMode::kDegraded);
  EXPECT_EQ(EffectiveTraining(train, TriggerKind::kManual), TrainingMode::kFull);
  EXPECT_EQ(EffectiveTraining(train, TriggerKind::kSchedule), TrainingMode::kFull);
}

}  // namespace
}  // namespace failgate
