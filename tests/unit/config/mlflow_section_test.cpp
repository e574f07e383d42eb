#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "controller/base/durable_file.h"
#include "controller/config/server_file.h"

namespace failgate {
namespace {

const std::filesystem::path kManifests = FAILGATE_MANIFESTS;

std::string ProblemsOf(const std::string& more) {
  const Parsed<ServerFile> server = ParseServerFile(
      "controller: main\ndata_dir: /d\noperations: {url: /ops.git, signing_key: {file: k}}\n" +
          more,
      "/etc/server.yaml");
  return server ? std::string() : Describe(server.error());
}

TEST(MlflowSection, ReadsTheExample) {
  const Parsed<ServerFile> server = LoadServerFile(kManifests / "server" / "mlflow.yaml");
  ASSERT_TRUE(server) << Describe(server.error());
  const MlflowSettings& mlflow = *server->mlflow;
  EXPECT_EQ(mlflow.url, "https://mlflow.example.com");
  EXPECT_EQ(mlflow.token->file, "/etc/failgate/mlflow-token");
  EXPECT_FALSE(mlflow.basic);
  EXPECT_EQ(*mlflow.ca, "/etc/failgate/ca.pem");
  ASSERT_TRUE(mlflow.webhook);
  EXPECT_EQ(mlflow.webhook->provider, "mlflow");
  EXPECT_EQ(mlflow.webhook->secrets.size(), 1U);
  EXPECT_TRUE(mlflow.Serves(ProjectName("churn")));
  EXPECT_FALSE(mlflow.Serves(ProjectName("prices")));
  EXPECT_TRUE(server->targets.Allows("mlflow"));
}

TEST(MlflowSection, TakesAServerOnThisMachineWithABase) {
  EXPECT_EQ(ProblemsOf("mlflow: {url: \"http://127.0.0.1:5000/ml/\", basic: {env: A}, "
                       "projects: [p]}\n"),
            "");
}

TEST(MlflowSection, RefusesWithPlaceAndReason) {
  struct Refused {
    const char* text;
    const char* says;
  };
  const std::vector<Refused> cases = {
      {"mlflow: {projects: [p]}\n", "mlflow needs \"url\""},
      {"mlflow: {url: \"http://a\", projects: [p], webhook: {}}\n", "needs \"secrets\""},
      {"mlflow: {url: \"http://a\", projects: [p], webhook: {provider: github, secrets: [{env: "
       "A}]}}\n",
       "unknown key \"provider\""},
      {"sources: [{name: mlflow, projects: [p], url: /a.git}]\nmlflow: {url: \"http://a\", "
       "projects: [p], webhook: {secrets: [{env: A}]}}\n",
       "/hooks/mlflow is the source mlflow already"},
      {"mlflow: {url: \"http://a:5000\"}\n", "mlflow needs \"projects\""},
      {"mlflow: {url: \"http://a:5000\", projects: []}\n", "at least one project"},
      {"mlflow: {url: a, projects: [p]}\n", "4:15: mlflow.url: must be an http:// or https://"},
      {"mlflow: {url: \"http://u:p@a\", projects: [p]}\n", "without credentials"},
      {"mlflow: {url: \"http://0.0.0.0:5000\", projects: [p]}\n",
       "4:15: mlflow.url: 0.0.0.0 and [::] are where a server listens, nobody can be called there: "
       "write 127.0.0.1 for a server on this machine, else its name"},
      {"mlflow: {url: \"http://[::]:5000\", projects: [p]}\n", "are where a server listens"},
      {"mlflow: {url: \"http://a\", token: x, projects: [p]}\n", "mlflow.token"},
      {"mlflow: {url: \"https://a\", token: {env: A}, basic: {env: B}, projects: [p]}\n",
       "write either a token or basic"},
      {"mlflow: {url: \"http://a\", token: {env: A}, projects: [p]}\n", "use https://"},
      {"mlflow: {url: \"http://a\", projects: [p], tokn: x}\n", "did you mean \"token\"?"},
      {"targets: {allow: [mlflow]}\n", "4:10: targets: mlflow is allowed, so mlflow: {url:"},
      {"url: \"http://0.0.0.0:8484\"\n", "url: 0.0.0.0 and [::] are where a server listens"},
      {"sources: [{name: s, url: \"https://0.0.0.0/a.git\", projects: [p]}]\n",
       "are where a server listens"}};
  for (const Refused& one : cases) {
    EXPECT_NE(ProblemsOf(one.text).find(one.says), std::string::npos)
        << one.text << ProblemsOf(one.text);
  }
}

TEST(MlflowSection, HasASchemaThatNamesItsKeys) {
  const auto schema =
      nlohmann::json::parse(ReadFile(kManifests / "schemas" / "server.schema.json"));
  std::string keys;
  for (const auto& key : schema["properties"]["mlflow"]["properties"].items()) {
    keys += key.key() + " ";
  }
  EXPECT_EQ(keys, "basic ca projects token url webhook ");
}

}  // namespace
}  // namespace failgate
