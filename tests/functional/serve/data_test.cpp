// Data in git, from a push to what is deployed, in the program itself.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/base/digest.h"
#include "tests/functional/serve/installation.h"

namespace failgate {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;

constexpr const char* kTraining = R"yaml(
steps:
  - name: train
    level: train
    run: |
      mkdir app
      cat {} > app/model
      printf '{{"rows": %d, "columns": {{"a": {{"type": "text", "nulls": 0}}}}}}' "$(cat {} | wc -l)" > d.json
    training: {{code: degraded}}
    reports: {{data: d.json}}
    artifacts: [{{name: app, path: app}}]
)yaml";

class DataOfTheProgram : public ::testing::Test {
 protected:
  explicit DataOfTheProgram(std::vector<InstalledSource> sources) : world_(std::move(sources)) {
    world_.Push(
        "operations",
        {{"environments/dev/environment.yaml",
          "policy: deployment\ngates:\n  data: {rows: {at_least: 2}, nulls: {at_most: 0}, "
          "schema: champion}\n"},
         {"environments/recette/environment.yaml", "after: dev\npolicy: delivery\ngates: none\n"}},
        "olga");
  }
  ~DataOfTheProgram() override {
    if (HasFailure()) std::fputs(world_.log().c_str(), stderr);
  }
  static std::string Pipeline(const std::string& triggers, const std::string& path) {
    return "project: shop\ntriggers:\n" + triggers + fmt::format(kTraining, path, path);
  }
  void Tell(const std::string& source, const CommitId& head) {
    EXPECT_EQ(world_.SendWebhook(source, head)->status, 202);
  }
  /// The newest run with this trigger, ended.
  Json AwaitRunBy(const std::string& trigger, const CommitId& revision, const std::string& state) {
    Json found;
    world_.WaitFor("a run by " + trigger + " that " + state, [&] {
      for (const Json& run : world_.RunsOf("shop", revision)) {
        if (run["trigger"] != trigger || run["state"] != state) continue;
        found = run;
        return state != "succeeded" || run["release"].is_string();
      }
      return false;
    });
    return found;
  }
  [[nodiscard]] std::string Live(const std::string& release) {
    world_.AwaitLive("shop", "dev", release);
    return ReadFile(world_.live("dev", "shop") / "app/model");
  }
  void ExpectProved() {
    const CommandResult audit =
        world_.Cli({"audit", "verify", "--repo", world_.CloneOperations("audited").string()}, "");
    EXPECT_EQ(audit.exit_code, 0) << audit.out << audit.err;
  }

  Installation world_;
};

class LfsOfTheProgram : public DataOfTheProgram {
 protected:
  LfsOfTheProgram() : DataOfTheProgram({{"shop", "github", "1h", "", ""}}) {
    world_.Git(world_.work("shop"), {"lfs", "install", "--local"});
    world_.Git(world_.work("shop"), {"lfs", "track", "*.bin"});
  }
};

TEST_F(
    LfsOfTheProgram,
    given_data_in_git_lfs_when_it_is_pushed_then_the_release_holds_its_bytes_or_says_what_lacks) {
  const std::string first = "one\ntwo\n";
  const CommitId head =
      world_.Push("shop",
                  {{"failgate.yaml", Pipeline("  data: {paths: [\"data/**\"]}\n", "data/rows.bin")},
                   {"data/rows.bin", first}});
  // Killed while the object is brought; the next life ends as this one would have.
  world_.server_environment = {{"FAILGATE_FAIL_POINT", "artifact-staged"}};
  world_.Start(false);  // the first poll finds the push
  world_.WaitFor("the server is gone", [&] { return !world_.Fetch("/healthz"); });
  world_.server_environment.clear();
  world_.Start();
  const Json code = AwaitRunBy("manual", head, "succeeded");
  EXPECT_EQ(code["data"], "data/rows.bin@sha256:" + Sha256Hex(first));
  EXPECT_EQ(Live(code["release"]), first);

  const std::string second = "one\ntwo\nthree\n";
  const std::string sha256 = Sha256Hex(second);
  const auto object =
      world_.origin("shop") / "lfs/objects" / sha256.substr(0, 2) / sha256.substr(2, 2) / sha256;
  const CommitId moved = world_.Push("shop", {{"data/rows.bin", second}});
  std::filesystem::rename(object, world_.folder() / "object");
  Tell("shop", moved);
  const Json failed = AwaitRunBy("data", moved, "failed");
  EXPECT_THAT(
      failed["reason"].get<std::string>(),
      HasSubstr("data object sha256:" + sha256 + " is not in the store (\"data/rows.bin\")"));
  std::filesystem::rename(world_.folder() / "object", object);
  EXPECT_EQ(world_.Cli({"run", "shop", "--again"}, "dana").exit_code, 0);
  const Json again = AwaitRunBy("manual", moved, "succeeded");
  EXPECT_EQ(Live(again["release"]), second);
  EXPECT_THAT(
      world_.Git(world_.CloneOperations("told"), {"log", "origin/deploy-log", "--", "dev/"}),
      HasSubstr("Gate: data pass (1 objects present (14 bytes); 3 rows, 1 columns; schema of " +
                code["release"].get<std::string>()));
  ExpectProved();
}

class DataRepositoryOfTheProgram : public DataOfTheProgram {
 protected:
  DataRepositoryOfTheProgram()
      : DataOfTheProgram({{"shop", "github", "1h", "", ""},
                          {"sales", "github", "1h", "", "kind: data", "shop"}}) {}
};

TEST_F(DataRepositoryOfTheProgram,
       given_a_source_of_data_when_it_is_pushed_then_its_project_trains_in_full_and_is_released) {
  const CommitId rows = world_.Push("sales", {{"rows.csv", "1\n2\n"}}, "erik");
  world_.Start();
  Tell("sales", rows);
  world_.WaitFor("the data is known", [&] {
    for (const Json& delivery : world_.Deliveries()) {
      if (delivery["source"] == "sales") return delivery["status"] == "done";
    }
    return false;
  });
  const CommitId code =
      world_.Push("shop",
                  {{"failgate.yaml",
                    Pipeline("  data: {sources: [{name: sales, at: input/sales}]}\n",
                             "input/sales/rows.csv")}});
  Tell("shop", code);
  const Json first = AwaitRunBy("manual", code, "succeeded");
  EXPECT_EQ(Live(first["release"]), "1\n2\n");

  const CommitId more = world_.Push("sales", {{"rows.csv", "1\n2\n3\n"}}, "erik");
  Tell("sales", more);
  const Json data = AwaitRunBy("data", code, "succeeded");
  EXPECT_EQ(data["training"], "full");
  EXPECT_EQ(data["data"], "sales@" + more.text());
  EXPECT_EQ(Live(data["release"]), "1\n2\n3\n");
  const Json release =
      world_.Get("/api/v1/projects/shop/releases/" + data["release"].get<std::string>());
  EXPECT_THAT(release.dump(), HasSubstr("erik@example.com"));
  ExpectProved();
}

}  // namespace
}  // namespace failgate
