#include "controller/pipeline/pipeline_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>

namespace failgate {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

Pipeline Read(const std::string& text) {
  Parsed<Pipeline> pipeline = ParsePipeline(text, "failgate.yaml");
  EXPECT_TRUE(pipeline.has_value()) << Describe(pipeline.error());
  return std::move(pipeline).value();
}

TEST(PipelineFile, HasDefaultsForWhatIsNotWritten) {
  const Pipeline pipeline = Read("project: churn\nsteps: [{name: unit, level: unit, run: make}]\n");
  EXPECT_EQ(pipeline.project.text(), "churn");
  EXPECT_THAT(pipeline.triggers.code.branches, ElementsAre("main"));
  EXPECT_THAT(pipeline.triggers.code.paths, ElementsAre("**"));
  EXPECT_TRUE(pipeline.triggers.code.ignore.empty());
  EXPECT_FALSE(pipeline.triggers.data);
  EXPECT_FALSE(pipeline.triggers.check);
  const PipelineStep& step = pipeline.steps.at(0);
  EXPECT_EQ(step.timeout, std::chrono::hours(1));
  EXPECT_EQ(step.shell, StepShell::kSh);
  EXPECT_FALSE(step.network);
  EXPECT_EQ(step.training, TrainingModes());
  EXPECT_EQ(step.training.code, TrainingMode::kFull);
}

TEST(PipelineFile, ReadsEveryKeyOfAStep) {
  const Pipeline pipeline = Read(R"(
project: churn
steps:
  - name: prepare
    level: build
    run: make
  - name: train
    level: train
    usecase: feature_engineering
    needs: prepare
    run: |
      python train.py
    shell: bash
    timeout: 1h30m
    env: {SEED: 0, FLAG: true, TEXT: "a b", FROM: "x-${{ steps.prepare.outputs.tag }}"}
    training: {code: degraded}
    inputs: [train.py, "features/**"]
    reports: {tests: [a.xml, ./b.xml], coverage: c.xml, metrics: m.json}
    artifacts: [{name: model, path: ./out/model/, format: joblib}]
    network: true
)");
  const PipelineStep& step = pipeline.steps.at(1);
  EXPECT_EQ(step.level, StepLevel::kTrain);
  EXPECT_EQ(step.usecase, "feature_engineering");
  EXPECT_EQ(step.run, "python train.py\n");
  EXPECT_EQ(step.shell, StepShell::kBash);
  EXPECT_THAT(step.needs, ElementsAre("prepare"));
  EXPECT_EQ(step.timeout, std::chrono::minutes(90));
  EXPECT_THAT(step.env,
              ElementsAre(Pair("SEED", "0"),
                          Pair("FLAG", "true"),
                          Pair("TEXT", "a b"),
                          Pair("FROM", "x-${{ steps.prepare.outputs.tag }}")));
  EXPECT_EQ(step.training.code, TrainingMode::kDegraded);
  EXPECT_EQ(step.training.manual, TrainingMode::kFull);
  EXPECT_THAT(step.inputs, ElementsAre("train.py", "features/**"));
  EXPECT_THAT(step.reports.tests, ElementsAre("a.xml", "b.xml"));
  EXPECT_THAT(step.reports.coverage, ElementsAre("c.xml"));
  EXPECT_THAT(step.reports.metrics, ElementsAre("m.json"));
  EXPECT_THAT(step.artifacts, ElementsAre(ArtifactSpec{"model", "out/model", "joblib"}));
  EXPECT_TRUE(step.network);
}

TEST(PipelineFile, ReadsWhatMoreRunsOfAStepAreToProve) {
  const auto step = [](const std::string& keys) {
    const auto pipeline = ParsePipeline(
        "project: p\nsteps: [{name: a, level: unit, run: x, reports: {tests: r}, " + keys + "}]",
        "f");
    EXPECT_TRUE(pipeline.has_value()) << Describe(pipeline.error());
    return pipeline->steps.at(0);
  };
  EXPECT_EQ(step("repeat: false").repeat, std::nullopt);
  EXPECT_EQ(step("repeat: true").repeat, RepeatSpec());
  EXPECT_EQ(step("repeat: shuffled").repeat, RepeatSpec{Shuffle::kByItself});
  for (const auto& [word, tool] :
       std::map<std::string, Shuffle>{{"pytest-randomly", Shuffle::kPytestRandomly},
                                      {"pytest-random-order", Shuffle::kPytestRandomOrder},
                                      {"gtest", Shuffle::kGoogleTest},
                                      {"go", Shuffle::kGo}}) {
    EXPECT_EQ(step("repeat: {shuffle: " + word + "}").repeat, RepeatSpec{tool});
  }
  EXPECT_EQ(step("regression: {tests: [\"tests/**\", \"*_test.go\"]}").regression_tests,
            (std::vector<std::string>{"tests/**", "*_test.go"}));
  EXPECT_TRUE(step("needs: []").regression_tests.empty());
}

TEST(PipelineFile, ReadsTriggersAndTakesAnEmptyCheckAsItsDefaults) {
  const Pipeline pipeline = Read(R"(
project: churn
triggers:
  code: {branches: [main, "release/*"], ignore: "*.md"}
  data: {paths: "data/**"}
  check:
steps: [{name: unit, level: unit, run: make}]
)");
  EXPECT_THAT(pipeline.triggers.code.branches, ElementsAre("main", "release/*"));
  EXPECT_THAT(pipeline.triggers.code.ignore, ElementsAre("*.md"));
  EXPECT_THAT(pipeline.triggers.data.value().paths, ElementsAre("data/**"));
  EXPECT_THAT(pipeline.triggers.check.value().branches, ElementsAre("*"));
  EXPECT_EQ(pipeline.triggers.check.value().until, StepLevel::kIntegration);
}

TEST(PipelineFile, ReadsWhereSourcesOfDataLie) {
  const Pipeline pipeline = Read(R"(
project: churn
triggers:
  data: {sources: [{name: sales, at: input/sales}, {name: labels}]}
steps: [{name: unit, level: unit, run: make, reports: {data: d.json}}]
)");
  const std::vector<DataPlace> places{{SourceName("sales"), "input/sales"},
                                      {SourceName("labels"), "data/labels"}};
  EXPECT_EQ(pipeline.triggers.data.value().sources, places);
  EXPECT_TRUE(pipeline.triggers.data.value().paths.empty());
  EXPECT_THAT(pipeline.steps[0].reports.data, ElementsAre("d.json"));
}

TEST(PipelineFile, AllowsAStepToNeedOneOfALaterRank) {
  const Pipeline pipeline = Read(R"(
project: churn
steps:
  - {name: late, level: unit, run: make, needs: [early]}
  - {name: early, level: functional, run: make}
)");
  EXPECT_THAT(TransitiveNeeds(pipeline, pipeline.steps.at(0)), ElementsAre("early"));
}

}  // namespace
}  // namespace failgate
