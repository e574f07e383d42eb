#include "controller/mlflow/mlflow_answers.h"

#include <gtest/gtest.h>

namespace failgate {
namespace {

TEST(MlflowAnswers, TakeNumbersAsTexts) {
  const auto run = ReadMlflowRun(
      R"({"run":{"info":{"run_id":"a","experiment_id":7,"start_time":"17","status":"RUNNING",)"
      R"("lifecycle_stage":"deleted"},"data":{"tags":[{"key":"k","value":"v"},{"no":1}]}}})");
  ASSERT_TRUE(run);
  EXPECT_EQ(run->experiment, "7");
  EXPECT_EQ(run->started, 17);
  EXPECT_TRUE(run->deleted);
  EXPECT_EQ(run->tags, (MlflowTags{{"k", "v"}}));
  const auto version = ReadMlflowVersion(R"({"model_version":{"name":"m","version":3}})");
  ASSERT_TRUE(version);
  EXPECT_EQ(version->version, "3");
  EXPECT_EQ(version->Tag("git.commit"), "");
}

TEST(MlflowAnswers, TakeListsThatAreLeftOut) {
  EXPECT_TRUE(ReadMlflowRuns("{}")->runs.empty());
  EXPECT_EQ(ReadMlflowRuns(R"({"next_page_token":"x"})")->next, "x");
  EXPECT_TRUE(ReadMlflowVersions("{}")->empty());
}

TEST(MlflowAnswers, RefuseWhatTheyAreNot) {
  for (const char* text : {"",
                           "[]",
                           "x",
                           "7",
                           "null",
                           R"({"run":7})",
                           R"({"run":{}})",
                           R"({"run":{"info":{}}})",
                           R"({"model_version":{"name":"m"}})",
                           R"({"model_version":{"name":"m","version":"x"}})",
                           R"({"registered_model":[]})",
                           R"({"experiment":{}})"}) {
    EXPECT_FALSE(ReadMlflowRun(text)) << text;
    EXPECT_FALSE(ReadMlflowVersion(text)) << text;
    EXPECT_FALSE(ReadMlflowModel(text)) << text;
    EXPECT_FALSE(ReadMlflowExperiment(text)) << text;
    EXPECT_FALSE(ReadMlflowError(text)) << text;
  }
  for (const char* text : {"", "[]", R"({"runs":{}})", R"({"runs":[{}]})"}) {
    EXPECT_FALSE(ReadMlflowRuns(text)) << text;
  }
  EXPECT_FALSE(ReadMlflowVersions(R"({"model_versions":[{"name":"m"}]})"));
}

}  // namespace
}  // namespace failgate
