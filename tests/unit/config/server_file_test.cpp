#include "controller/config/server_file.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "controller/base/durable_file.h"

namespace failgate {
namespace {

const std::filesystem::path kManifests = FAILGATE_MANIFESTS;

ServerFile Load(const std::string& name) {
  Parsed<ServerFile> server = LoadServerFile(kManifests / "server" / name);
  if (!server) throw std::runtime_error(Describe(server.error()));
  return *std::move(server);
}

TEST(ServerFile, ReadsEveryExampleThatIsShipped) {
  int examples = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kManifests / "server")) {
    ++examples;
    const Parsed<ServerFile> server = LoadServerFile(entry.path());
    EXPECT_TRUE(server.has_value()) << Describe(server.error());
  }
  EXPECT_GE(examples, 2);
}

TEST(ServerFile, ReadsTheOperationsRepository) {
  const ServerFile server = Load("gitlab.yaml");
  EXPECT_EQ(server.operations.url, "https://gitlab.example.com/ml/operations.git");
  EXPECT_EQ(server.operations.signing_key, "/etc/failgate/signing_key");
  EXPECT_EQ(server.operations.credentials.token->file, "/etc/failgate/gitlab-token");
  EXPECT_EQ(*server.operations.ca, "/etc/failgate/ca.pem");
  EXPECT_EQ(server.operations.webhook->provider, "gitlab");
  EXPECT_EQ(server.operations.webhook->secrets.at(0).env, "OPS_HOOK_SECRET");
  EXPECT_EQ(server.operations.poll, std::chrono::minutes(1));
}

TEST(ServerFile, ReadsSourcesAndFindsThemByNameAndProject) {
  const ServerFile server = Load("gitlab.yaml");
  ASSERT_EQ(server.sources.size(), 2U);
  const SourceSettings* pricing = server.SourceOf(ProjectName("pricing-api"));
  ASSERT_NE(pricing, nullptr);
  EXPECT_EQ(pricing->name, SourceName("pricing"));
  EXPECT_EQ(*pricing->credentials.ssh_key, "/etc/failgate/pricing_key");
  EXPECT_FALSE(pricing->webhook.has_value());
  EXPECT_EQ(pricing->poll, std::chrono::minutes(5));
  EXPECT_EQ(server.FindSource(SourceName("churn"))->webhook->secrets.size(), 2U);
  EXPECT_EQ(server.FindSource(SourceName("nobody")), nullptr);
  EXPECT_EQ(server.SourceOf(ProjectName("nobody")), nullptr);
}

TEST(ServerFile, ReadsWhatIsWatched) {
  const ServerFile server = Load("data.yaml");
  ASSERT_EQ(server.watches.size(), 4U);
  const WatchSettings& sales = *server.FindWatch("sales");
  EXPECT_EQ(sales.kind, WatchKind::kFiles);
  EXPECT_EQ(sales.path, "/srv/data/sales");
  EXPECT_EQ(sales.patterns, (std::vector<std::string>{"*.csv", "archive/**"}));
  EXPECT_EQ(sales.completion, Completion::kMarker);
  EXPECT_EQ(sales.marker, ".done");
  EXPECT_EQ(sales.projects, std::vector<ProjectName>{ProjectName("churn")});
  EXPECT_EQ(server.FindWatch("clicks")->kind, WatchKind::kDelta);
  EXPECT_EQ(server.FindWatch("clicks")->rescan, std::chrono::seconds(30));
  EXPECT_FALSE(server.FindWatch("clicks")->bucket);
  EXPECT_EQ(server.FindWatch("none"), nullptr);
}

TEST(ServerFile, ReadsBucketsThatAreWatched) {
  const ServerFile server = Load("data.yaml");
  const WatchSettings& orders = *server.FindWatch("orders");
  EXPECT_EQ(orders.path, "s3://acme-data/orders");
  EXPECT_EQ(orders.bucket->bucket, "acme-data");
  EXPECT_EQ(orders.bucket->prefix, "orders/");
  EXPECT_EQ(orders.bucket->endpoint, "https://s3.eu-west-3.amazonaws.com");
  EXPECT_FALSE(orders.bucket->path_style);
  EXPECT_EQ(orders.bucket->secret_key->file, "/etc/failgate/s3-secret-key");
  const BucketSettings& events = *server.FindWatch("events")->bucket;
  EXPECT_EQ(events.endpoint, "https://minio.example.com:9000");
  EXPECT_EQ(events.region, "us-east-1");
  EXPECT_TRUE(events.path_style);
  EXPECT_EQ(events.access_key->env, "LAKE_ACCESS_KEY");
  EXPECT_EQ(*events.ca, "/etc/failgate/ca.pem");
}

TEST(ServerFile, ReadsTheOwnersOfPolicy) {
  EXPECT_EQ(Load("gitlab.yaml").trust->owners, "/etc/failgate/owners");
  EXPECT_FALSE(Load("local.yaml").trust.has_value());
}

TEST(ServerFile, TakesRelativePathsFromItsOwnFolder) {
  const ServerFile server = Load("gitlab.yaml");
  EXPECT_EQ(server.listen.tls->key, kManifests / "server/tls/server.key");
  EXPECT_EQ(server.sources.at(0).webhook->secrets.at(1).file,
            kManifests / "server/hooks/churn-previous");
}

TEST(ServerFile, ReadsBoundsOfRunsTargetsAndIntake) {
  const ServerFile server = Load("gitlab.yaml");
  EXPECT_EQ(server.runner.sandbox, SandboxMode::kRequired);
  EXPECT_EQ(server.runner.parallel, 4);
  EXPECT_EQ(server.runner.memory_bytes, 4LL << 30U);
  EXPECT_TRUE(server.targets.Allows("directory"));
  EXPECT_FALSE(server.targets.Allows("docker"));
  EXPECT_EQ(server.targets.directory_roots.at(0), "/srv");
  EXPECT_EQ(server.limits.body_budget_bytes, 64LL << 20U);
  EXPECT_EQ(server.limits.max_connections, 5000);
  EXPECT_EQ(server.limits.keep_deliveries, std::chrono::hours(168));
  EXPECT_EQ(server.limits.max_journal_bytes, 2LL << 30U);
  EXPECT_EQ(server.metrics_allow, (std::vector<std::string>{"127.0.0.1", "::1"}));
  const NamedSecret& secret = server.secrets.at("aws-prod");
  EXPECT_EQ(secret.reference.file, "/etc/failgate/aws-prod");
  EXPECT_EQ(secret.environments.at(0), EnvironmentName("prod"));
}

TEST(ServerFile, HasSafeDefaults) {
  const Parsed<ServerFile> server = ParseServerFile(
      "controller: main\ndata_dir: /var/lib/failgate/\n"
      "operations: {url: 'file:///srv/ops.git', signing_key: {file: key}}\n",
      "/etc/failgate/server.yaml");
  ASSERT_TRUE(server.has_value()) << Describe(server.error());
  EXPECT_EQ(server->data_dir, "/var/lib/failgate");
  EXPECT_EQ(server->listen.address, "127.0.0.1");
  EXPECT_EQ(server->listen.port, 8484);
  EXPECT_EQ(server->runner.sandbox, SandboxMode::kRequired);
  EXPECT_FALSE(server->runner.network);
  EXPECT_TRUE(server->targets.allow.empty());
  EXPECT_TRUE(server->sources.empty());
  EXPECT_EQ(server->operations.signing_key, "/etc/failgate/key");
}

TEST(ServerFile, MayNameASecretThatIsNotThere) {
  const Parsed<ServerFile> server = ParseServerFile(
      "controller: main\ndata_dir: /d\n"
      "operations: {url: /ops.git, signing_key: {file: /no/key},\n"
      "  webhook: {provider: github, secrets: [{file: /no/secret}]}}\n",
      "/etc/server.yaml");
  EXPECT_TRUE(server.has_value());
}

TEST(ServerFile, ReadsTheWebhookOfEverySender) {
  const ServerFile server = Load("forges.yaml");
  const auto webhook = [&](const char* project) {
    return *server.SourceOf(ProjectName(project))->webhook;
  };
  EXPECT_EQ(server.operations.webhook->provider, "github");
  EXPECT_EQ(webhook("churn").provider, "gitlab-signed");
  EXPECT_EQ(webhook("prices").provider, "gitea");
  EXPECT_EQ(webhook("shop").provider, "bitbucket");
  EXPECT_EQ(webhook("shop").secrets.size(), 2U);
  EXPECT_EQ(webhook("stock").provider, "bitbucket-server");
  EXPECT_EQ(webhook("ledger").provider, "azure");
  EXPECT_EQ(webhook("ledger").header, "");
  EXPECT_EQ(webhook("ledger").algorithm, "sha256");
  EXPECT_EQ(webhook("billing").header, "X-Failgate-Token");
  EXPECT_EQ(webhook("catalogue").provider, "standard");
  EXPECT_EQ(webhook("search").provider, "generic");
  EXPECT_EQ(webhook("search").header, "X-Push-Signature");
  EXPECT_EQ(webhook("search").algorithm, "sha512");
}

TEST(ServerFile, HasASchemaThatNamesTheSendersOfWebhooks) {
  const auto schema =
      nlohmann::json::parse(ReadFile(kManifests / "schemas" / "server.schema.json"));
  const auto known =
      schema.at(nlohmann::json::json_pointer("/$defs/webhook/properties/provider/enum"))
          .get<std::vector<std::string>>();
  for (const std::string& provider : known) {
    const Parsed<ServerFile> server = ParseServerFile(
        "controller: main\ndata_dir: /d\n"
        "operations: {url: /ops.git, signing_key: {file: k}, "
        "webhook: {provider: " +
            provider + ", secrets: [{env: A}]}}\n",
        "/etc/server.yaml");
    EXPECT_TRUE(server.has_value()) << provider;
  }
  EXPECT_EQ(known.size(), 9U);
}

TEST(ServerFile, HasASchemaThatNamesItsKeys) {
  const auto schema =
      nlohmann::json::parse(ReadFile(kManifests / "schemas" / "server.schema.json"));
  EXPECT_FALSE(schema.at("additionalProperties").get<bool>());
  for (const char* key : {"controller",
                          "url",
                          "listen",
                          "data_dir",
                          "operations",
                          "sources",
                          "secrets",
                          "runner",
                          "targets",
                          "store",
                          "artifacts",
                          "metrics",
                          "sonar",
                          "mlflow",
                          "limits"}) {
    EXPECT_TRUE(schema.at("properties").contains(key)) << key;
  }
}

TEST(LoadServerFile, SaysThatAFileIsMissing) {
  const Parsed<ServerFile> server = LoadServerFile("/nowhere/server.yaml");
  ASSERT_FALSE(server.has_value());
  EXPECT_EQ(server.error().at(0).file, "/nowhere/server.yaml");
}

}  // namespace
}  // namespace failgate
