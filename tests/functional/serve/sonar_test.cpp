// The gate `sonar` in the program itself, against a fake SonarQube over HTTP.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/functional/serve/installation.h"
#include "tests/support/fake_sonar.h"

namespace failgate {
namespace {

using Json = nlohmann::json;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kToken = "squ_token-of-the-sonar-test";
constexpr const char* kHookSecret = "sonar-hook-secret-1";

class SonarOfTheProgram : public ::testing::Test {
 protected:
  SonarOfTheProgram() {
    WriteFileDurably(world_.folder() / "server/sonar-token", std::string(kToken) + "\n", 0600);
    WriteFileDurably(
        world_.folder() / "server/sonar-secret", std::string(kHookSecret) + "\n", 0600);
    // Polled so rarely that the webhook alone makes it ask in time.
    world_.WriteServerFile(fmt::format(
        "sonar: {{url: \"{}\", token: {{file: sonar-token}}, webhook: {{secrets: [{{file: "
        "sonar-secret}}]}}, poll: 5m}}\n",
        sonar_.url()));
    world_.Push("operations",
                {{"environments/recette/environment.yaml",
                  "after: dev\npolicy: deployment\ngates:\n  sonar: {project: shop_key}\n"}},
                "olga");
  }
  ~SonarOfTheProgram() override {
    if (HasFailure()) std::fputs(world_.log().c_str(), stderr);
  }

  /// SonarQube's webhook; the status it is answered with.
  int Tell(const CommitId& revision, const std::string& task, const std::string& secret) {
    const SonarHook hook = MakeSonarHook(secret, "shop_key", revision.text(), task);
    ClientRequest request;
    request.method = "POST";
    request.url = world_.url() + "/hooks/sonar";
    request.headers = {{"Content-Type", "application/json"},
                       {"X-SonarQube-Project", "shop_key"},
                       {"X-Sonar-Webhook-HMAC-SHA256", hook.signature}};
    request.body = hook.body;
    return failgate::Fetch(request).status;
  }
  void AwaitReason(const std::string& verdict, const std::string& reason) {
    world_.WaitFor("sonar " + verdict + " " + reason, [&] {
      const Json why = world_.Get("/api/v1/projects/shop/environments/recette/why");
      if (!why.is_object()) return false;
      for (const Json& gate : why["gates"]) {
        if (gate["gate"] == "sonar" && gate["verdict"] == verdict) {
          return gate["reason"].get<std::string>().find(reason) != std::string::npos;
        }
      }
      return false;
    });
  }

  FakeSonar sonar_{kToken};
  Installation world_{{{"shop", "github", "1h", "", ""}}};
};

TEST_F(SonarOfTheProgram,
       given_a_quality_gate_when_the_revision_is_analysed_then_ok_alone_lets_the_release_in) {
  world_.Start();
  const CommitId bad = world_.PushAndTell({"shop", "one"});
  const std::string first = world_.AwaitRun("shop", bad)["release"].get<std::string>();
  world_.AwaitLive("shop", "dev", first);
  AwaitReason("wait", "it does not know project shop_key");
  sonar_.Analyse("shop_key", std::string(40, 'e'), "OK");  // of another commit
  sonar_.Analyse(
      "shop_key",
      bad.text(),
      "ERROR",
      R"([{"status":"ERROR","metricKey":"new_coverage","comparator":"LT","errorThreshold":"80","actualValue":"71.2"}])");
  EXPECT_EQ(Tell(bad, "task-1", "another-secret"), 401);
  EXPECT_EQ(Tell(bad, "task-1", kHookSecret), 202);
  AwaitReason("fail", "new_coverage 71.2 is under 80");
  EXPECT_THAT(world_.Facts("recette/"), Not(Contains("promoted")));

  const CommitId good = world_.PushAndTell({"shop", "two"});
  const std::string second = world_.AwaitRun("shop", good)["release"].get<std::string>();
  world_.AwaitLive("shop", "dev", second);
  AwaitReason("wait", "has no analysis of " + good.text().substr(0, 12));
  const std::string analysis = sonar_.Analyse("shop_key", good.text(), "OK");
  EXPECT_EQ(Tell(good, "task-2", kHookSecret), 202);
  world_.AwaitLive("shop", "recette", second);

  EXPECT_THAT(world_.log(), Not(HasSubstr(kToken)));
  const auto clone = world_.CloneOperations("audited");
  const std::string log = world_.Git(clone, {"log", "origin/deploy-log", "--format=%B"});
  EXPECT_THAT(log, HasSubstr("Gate: sonar pass (OK for " + good.text().substr(0, 12)));
  EXPECT_THAT(log, HasSubstr(analysis));
  EXPECT_THAT(log, Not(HasSubstr("169.254")));
  const CommandResult audit =
      world_.Cli({"audit", "verify", "--repo", clone.string(), "--output", "json"}, "");
  EXPECT_EQ(audit.exit_code, 0) << audit.out << audit.err;
  EXPECT_GT(Json::parse(audit.out)["attested"].get<int>(), 0);
  for (const Json& delivery : world_.Deliveries()) {
    if (delivery["source"] == "sonar") {
      EXPECT_EQ(delivery["status"], "done") << delivery;
    }
  }
}

}  // namespace
}  // namespace failgate
