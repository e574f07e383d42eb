#include "controller/mlflow/release_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/base/error.h"
#include "tests/unit/mlflow/fake_mlflow.h"

namespace failgate {
namespace {

using ::testing::Contains;
using ::testing::Pair;

TEST(RunOf, TellsWhatTheReleaseIsMadeOf) {
  ReleaseRecord record = ReleaseOf(42);
  record.evidence.tests["unit"] = {212, 0, 1, 3};
  record.evidence.coverage = CoverageFigures{80, 100, 0, 0};
  StepEvidence step;
  step.started = record.created - std::chrono::minutes(5);
  step.finished = record.created;
  record.evidence.steps = {step};
  const ReleaseRun run = RunOf(record, "https://failgate.example.com");
  EXPECT_EQ(run.experiment, "churn");
  EXPECT_EQ(run.name, "churn-42");
  EXPECT_EQ(run.ended - run.started, 300'000);
  EXPECT_THAT(run.tags, Contains(Pair("git.commit", record.revision.text())));
  EXPECT_THAT(run.tags, Contains(Pair("mlflow.source.git.commit", record.revision.text())));
  EXPECT_THAT(run.tags, Contains(Pair("data.version", "data/train.csv@sha256:9b1d")));
  EXPECT_THAT(run.tags, Contains(Pair("failgate.run", record.run.text())));
  EXPECT_THAT(run.tags, Contains(Pair("artifact.sha256", record.artifacts[0].sha256)));
  EXPECT_THAT(run.tags, Contains(Pair("artifact.model.sha256", record.artifacts[0].sha256)));
  EXPECT_THAT(
      run.tags,
      Contains(Pair("artifact.location",
                    "https://failgate.example.com/api/v1/projects/churn/releases/churn-42")));
  EXPECT_THAT(run.batch.params, Contains(Pair("training", "full")));
  EXPECT_THAT(run.batch.metrics, Contains(Pair("tests.unit.passed", 212)));
  EXPECT_THAT(run.batch.metrics, Contains(Pair("tests.unit.failed", 1)));
  EXPECT_THAT(run.batch.metrics, Contains(Pair("coverage.lines", 80)));
  EXPECT_EQ(run.batch.metrics.count("coverage.branches"), 0U);
}

TEST(RunOf, GivesMetricsNamesThatMlflowTakes) {
  ReleaseRecord record = ReleaseOf(1);
  record.evidence.metrics = {{"f1@k=10", 1}, {"../x", 2}, {"/a//b/", 3}, {"champion.auc", 4}};
  const ReleaseRun run = RunOf(record, "");
  for (const char* name : {"f1_k_10", "__/x", "_a__b_", "champion.auc"}) {
    EXPECT_EQ(run.batch.metrics.count(name), 1U) << name;
  }
  EXPECT_EQ(run.tags.count("artifact.location"), 0U);
}

TEST(VersionTagsOf, SaysWhichArtifactOfWhat) {
  ReleaseRecord record = ReleaseOf(3);
  record.data.clear();
  const MlflowTags tags = VersionTagsOf(record, "model");
  EXPECT_EQ(tags.at("data.version"), "none");
  EXPECT_EQ(tags.at("artifact.sha256"), record.artifacts[0].sha256);
  EXPECT_THROW(static_cast<void>(VersionTagsOf(record, "tokenizer")), Error);
}

}  // namespace
}  // namespace failgate
