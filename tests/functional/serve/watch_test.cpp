// Data outside of git trains a project anew, from the file to the fact and its audit, in the
// program itself.
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "controller/base/digest.h"
#include "tests/functional/serve/installation.h"

namespace failgate {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kPipeline = R"(project: shop
triggers:
  data: {watch: [{name: clicks, at: data/clicks}, {name: sales, at: data/sales}]}
steps:
  - name: train
    level: train
    run: |
      ! touch data/sales/x 2>/dev/null
      ls data/clicks > model
      cat data/sales/*.csv >> model
      echo "$FAILGATE_TRIGGER $FAILGATE_TRAINING $FAILGATE_DATA_VERSION"
    training: {code: degraded}
    artifacts: [{name: model, path: model}]
)";

class WatchOfTheProgram : public ::testing::Test {
 protected:
  WatchOfTheProgram() {
    CreateFolders(sales_);
    CreateFolders(clicks_ / "_delta_log");
    Put(clicks_, "part-0.parquet", "PAR1");
    Put(clicks_ / "_delta_log",
        "00000000000000000000.json",
        "{\"metaData\":{\"id\":\"t-1\"}}\n"
        "{\"add\":{\"path\":\"part-0.parquet\",\"size\":4,\"dataChange\":true}}\n");
    world_.WriteServerFile(
        fmt::format("watch:\n"
                    "  - {{name: sales, kind: files, path: {}, pattern: '*.csv', complete: rename, "
                    "projects: [shop]}}\n"
                    "  - {{name: clicks, kind: delta, path: {}, projects: [shop]}}\n",
                    sales_.string(),
                    clicks_.string()));
  }
  ~WatchOfTheProgram() override {
    if (HasFailure()) std::fputs(world_.log().c_str(), stderr);
  }
  /// Whole, by rename.
  static void Put(const std::filesystem::path& folder,
                  const std::string& name,
                  const std::string& bytes) {
    WriteFileDurably(folder / (name + ".part"), bytes);
    std::filesystem::rename(folder / (name + ".part"), folder / name);
  }
  std::string Sales(const std::string& bytes) { return "sales@sha256:" + Sha256Hex(bytes); }
  /// The newest run that rests on this version, when it has its release.
  Json AwaitRelease(const std::string& data) {
    Json found;
    world_.WaitFor("a release of " + data, [&] {
      const Json runs = world_.Get("/api/v1/runs?project=shop&limit=50");
      for (const Json& run : runs) {
        if (run["data"].get<std::string>().find(data) != std::string::npos &&
            run["release"].is_string()) {
          found = run;
          return true;
        }
      }
      return false;
    });
    return found;
  }
  std::string MessageOf(const std::string& release) {
    return world_.Git(
        world_.CloneOperations("clone-" + release),
        {"log", "--format=%B", "-1", "--grep=^released " + release, "origin/deploy-log"});
  }
  std::size_t DataRuns() {
    const Json runs = world_.Get("/api/v1/runs?project=shop&limit=200");
    return static_cast<std::size_t>(std::count_if(
        runs.begin(), runs.end(), [](const Json& run) { return run["trigger"] == "data"; }));
  }

  Installation world_{{{"shop", "github", "1h", "", ""}}};
  std::filesystem::path sales_ = world_.folder() / "sales";
  std::filesystem::path clicks_ = world_.folder() / "clicks";
};

TEST_F(WatchOfTheProgram, given_new_files_when_they_are_whole_then_the_newest_head_trains_on_them) {
  world_.Start();
  const CommitId head = world_.Push("shop", {{"failgate.yaml", kPipeline}});
  ASSERT_EQ(world_.SendWebhook("shop", head)->status, 202);
  Put(sales_, "a.csv", "1\n");
  const Json run = AwaitRelease(Sales("1\n"));
  EXPECT_EQ(run["trigger"], "data");
  EXPECT_EQ(run["training"], "full");
  EXPECT_EQ(run["revision"], head.text());
  EXPECT_THAT(run["data"].get<std::string>(), HasSubstr("clicks@delta:t-1:0:sha256:"));
  const std::string release = run["release"];
  Json record;
  world_.WaitFor("readers see " + release, [&] {
    record = world_.Get("/api/v1/projects/shop/releases/" + release);
    return record.is_object();
  });
  EXPECT_EQ(record["artifacts"][0]["sha256"], Sha256Hex("part-0.parquet\n1\n")) << record.dump();
  EXPECT_THAT(MessageOf(release), HasSubstr("\nAuthored-by: unknown\n"));
  EXPECT_THAT(MessageOf(release), HasSubstr("; " + Sales("1\n") + "\n"));

  // The bytes of a version stay what they were; a code push rests on the newest data.
  Put(sales_, "a.csv", "2\n");
  AwaitRelease(Sales("2\n"));
  const CommitId code = world_.Push("shop", {{"code.py", "1\n"}});
  ASSERT_EQ(world_.SendWebhook("shop", code)->status, 202);
  const Json pushed = world_.AwaitRun("shop", code);
  EXPECT_EQ(pushed["trigger"], "code");
  EXPECT_THAT(pushed["data"].get<std::string>(), HasSubstr(Sales("2\n")));

  // Never twice for the same bytes, also not after a kill.
  const std::size_t before = DataRuns();
  world_.Kill();
  std::filesystem::last_write_time(sales_ / "a.csv", std::filesystem::file_time_type::clock::now());
  world_.Start();
  Put(sales_, "b.csv", "3\n");
  world_.WaitFor("the next data run", [&] { return DataRuns() > before; });
  EXPECT_EQ(DataRuns(), before + 1);
  for (const Json& watch : world_.Get("/api/v1/watches")) {
    EXPECT_EQ(watch["files"], watch["name"] == "sales" ? 2 : 1) << watch.dump();
    EXPECT_TRUE(watch["trouble"].is_null()) << watch.dump();
  }
  const CommandResult audit =
      world_.Cli({"audit", "verify", "--repo", world_.CloneOperations("audited").string()}, "");
  EXPECT_EQ(audit.exit_code, 0) << audit.out << audit.err;

  const CommandResult plan =
      world_.Cli({"plan", "--repo", world_.work("shop").string(), "--file", "sales"}, "");
  EXPECT_THAT(plan.out, HasSubstr("data push")) << plan.err;
  EXPECT_THAT(plan.out, HasSubstr("\"sales\" is data of the watch sales"));
}

TEST_F(WatchOfTheProgram, given_a_place_that_git_has_when_pushed_then_the_run_is_refused) {
  world_.Start();
  const CommitId head =
      world_.Push("shop", {{"failgate.yaml", kPipeline}, {"data/sales/old.csv", "1\n"}});
  ASSERT_EQ(world_.SendWebhook("shop", head)->status, 202);
  const Json run = world_.AwaitRun("shop", head);
  EXPECT_EQ(run["state"], "refused");
  EXPECT_THAT(run["reason"].get<std::string>(),
              HasSubstr("git has something at data/sales already"));
  const CommandResult plan = world_.Cli({"plan", "--repo", world_.work("shop").string()}, "");
  EXPECT_EQ(plan.exit_code, 2);
  EXPECT_THAT(plan.err, HasSubstr("git has something at data/sales already"));
}

}  // namespace
}  // namespace failgate
