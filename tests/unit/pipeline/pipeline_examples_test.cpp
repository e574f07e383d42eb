#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "controller/base/durable_file.h"
#include "controller/pipeline/pipeline_file.h"

namespace failgate {
namespace {

const std::filesystem::path kRoot = FAILGATE_SOURCE_DIR;

TEST(PipelineExamples, AreAllValid) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kRoot / "manifests/pipelines")) {
    const auto pipeline = ParsePipeline(ReadFile(entry.path()), entry.path().filename().string());
    EXPECT_TRUE(pipeline.has_value()) << Describe(pipeline.error());
    ++count;
  }
  EXPECT_GE(count, 2);
}

TEST(PipelineExamples, OfTheReferencePageAreValid) {
  const std::string page = ReadFile(kRoot / "docs/pipeline.md");
  int count = 0;
  for (std::size_t at = 0; (at = page.find("```yaml\n", at)) != std::string::npos;) {
    at += 8;
    const std::string text = page.substr(at, page.find("```", at) - at);
    const auto pipeline = ParsePipeline(text, "docs/pipeline.md");
    EXPECT_TRUE(pipeline.has_value()) << Describe(pipeline.error());
    ++count;
  }
  EXPECT_GE(count, 1);
}

/// A key the schema has and the parser does not know would be an "unknown key".
TEST(PipelineSchema, KnowsTheKeysOfTheParser) {
  const auto schema =
      nlohmann::json::parse(ReadFile(kRoot / "manifests/schemas/pipeline.schema.json"));
  const auto& step = schema.at("properties").at("steps").at("items");
  for (const auto& item : step.at("properties").items()) {
    const auto parsed = ParsePipeline(
        "project: p\nsteps: [{name: a, level: train, run: x, " + item.key() + ": {}}]", "f");
    const std::string problems = parsed ? "" : Describe(parsed.error());
    EXPECT_EQ(problems.find("unknown key"), std::string::npos) << problems;
    EXPECT_EQ(problems.find("not available"), std::string::npos) << problems;
  }
  EXPECT_EQ(step.at("properties").size(), 15U);
}

}  // namespace
}  // namespace failgate
