#include <gtest/gtest.h>

#include "controller/base/error.h"
#include "controller/cli/checked_files.h"
#include "controller/cli/init_templates.h"
#include "controller/pipeline/pipeline_file.h"

namespace failgate {
namespace {

class PipelineTemplate : public testing::TestWithParam<const char*> {};

TEST_P(PipelineTemplate, IsAValidPipeline) {
  const std::string name = std::string("pipelines/") + GetParam() + ".yaml";
  const auto pipeline = ParsePipeline(InitTemplate(name), name);
  ASSERT_TRUE(pipeline) << Describe(pipeline.error());
  EXPECT_EQ(pipeline->project, ProjectName("example"));
}

INSTANTIATE_TEST_SUITE_P(All,
                         PipelineTemplate,
                         testing::Values("cpp", "go", "node", "python", "shell"));

TEST(InitTemplates, AreValidAsTheyStandInTheTree) {
  const std::string root = std::string(FAILGATE_SOURCE_DIR) + "/manifests/init";
  for (const std::string& path : {root + "/operations", root + "/failgate.yaml"}) {
    for (const CheckedFile& checked : CheckPath(path)) {
      EXPECT_TRUE(checked.problems.empty()) << Describe(checked.problems);
    }
  }
}

TEST(InitTemplate, RefusesAPathThatIsNotThere) {
  EXPECT_THROW(static_cast<void>(InitTemplate("absent")), Error);
}

TEST(ReplaceAll, DoesNotReplaceWhatItPutIn) {
  EXPECT_EQ(ReplaceAll("a/a", "a", "aa"), "aa/aa");
}

}  // namespace
}  // namespace failgate
