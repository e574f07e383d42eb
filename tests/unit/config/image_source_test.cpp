// Sources of kind image in the server file.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "controller/base/durable_file.h"
#include "controller/config/server_file.h"

namespace failgate {
namespace {

const std::filesystem::path kManifests = FAILGATE_MANIFESTS;

std::string ProblemsWith(const std::string& keys) {
  const Parsed<ServerFile> server = ParseServerFile(
      "controller: main\ndata_dir: /d\noperations: {url: /ops.git, signing_key: {file: k}}\n"
      "sources:\n  - {kind: image, name: i, projects: [p], " +
          keys + "}\n",
      "/etc/server.yaml");
  return server ? std::string() : Describe(server.error());
}

TEST(ImageName, IsRegistryAndPath) {
  for (const char* good : {"registry.example.com/ml/churn",
                           "localhost/churn",
                           "localhost:5000/a/b/c",
                           "127.0.0.1:5000/ml/churn",
                           "docker.io/library/debian",
                           "registry.example.com/a-b/c__d.e---f"}) {
    const auto name = ParseImageName(good);
    ASSERT_TRUE(name) << good;
    EXPECT_EQ(name->text(), good);
  }
  for (const char* bad : {"",
                          "churn",
                          "ml/churn",
                          "https://registry.example.com/ml/churn",
                          "registry.example.com",
                          "registry.example.com/",
                          "registry.example.com/ml/churn:v1",
                          "registry.example.com/ml/churn@sha256:aa",
                          "user@registry.example.com/ml/churn",
                          "registry.example.com/ML/churn",
                          "Registry.example.com/ml",
                          "registry.example.com//churn",
                          "registry.example.com/../churn",
                          "registry.example.com/a___b",
                          "registry.example.com/a.-b",
                          "registry.example.com/a b",
                          "registry.example.com:0/a",
                          "registry.example.com:x/a",
                          "registry.example.com/a?b",
                          "-x.example.com/a"}) {
    EXPECT_FALSE(ParseImageName(bad)) << bad;
  }
}

TEST(ImageName, KnowsWhatStaysOnThisMachine) {
  EXPECT_TRUE(IsLoopbackHost("localhost:5000"));
  EXPECT_TRUE(IsLoopbackHost("127.0.0.1"));
  EXPECT_FALSE(IsLoopbackHost("127.example.com"));
  EXPECT_FALSE(IsLoopbackHost("localhost.example.com"));
  EXPECT_FALSE(IsLoopbackHost("registry.example.com"));
}

TEST(ImageTag, IsShortAndPlain) {
  EXPECT_TRUE(IsImageTag("v1.2_3-rc"));
  EXPECT_TRUE(IsImageTag(std::string(128, 'a')));
  for (const std::string& bad : {std::string(),
                                 std::string(".a"),
                                 std::string("-a"),
                                 std::string("a/b"),
                                 std::string("a:b"),
                                 std::string(129, 'a')}) {
    EXPECT_FALSE(IsImageTag(bad)) << bad;
  }
}

TEST(ImageSource, IsReadWithAllItsKeys) {
  const Parsed<ServerFile> server = LoadServerFile(kManifests / "server" / "images.yaml");
  ASSERT_TRUE(server) << Describe(server.error());
  EXPECT_EQ(server->sources.size(), 1U);
  ASSERT_EQ(server->images.size(), 4U);
  const ImageSourceSettings& harbor = *server->FindImage(SourceName("churn-image"));
  EXPECT_EQ(harbor.image, (ImageName{"harbor.example.com", "ml/churn"}));
  EXPECT_EQ(harbor.tags, std::vector<std::string>{"v*"});
  EXPECT_EQ(harbor.credentials.username, "robot");
  EXPECT_EQ(harbor.credentials.password->file, kManifests / "server" / "harbor-password");
  EXPECT_EQ(*harbor.ca, "/etc/failgate/ca.pem");
  EXPECT_EQ(harbor.webhook->provider, "harbor");
  EXPECT_EQ(harbor.poll, std::chrono::minutes(5));
  EXPECT_EQ(server->images[1].tags, std::vector<std::string>{"*"});
  EXPECT_EQ(server->images[2].token_hosts, std::vector<std::string>{"auth.docker.io"});
  EXPECT_EQ(server->images[3].token_hosts, std::vector<std::string>{"auth.example.com"});
  EXPECT_EQ(server->images[3].credentials.token->env, "LEDGER_REGISTRY_TOKEN");
}

TEST(ImageSource, BindsNoProjectToItself) {
  const Parsed<ServerFile> server = LoadServerFile(kManifests / "server" / "images.yaml");
  ASSERT_TRUE(server);
  EXPECT_EQ(server->SourceOf(ProjectName("churn"))->name.text(), "churn");
  EXPECT_EQ(server->SourceOf(ProjectName("shop")), nullptr);
  EXPECT_EQ(server->ProjectsOf(SourceName("shop-image"))->at(0).text(), "shop");
  EXPECT_EQ(server->ProjectsOf(SourceName("nobody")), nullptr);
}

TEST(ImageSource, IsRefusedWithItsPlace) {
  const std::string image = "image: r.example.com/a";
  EXPECT_EQ(ProblemsWith(image), "");
  struct Case {
    std::string keys;
    const char* expected;
  };
  const std::vector<Case> cases = {
      {"poll: 5m", "/etc/server.yaml:5:5: sources[0] needs \"image\""},
      {"image: https://r.example.com/a",
       "/etc/server.yaml:5:50: sources[0].image: write it without"},
      {"image: r.example.com/a:v1", "without a tag"},
      {image + ", url: /s.git", "unknown key \"url\""},
      {image + ", insecure: true", "unknown key \"insecure\""},
      {image + ", tags: []", "one to fifty patterns"},
      {image + ", tags: ['a/b']", "matches no tag"},
      {image + ", credentials: x", "write {username"},
      {image + ", credentials: {username: u}", "either username and password, or a token"},
      {image + ", credentials: {password: {env: P}}", "either username and password, or a token"},
      {image + ", credentials: {username: u, password: {env: P}, token: {env: T}}",
       "either username and password, or a token"},
      {image + ", credentials: {username: 'u:v', password: {env: P}}", "must hold no ':'"},
      {image + ", credentials: {username: u, password: s3cret}", "credentials.password"},
      {image + ", token_hosts: ['https://auth.example.com']", "is not a host name"},
      {image + ", token_hosts: ['auth.example.com:443']", "is not a host name"},
      {image + ", webhook: {provider: github, secrets: [{env: A}]}", "distribution"},
      {image + ", webhook: {provider: harbor, header: X, secrets: [{env: A}]}",
       "only the providers"},
      {image + ", webhook: {provider: harbor}", "needs \"secrets\""},
      {"image: localhost:5000/a, ca: {file: c}", "over http://"}};
  for (const Case& one : cases) {
    const std::string problems = ProblemsWith(one.keys);
    EXPECT_NE(problems.find(one.expected), std::string::npos) << one.keys << " gave: " << problems;
    EXPECT_EQ(problems.find("s3cret"), std::string::npos);
  }
}

TEST(ImageSource, SharesTheNamesOfAllSources) {
  const Parsed<ServerFile> server = ParseServerFile(
      "controller: main\ndata_dir: /d\noperations: {url: /ops.git, signing_key: {file: k}}\n"
      "sources:\n  - {name: a, projects: [p], url: /s.git}\n"
      "  - {kind: image, name: a, projects: [p], image: r.example.com/a}\n",
      "/etc/server.yaml");
  ASSERT_FALSE(server);
  EXPECT_NE(Describe(server.error()).find("named already in line 5"), std::string::npos);
}

TEST(ImageSource, HasASchemaThatNamesItsKeysAndSenders) {
  const auto schema =
      nlohmann::json::parse(ReadFile(kManifests / "schemas" / "server.schema.json"));
  const auto& source = schema.at("$defs").at("image_source").at("properties");
  for (const char* key : {"name",
                          "kind",
                          "image",
                          "tags",
                          "projects",
                          "credentials",
                          "token_hosts",
                          "ca",
                          "webhook",
                          "poll"}) {
    EXPECT_TRUE(source.contains(key)) << key;
  }
  for (const auto& word : source.at("webhook").at("properties").at("provider").at("enum")) {
    EXPECT_EQ(ProblemsWith("image: r.example.com/a, webhook: {provider: " +
                           word.get<std::string>() + ", secrets: [{env: A}]}"),
              "");
  }
}

}  // namespace
}  // namespace failgate
