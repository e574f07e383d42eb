// docs/continuous-training.md shows files of the demo: what it shows is what lies there, and loads.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "controller/base/durable_file.h"
#include "controller/pipeline/pipeline_file.h"
#include "controller/promotion/operations_files.h"

namespace failgate {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = FAILGATE_SOURCE_DIR;
constexpr std::string_view kFence = "```";

TEST(TrainingPage, ShowsTheFilesOfTheDemo) {
  const std::string page = ReadFile(kRoot / "docs/continuous-training.md");
  int excerpts = 0;
  // "[PATH](../PATH):", an empty line, then a block that is part of that file.
  for (std::size_t at = 0; (at = page.find("):\n\n```", at)) != std::string::npos; ++excerpts) {
    const std::size_t open = page.rfind("](../", at) + 5;
    const std::string path = page.substr(open, at - open);
    at = page.find('\n', at + 4) + 1;
    const std::string block = page.substr(at, page.find(kFence, at) - at);
    EXPECT_NE(ReadFile(kRoot / path).find("\n" + block), std::string::npos) << path << "\n"
                                                                            << block;
  }
  EXPECT_GE(excerpts, 5);
}

TEST(TrainingPage, NamesFilesThatAreThere) {
  const std::string page = ReadFile(kRoot / "docs/continuous-training.md");
  for (std::size_t at = 0; (at = page.find("](", at)) != std::string::npos;) {
    at += 2;
    const std::string path = page.substr(at, page.find_first_of(")#", at) - at);
    EXPECT_TRUE(path.empty() || fs::exists(kRoot / "docs" / path)) << path;
  }
}

TEST(DemoFiles, AreValid) {
  const auto pipeline =
      ParsePipeline(ReadFile(kRoot / "manifests/demo/churn/failgate.yaml"), "failgate.yaml");
  EXPECT_TRUE(pipeline.has_value()) << Describe(pipeline.error());
  const fs::path operations = kRoot / "manifests/demo/operations";
  std::vector<OperationsFile> files;
  for (const auto& entry : fs::recursive_directory_iterator(operations)) {
    if (!entry.is_regular_file()) continue;
    std::string text = ReadFile(entry.path());
    for (std::size_t at = 0; (at = text.find("@DIR@", at)) != std::string::npos;) {
      text.replace(at, 5, "/srv");
    }
    files.push_back({entry.path().lexically_relative(operations).string(), ObjectId(), text});
  }
  const OperationsView view = ReadOperations(files);
  EXPECT_TRUE(view.problems.empty()) << Describe(view.problems);
  EXPECT_EQ(view.deployments.size(), 3U);
}

}  // namespace
}  // namespace failgate
