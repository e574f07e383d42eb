// Files with mistakes: each is named with file:line:column and what was probably meant, and stops
// only what it concerns.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/functional/serve/installation.h"

namespace failgate {
namespace {

using Json = nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;

class Garbage : public ::testing::Test {
 protected:
  ~Garbage() override {
    if (HasFailure()) std::fputs(world_.log().c_str(), stderr);
  }

  std::string Release(const std::string& project, const std::string& text) {
    const Json run = world_.AwaitRun(project, world_.PushAndTell({project, text}));
    EXPECT_TRUE(run["release"].is_string()) << run.dump();
    return run["release"].is_string() ? run["release"].get<std::string>() : "";
  }
  void PushOperations(const Files& files) {
    const CommitId head = world_.Push("operations", files, "alice");
    const auto answer = world_.SendWebhook("operations", head);
    ASSERT_TRUE(answer && answer->status == 202);
  }
  /// What `failgate why` prints, once it names `file`.
  std::string WhyNaming(const std::string& project,
                        const std::string& environment,
                        const std::string& file) {
    std::string said;
    world_.WaitFor(fmt::format("why {} {} names {}", project, environment, file), [&] {
      const CommandResult why = world_.Cli({"why", project, environment}, "vera");
      said = why.out + why.err;
      return said.find(file) != std::string::npos;
    });
    return said;
  }
  CommandResult Validate(const std::filesystem::path& path) {
    return world_.Cli({"validate", path.string()}, "");
  }
  void Write(const std::string& name, const std::string& text) {
    CreateFolders((world_.folder() / "files" / name).parent_path());
    WriteFileDurably(world_.folder() / "files" / name, text);
  }

  Installation world_{{{"shop", "github", "1h", "", ""}, {"cart", "gitlab", "1h", "", ""}}};
};

TEST_F(Garbage, given_a_misspelt_pipeline_when_pushed_then_its_run_says_where_and_what_was_meant) {
  world_.Start();
  Files files = FilesOf({"shop", "first"});
  files["failgate.yaml"] = "project: shop\nstpes:\n  - name: unit\n";
  const CommitId head = world_.Push("shop", files);
  ASSERT_EQ(world_.SendWebhook("shop", head)->status, 202);
  const Json run = world_.AwaitRun("shop", head);
  EXPECT_NE(run["state"], "succeeded");
  const CommandResult shown = world_.Cli({"runs", "show", run["id"].get<std::string>()}, "vera");
  EXPECT_THAT(shown.out, AllOf(HasSubstr("failgate.yaml:2:1"), HasSubstr("steps")));
  EXPECT_EQ(Release("cart", "first"), "cart-1") << "another source is not concerned";
  EXPECT_EQ(Release("shop", "mended"), "shop-1");
}

TEST_F(Garbage,
       given_a_pipeline_of_a_project_that_its_source_may_not_release_when_pushed_then_refused) {
  world_.Start();
  Files files = FilesOf({"shop", "first"});
  files["failgate.yaml"] = FilesOf({"cart", "first"})["failgate.yaml"];
  const CommitId head = world_.Push("shop", files);
  ASSERT_EQ(world_.SendWebhook("shop", head)->status, 202);
  Json runs;
  world_.WaitFor("the push has an outcome", [&] {
    const Json deliveries = world_.Deliveries();
    runs = world_.Get("/api/v1/runs?source=shop");
    return !deliveries.empty() && deliveries[0]["status"] == "done" && runs.is_array() &&
           !runs.empty() && runs[0]["state"] != "queued" && runs[0]["state"] != "running";
  });
  EXPECT_EQ(runs[0]["state"], "refused") << runs.dump();
  EXPECT_THAT(runs[0]["reason"].get<std::string>(), HasSubstr("cart"));
  EXPECT_TRUE(world_.Get("/api/v1/projects/cart/releases").empty());
}

TEST_F(Garbage, given_a_broken_environment_when_pushed_then_only_that_rung_stops) {
  world_.Start();
  PushOperations(
      {{"environments/prod/environment.yaml", "after: recette\npolcy: delivery\ngates: none\n"}});
  const std::string release = Release("shop", "first");
  world_.AwaitLive("shop", "dev", release);
  world_.AwaitLive("shop", "recette", release);
  EXPECT_THAT(WhyNaming("shop", "prod", "environments/prod/environment.yaml:2:1"),
              HasSubstr("policy"));
  const CommandResult promote = world_.Cli({"promote", release, "prod"}, "dana");
  EXPECT_NE(promote.exit_code, 0);
  EXPECT_THAT(promote.err, HasSubstr("environment.yaml:2:1"));
}

TEST_F(Garbage, given_a_broken_project_file_when_pushed_then_other_projects_go_on_there) {
  world_.Start();
  PushOperations({{"environments/recette/shop.yaml", "deploy:\n  - nmae: app\n"}});
  const std::string shop = Release("shop", "first");
  const std::string cart = Release("cart", "first");
  world_.AwaitLive("shop", "dev", shop);
  world_.AwaitLive("cart", "recette", cart);
  EXPECT_THAT(WhyNaming("shop", "recette", "environments/recette/shop.yaml:2:5"),
              HasSubstr("name"));
  EXPECT_TRUE(world_.Status("shop", "recette")["running"].is_null());
  PushOperations({{"environments/recette/shop.yaml",
                   DeploymentFile(world_.folder() / "live", "recette", "shop")}});
  world_.AwaitLive("shop", "recette", shop);
}

TEST_F(Garbage, given_a_broken_desired_file_when_pushed_then_what_runs_there_stays) {
  world_.Start();
  const std::string first = Release("shop", "first");
  world_.AwaitLive("shop", "recette", first);
  PushOperations({{"desired/recette/shop.yaml", "releese: newest\n"}});
  EXPECT_THAT(WhyNaming("shop", "recette", "desired/recette/shop.yaml:1:1"), HasSubstr("release"));
  const std::string second = Release("shop", "second");
  world_.AwaitLive("shop", "dev", second);
  EXPECT_EQ(world_.Status("shop", "recette")["running"], first);
}

TEST_F(Garbage, given_a_broken_server_file_when_started_then_it_says_where_and_exits_with_two) {
  world_.WriteServerFile("artefacts: {kind: directory}\n");
  const CommandResult serve = world_.Cli({"serve", "--config", world_.config().string()}, "");
  EXPECT_EQ(serve.exit_code, 2);
  EXPECT_THAT(serve.err,
              AllOf(HasSubstr("failgate.yaml:"), HasSubstr(":1: "), HasSubstr("artifacts")));
}

TEST_F(Garbage, given_a_missing_key_beside_a_log_when_started_then_it_is_refused) {
  world_.Start();
  ASSERT_EQ(world_.Stop(), 0);
  std::filesystem::remove(world_.folder() / "server/signing_key");
  const CommandResult serve = world_.Cli({"serve", "--config", world_.config().string()}, "");
  EXPECT_NE(serve.exit_code, 0);
  EXPECT_THAT(serve.err, HasSubstr("signing_key"));
}

TEST_F(Garbage, given_files_that_are_no_yaml_when_validated_then_each_is_named_with_its_place) {
  const std::pair<const char*, std::string> broken[] = {
      {"failgate.yaml", "project: shop\nsteps: [\n"},
      {"a/failgate.yaml", "project: shop\nproject: cart\nsteps: []\n"},
      {"b/failgate.yaml", std::string("project: \xff\n")},
      {"c/failgate.yaml", "project: &a shop\nsteps: *a\n"},
      {"d/failgate.yaml", "project: shop\nsteps:\n  - {name: unit, level: untit, run: 'true'}\n"},
      {"environments/dev/environment.yaml", "policy: deploymnet\ngates: none\n"},
      {"environments/dev/shop.yaml", "deploy: 7\n"},
      {"desired/dev/shop.yaml", "release: [shop-1]\n"},
      {"server.yaml", "controller: main\nlisten: {port: 99999}\n"}};
  for (const auto& [name, text] : broken) {
    Write(name, text);
    const CommandResult result = Validate(world_.folder() / "files" / name);
    EXPECT_EQ(result.exit_code, 2) << name << result.out << result.err;
    EXPECT_THAT(result.out + result.err,
                ::testing::ContainsRegex(std::string(name) + ":[0-9]+:[0-9]+: "));
  }
}

}  // namespace
}  // namespace failgate
