// The shipped example loads, and the shipped schemas know the keys that the readers know.
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "controller/base/durable_file.h"
#include "controller/promotion/operations_files.h"
#include "policies/git_blob.h"

namespace failgate {
namespace {

using nlohmann::json;

const std::string kManifests = std::string(FAILGATE_SOURCE_DIR) + "/manifests/";

json Schema(const std::string& name) {
  return json::parse(ReadFile(kManifests + "schemas/" + name + ".schema.json"));
}

std::string KeysOf(const json& object) {
  std::string keys;
  for (const auto& item : object.at("properties").items()) keys += item.key() + " ";
  return keys;
}

TEST(ExampleOperations, LoadWithoutProblems) {
  const std::filesystem::path root = kManifests + "operations";
  std::vector<OperationsFile> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file()) continue;
    const std::string text = ReadFile(entry.path());
    files.push_back({entry.path().lexically_relative(root).string(), GitBlobId(text), text});
  }
  const OperationsView view = ReadOperations(files);
  EXPECT_TRUE(view.problems.empty()) << Describe(view.problems);
  EXPECT_EQ(view.environments.size(), 3U);
  EXPECT_EQ(view.deployments.size(), 3U);
  EXPECT_EQ(view.ladder.last, EnvironmentName("prod"));
}

TEST(Schemas, KnowTheKeysOfTheReaders) {
  const json environment = Schema("environment");
  EXPECT_EQ(KeysOf(environment), "after gates override policy ");
  EXPECT_EQ(
      KeysOf(environment["properties"]["gates"]["oneOf"][1]),
      "approvals artifacts command consistency coverage data max_duration model regression_test "
      "repeatable requirements signed soak sonar stability tests window ");
  EXPECT_EQ(KeysOf(environment["$defs"]["tests"]),
            "functional levels min mode order real_calls usecases ");
  EXPECT_EQ(KeysOf(environment["$defs"]["coverage"]), "branches changed_lines lines mode ");
  EXPECT_EQ(KeysOf(environment["$defs"]["approvals"]), "count expires from mode not signed ");
  EXPECT_EQ(KeysOf(environment["$defs"]["max_duration"]),
            "build functional integration mode total train unit ");
  EXPECT_EQ(KeysOf(environment["$defs"]["repeatable"]), "mode order steps tolerance ");
  EXPECT_EQ(KeysOf(environment["$defs"]["regression_test"]),
            "build_failure fixes mode since steps when ");
  EXPECT_EQ(KeysOf(environment["$defs"]["artifacts"]), "allow deny formats max_size mode waivers ");
  EXPECT_EQ(KeysOf(environment["$defs"]["requirements"]), "dev mode names sets uncovered ");
  EXPECT_EQ(KeysOf(environment["$defs"]["sonar"]), "branch mode project ");
  EXPECT_EQ(KeysOf(environment["$defs"]["model_metric"]),
            "at_least at_most direction key metric mode not_worse_than samples slices tolerance "
            "warn ");
  EXPECT_EQ(KeysOf(environment["$defs"]["consistency"]), "cases mode predictions schema seeds ");
  EXPECT_EQ(KeysOf(environment["$defs"]["stability"]), "max_spread metric mode seeds ");
  EXPECT_EQ(KeysOf(environment["$defs"]["data"]), "columns mode nulls present rows schema ");
  EXPECT_EQ(KeysOf(environment["$defs"]["soak"]), "for in mode reserve ");
  EXPECT_EQ(KeysOf(environment["$defs"]["window"]), "allow freeze mode timezone ");
  const json deployment = Schema("project-deployment");
  EXPECT_EQ(KeysOf(deployment), "checks deploy drift gates on_failure override ");
  const json& step = deployment["properties"]["deploy"]["items"];
  EXPECT_EQ(KeysOf(step), "directory health mlflow name ");
  EXPECT_EQ(KeysOf(step["properties"]["mlflow"]), "alias artifact health model ");
  EXPECT_EQ(KeysOf(step["properties"]["directory"]), "artifacts health path ");
  EXPECT_EQ(KeysOf(deployment["properties"]["drift"]), "every full heal ignore prune ");
  EXPECT_EQ(KeysOf(deployment["$defs"]["health"]), "command http tcp timeout ");
  EXPECT_EQ(KeysOf(Schema("approval")), "environment expires record release text verdict ");
  const json desired = Schema("desired");
  EXPECT_EQ(KeysOf(desired), "except hold release ");
  EXPECT_EQ(KeysOf(desired["properties"]["hold"]), "healing reason until ");
  EXPECT_EQ(KeysOf(desired["properties"]["except"]["items"]), "because by reason release ");
}

}  // namespace
}  // namespace failgate
