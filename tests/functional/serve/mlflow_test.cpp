// Releases in an MLflow server, from outside: the built program and a real server of MLflow 3.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "controller/base/error.h"
#include "tests/functional/serve/installation.h"
#include "tests/support/peers.h"

namespace failgate {
namespace {

using Json = nlohmann::json;
using ::testing::Contains;
using ::testing::HasSubstr;

constexpr const char* kPeer = "mlflow3";

class ModelRegistry : public ::testing::Test {
 protected:
  static void TearDownTestSuite() { Peer().reset(); }
  ~ModelRegistry() override {
    if (HasFailure()) std::fputs(world_.log().c_str(), stderr);
  }

  void SetUp() override {
    if (const std::string missing = MissingPeer(kPeer); !missing.empty()) GTEST_SKIP() << missing;
    if (!Peer()) Peer() = std::make_unique<Server>();
    Peer()->peer.Await();
    world_.WriteServerFile(
        fmt::format("mlflow: {{url: \"{}\", projects: [shop]}}\n", Peer()->peer.url()));
    std::string file = ReadFile(world_.config());
    const std::string allowed = "allow: [directory]";
    file.replace(file.find(allowed), allowed.size(), "allow: [directory, mlflow]");
    WriteFileDurably(world_.config(), file, 0600);
    // Each test has a model of its own at the one server, and so an alias.
    model_ =
        fmt::format("shop-{}", ::testing::UnitTest::GetInstance()->current_test_info()->line());
    std::string deploy = DeploymentFile(world_.folder() / "live", "dev", "shop");
    deploy.insert(deploy.find("drift:"),
                  fmt::format("  - name: registry\n"
                              "    mlflow: {{model: {}, alias: champion, artifact: app}}\n",
                              model_));
    world_.Push("operations", {{"environments/dev/shop.yaml", deploy}}, "alice");
  }

  /// Its steps write down where they were told that MLflow is.
  CommitId PushOnly(const std::string& text) {
    Files files = FilesOf({"shop", text});
    std::string& pipeline = files["failgate.yaml"];
    pipeline.insert(pipeline.find("      sha256sum"),
                    "      echo \"$MLFLOW_TRACKING_URI\" > out/app/tracking\n");
    const CommitId head = world_.Push("shop", files);
    static_cast<void>(world_.SendWebhook("shop", head));
    return head;
  }
  std::string Release(const std::string& text) {
    const std::string release = world_.AwaitRun("shop", PushOnly(text))["release"];
    world_.AwaitLive("shop", "dev", release);
    return release;
  }
  [[nodiscard]] static Json Ask(const std::string& method,
                                const std::string& path,
                                const Json& body = nullptr) {
    ClientRequest request;
    request.method = method;
    request.url = Peer()->peer.url() + "/api/2.0/mlflow/" + path;
    request.headers = {{"Content-Type", "application/json"}};
    if (!body.is_null()) request.body = body.dump();
    return Json::parse(Fetch(request).body);
  }
  /// Tags of what the alias says; empty when it is not set.
  [[nodiscard]] std::map<std::string, std::string> Champion() const {
    const Json answer =
        Ask("GET", fmt::format("registered-models/alias?name={}&alias=champion", model_));
    std::map<std::string, std::string> tags;
    if (!answer.contains("model_version")) return tags;
    tags["version"] = answer["model_version"]["version"];
    for (const Json& tag : answer["model_version"]["tags"]) tags[tag["key"]] = tag["value"];
    return tags;
  }
  [[nodiscard]] Json Versions() const {
    return Ask("GET", fmt::format("model-versions/search?filter=name%3D%27{}%27", model_))
        .value("model_versions", Json::array());
  }
  [[nodiscard]] static Json RunsOf(const std::string& release, const std::string& run) {
    const Json experiment = Ask("GET", "experiments/get-by-name?experiment_name=shop");
    if (!experiment.contains("experiment")) return Json::array();
    return Ask("POST",
               "runs/search",
               {{"experiment_ids", {experiment["experiment"]["experiment_id"]}},
                {"filter",
                 fmt::format("tags.`failgate.release` = '{}' and tags.`failgate.run` = '{}'",
                             release,
                             run)}})
        .value("runs", Json::array());
  }
  /// A life that dies at that place.
  void Arm(const std::string& place) {
    world_.Kill();
    world_.server_environment = {{"FAILGATE_FAIL_POINT", place}};
    world_.Start(false);
  }
  void GoOnAfterDeathAt(const std::string& place) {
    world_.server().AwaitEnd();
    EXPECT_THAT(world_.server().output(), HasSubstr(place));
    world_.server_environment.clear();
    world_.Start();
  }
  void ExpectTheAuditIsRight() {
    const CommandResult audit =
        world_.Cli({"audit", "verify", "--repo", world_.CloneOperations("audited").string()}, "");
    EXPECT_EQ(audit.exit_code, 0) << audit.out << audit.err;
  }

  struct Server {
    TemporaryFolder folder;
    MlflowPeer peer{kPeer, folder.path()};
  };
  static std::unique_ptr<Server>& Peer() {
    static std::unique_ptr<Server> server;
    return server;
  }

  Installation world_{{{"shop", "github", "1h", "", ""}}};
  /// Its alias moves, or is deleted: the server tells the controller at once.
  void AddWebhook(const std::string& secret) const {
    const Json made = Ask("POST",
                          "webhooks",
                          {{"name", "failgate"},
                           {"url", world_.url() + "/hooks/mlflow"},
                           {"events",
                            {{{"entity", "MODEL_VERSION_ALIAS"}, {"action", "CREATED"}},
                             {{"entity", "MODEL_VERSION_ALIAS"}, {"action", "DELETED"}}}},
                           {"secret", secret},
                           {"status", "ACTIVE"}});
    ASSERT_TRUE(made.contains("webhook")) << made;
  }
  std::string model_;
};

TEST_F(ModelRegistry, given_a_promotion_when_it_ends_then_the_alias_says_the_release) {
  world_.Start();
  const CommitId head = PushOnly("first");
  const Json run = world_.AwaitRun("shop", head);
  world_.AwaitLive("shop", "dev", "shop-1");
  auto champion = Champion();
  EXPECT_EQ(champion["failgate.release"], "shop-1");
  EXPECT_EQ(champion["git.commit"], head.text());
  const Json release = world_.Get("/api/v1/projects/shop/releases/shop-1");
  EXPECT_THAT(release.dump(), HasSubstr(champion["artifact.sha256"]));
  EXPECT_EQ(ReadFile(world_.live("dev", "shop") / "app/tracking"), Peer()->peer.url() + "\n");

  Json recorded;
  world_.WaitFor("the run is recorded", [&] {
    recorded = RunsOf("shop-1", run["id"]);
    return recorded.size() == 1U && recorded[0]["info"]["status"] == "FINISHED";
  });
  EXPECT_THAT(recorded[0]["data"].dump(), HasSubstr("tests.unit.passed"));
  world_.WaitFor("nothing is owed", [&] {
    const auto metrics = world_.Fetch("/metrics");
    return metrics && metrics->body.find("\nfailgate_mlflow_owed 0\n") != std::string::npos;
  });

  // Another release, and what people do by hand.
  EXPECT_EQ(Release("second"), "shop-2");
  EXPECT_EQ(Champion()["failgate.release"], "shop-2");
  static_cast<void>(
      Ask("POST",
          "registered-models/alias",
          {{"name", model_}, {"alias", "champion"}, {"version", champion["version"]}}));
  world_.WaitFor("it is healed", [&] {
    const auto facts = world_.Facts("dev/");
    return std::find(facts.begin(), facts.end(), "healed") != facts.end();
  });
  EXPECT_THAT(world_.Facts("dev/"), Contains("drifted"));
  EXPECT_EQ(Champion()["failgate.release"], "shop-2");

  ASSERT_EQ(world_.Cli({"rollback", "shop", "dev", "-m", "scores jumped"}, "carol").exit_code, 0);
  world_.AwaitLive("shop", "dev", "shop-1");
  EXPECT_EQ(Champion()["failgate.release"], "shop-1");
  EXPECT_EQ(Versions().size(), 2U) << "the way back makes no new version";
  ExpectTheAuditIsRight();
}

TEST_F(ModelRegistry, given_its_webhook_when_the_alias_moves_then_it_is_healed_before_any_poll) {
  const std::string secret = "mlflow-hook-s3cret";
  WriteFileDurably(world_.folder() / "server/mlflow-hook", secret, 0600);
  std::string file = ReadFile(world_.config());
  const std::string projects = "projects: [shop]}";
  file.replace(file.rfind(projects),
               projects.size(),
               "projects: [shop], webhook: {secrets: [{file: mlflow-hook}]}}");
  WriteFileDurably(world_.config(), file, 0600);
  const auto deploy = world_.work("operations") / "environments/dev/shop.yaml";
  std::string text = ReadFile(deploy);
  const std::string every = "drift: {every: 1s";
  text.replace(text.find(every), every.size(), "drift: {every: 1h");
  world_.Push("operations", {{"environments/dev/shop.yaml", text}}, "alice");
  world_.Start();
  static_cast<void>(Release("first"));
  const auto first = Champion();
  static_cast<void>(Release("second"));
  AddWebhook(secret);
  static_cast<void>(
      Ask("POST",
          "registered-models/alias",
          {{"name", model_}, {"alias", "champion"}, {"version", first.at("version")}}));
  world_.WaitFor("it is healed", [&] { return Champion()["failgate.release"] == "shop-2"; });
  world_.WaitFor("both facts are told", [&] {
    const auto facts = world_.Facts("dev/");
    return std::count(facts.begin(), facts.end(), "healed") == 1;
  });
  EXPECT_THAT(world_.Facts("dev/"), Contains("drifted"));
  // What a delivery asks for is a look and nothing else: no run, no promotion.
  EXPECT_EQ(world_.Get("/api/v1/runs?project=shop").size(), 2U);
  Json of_mlflow;
  world_.WaitFor("its deliveries are done", [&] {
    of_mlflow = Json::array();
    for (const Json& delivery : world_.Deliveries()) {
      if (delivery["source"] == "mlflow") of_mlflow.push_back(delivery);
    }
    return of_mlflow.size() >= 2 && std::all_of(of_mlflow.begin(), of_mlflow.end(), [](auto& one) {
             return one["status"] == "done";
           });
  });
  EXPECT_EQ(of_mlflow[0]["event"], "model_version_alias.created");
  ExpectTheAuditIsRight();
}

TEST_F(ModelRegistry, given_a_kill_while_the_alias_moves_when_started_again_then_it_ends_the_same) {
  world_.Start();
  static_cast<void>(Release("zero"));
  int releases = 1;
  for (const char* place :
       {"mlflow-run-made", "mlflow-version-made", "mlflow-alias-due", "mlflow-alias-set"}) {
    SCOPED_TRACE(place);
    Arm(place);
    const CommitId head = PushOnly(place);
    GoOnAfterDeathAt(place);
    const Json run = world_.AwaitRun("shop", head);
    const std::string release = fmt::format("shop-{}", ++releases);
    ASSERT_EQ(run["release"], release);
    world_.AwaitLive("shop", "dev", release);
    EXPECT_EQ(Champion()["failgate.release"], release);
    EXPECT_EQ(Versions().size(), static_cast<std::size_t>(releases));
    world_.WaitFor("its run is whole", [&] {
      const Json runs = RunsOf(release, run["id"]);
      return runs.size() == 1U && runs[0]["info"]["status"] == "FINISHED";
    });
  }
  const std::string place = "mlflow-alias-deleted";
  Arm(place);
  world_.WaitFor("it can be asked", [&] { return world_.Fetch("/readyz").has_value(); });
  static_cast<void>(world_.Cli({"remove", "shop", "dev", "-m", "not needed"}, "olga"));
  GoOnAfterDeathAt(place);
  world_.WaitFor("it is gone", [&] { return world_.Facts("dev/").back() == "removed"; });
  EXPECT_TRUE(Champion().empty());
  EXPECT_EQ(Versions().size(), static_cast<std::size_t>(releases));
  ExpectTheAuditIsRight();
}

TEST_F(ModelRegistry, given_an_mlflow_that_is_down_when_a_release_is_made_then_it_is_only_owed) {
  std::string file = ReadFile(world_.config());
  const std::string url = Peer()->peer.url();
  const std::string nobody = fmt::format("http://127.0.0.1:{}", RecentlyFreePort());
  file.replace(file.find(url), url.size(), nobody);
  WriteFileDurably(world_.config(), file, 0600);
  world_.Push(
      "operations",
      {{"environments/dev/shop.yaml", DeploymentFile(world_.folder() / "live", "dev", "shop")}},
      "alice");
  world_.Start();
  const std::string release = Release("first");
  world_.WaitFor("it is owed", [&] {
    const auto metrics = world_.Fetch("/metrics");
    return metrics && metrics->body.find("\nfailgate_mlflow_owed 1\n") != std::string::npos &&
           metrics->body.find("\nfailgate_mlflow_trouble 1\n") != std::string::npos;
  });
  const CommandResult doctor = world_.Run(
      {FAILGATE_PROGRAM, "doctor", "--config", world_.config().string()}, world_.folder());
  EXPECT_THAT(doctor.out, HasSubstr("warn mlflow: GET"));
  EXPECT_THAT(doctor.out, HasSubstr("MLflow 3"));
  EXPECT_THAT(doctor.out, HasSubstr("listens at " + url));
}

}  // namespace
}  // namespace failgate
