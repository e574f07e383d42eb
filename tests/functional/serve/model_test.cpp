// A better model goes in, a worse one does not, and a comparison that is none any more is repeated:
// from the pipeline to the audit, in the program itself.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/functional/serve/installation.h"

namespace failgate {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

/// The model is its own figure; each training scores the champion beside it.
constexpr const char* kPipeline = R"yaml(project: shop
steps:
  - name: train
    level: train
    run: |
      cp src/auc app
      { printf '{"auc": %s' "$(cat app)"
        [ -z "$FAILGATE_CHAMPION" ] || printf ', "champion.auc": %s' "$(cat "$FAILGATE_CHAMPION"/*)"
        echo '}'; } > m.json
    reports: {metrics: m.json}
    artifacts: [{name: app, path: app}]
)yaml";

class ModelsOfTheProgram : public ::testing::Test {
 protected:
  ModelsOfTheProgram() {
    world_.Push(
        "operations",
        {{"environments/dev/environment.yaml", "policy: deployment\ngates: none\n"},
         {"environments/recette/environment.yaml", "after: dev\npolicy: deployment\ngates: none\n"},
         {"environments/prod/environment.yaml", Prod("deployment")}},
        "olga");
    world_.Start();
  }
  static std::string Prod(const std::string& policy) {
    return "after: recette\npolicy: " + policy +
           "\ngates:\n  model: {metric: auc, at_least: 0.80, not_worse_than: champion, tolerance: "
           "0.005, warn: 0.875}\n";
  }
  ~ModelsOfTheProgram() override {
    if (HasFailure()) std::fputs(world_.log().c_str(), stderr);
  }
  /// The release of a model of this quality, once it runs in recette.
  std::string Train(const std::string& auc) {
    const CommitId head =
        world_.Push("shop", {{"failgate.yaml", kPipeline}, {"src/auc", auc + "\n"}});
    EXPECT_EQ(world_.SendWebhook("shop", head)->status, 202);
    const std::string release = world_.AwaitRun("shop", head)["release"].get<std::string>();
    world_.AwaitLive("shop", "recette", release);
    return release;
  }
  CommandResult Promote(const std::string& release) {
    return world_.Cli({"promote", release, "prod"}, "alice");
  }
  [[nodiscard]] std::string Why() const { return world_.Cli({"why", "shop", "prod"}, "alice").out; }
  [[nodiscard]] std::string LogOf(const std::string& folder) const {
    return world_.Git(world_.CloneOperations(folder), {"log", "origin/deploy-log", "--", "prod/"});
  }

  Installation world_{{{"shop", "github", "1h", "", ""}}};
};

TEST_F(ModelsOfTheProgram,
       given_a_champion_when_models_are_promoted_then_only_those_not_worse_than_it_enter) {
  const std::string first = Train("0.87");
  world_.WaitFor("a person is asked",
                 [&] { return world_.Status("shop", "prod")["state"] == "waiting"; });
  EXPECT_THAT(Why(), HasSubstr("failgate approve " + first + " prod"));
  const CommandResult approved = world_.Cli({"approve", first, "prod"}, "alice");
  EXPECT_EQ(approved.exit_code, 0) << approved.out << approved.err;
  world_.AwaitLive("shop", "prod", first);
  EXPECT_THAT(LogOf("first"),
              HasSubstr("Gate: model pass (auc 0.87; no champion in prod yet, in the warning zone "
                        "under 0.875, approved by alice@example.com)"));

  const std::string worse = Train("0.85");
  const std::string why_worse = fmt::format(
      "auc 0.85 is worse than champion {} 0.87 on the same data (tolerance 0.005)", first);
  world_.WaitFor("the worse model is stopped",
                 [&] { return world_.Status("shop", "prod")["state"] == "blocked"; });
  EXPECT_THAT(Why(), HasSubstr(why_worse));
  EXPECT_EQ(world_.Status("shop", "prod")["running"], first);
  world_.Push("operations", {{"environments/prod/environment.yaml", Prod("delivery")}}, "olga");
  EXPECT_EQ(Promote(worse).exit_code, 3);

  // Both were compared with the first; when one of them enters, the other's comparison is none.
  const std::string better = Train("0.88");
  const std::string best = Train("0.89");
  (void)Promote(better);
  world_.AwaitLive("shop", "prod", better);
  EXPECT_THAT(LogOf("better"),
              HasSubstr(fmt::format(
                  "Gate: model pass (auc 0.88; champion {} 0.87 on the same data)", first)));
  (void)Promote(best);
  const std::string again = "shop-5";
  world_.AwaitLive("shop", "recette", again);
  const CommandResult stale = world_.Cli({"why", "shop", "prod"}, "alice");
  EXPECT_THAT(stale.out,
              HasSubstr(fmt::format("was compared with {}; {} runs in prod now", first, better)));
  (void)Promote(again);
  world_.AwaitLive("shop", "prod", again);
  const std::string log = LogOf("again");
  EXPECT_THAT(log,
              HasSubstr(fmt::format(
                  "Gate: model pass (auc 0.89; champion {} 0.88 on the same data)", better)));
  EXPECT_THAT(log, HasSubstr(why_worse));

  const auto clone = world_.CloneOperations("audited");
  const CommandResult audit = world_.Cli({"audit", "verify", "--repo", clone.string()}, "");
  EXPECT_EQ(audit.exit_code, 0) << audit.out << audit.err;

  const CommandResult history = world_.Cli({"metrics", "shop", "--environment", "prod"}, "vera");
  EXPECT_EQ(history.exit_code, 0) << history.out << history.err;
  EXPECT_THAT(history.out, HasSubstr("0.89"));
  EXPECT_THAT(history.out, HasSubstr("0.87 | *"));
  EXPECT_THAT(history.out, Not(HasSubstr("0.85"))) << "it never was there";
  const CommandResult of_all =
      world_.Cli({"metrics", "shop", "--metric", "auc", "--output", "json"}, "vera");
  const CommandResult offline = world_.Cli(
      {"metrics", "shop", "--metric", "auc", "--output", "json", "--repo", clone.string()}, "");
  EXPECT_THAT(of_all.out, HasSubstr("0.85"));
  EXPECT_EQ(Json::parse(of_all.out), Json::parse(offline.out));

  // Somebody makes the worse model look better.
  world_.Git(clone, {"checkout", "-q", "-B", "deploy-log", "origin/deploy-log"});
  const auto path = clone / "releases" / "shop" / (worse + ".json");
  std::stringstream record;
  record << std::ifstream(path).rdbuf();
  std::string text = record.str();
  for (std::size_t at = text.find("0.85"); at != std::string::npos; at = text.find("0.85", at)) {
    text.replace(at, 4, "0.95");
  }
  ASSERT_NE(text, record.str());
  std::ofstream(path) << text;
  world_.Git(clone, {"-c", "user.name=m", "-c", "user.email=m@x", "commit", "-qam", "nothing"});
  world_.Git(clone, {"update-ref", "refs/remotes/origin/deploy-log", "deploy-log"});
  const CommandResult tampered =
      world_.Cli({"audit", "verify", "--repo", clone.string(), "--output", "json"}, "");
  EXPECT_EQ(tampered.exit_code, 1);
  EXPECT_THAT(tampered.out, HasSubstr("\"unsigned\""))
      << "only who has the key can go on from here";
}

}  // namespace
}  // namespace failgate
