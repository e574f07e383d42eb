// The main job, once through, with a GitLab source: what a new user and an auditor see.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "controller/base/digest.h"
#include "controller/base/text.h"
#include "tests/functional/serve/installation.h"

namespace failgate {
namespace {

using Json = nlohmann::json;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;

std::vector<std::string> Keys(const Json& object) {
  std::vector<std::string> keys;
  for (const auto& item : object.items()) keys.push_back(item.key());
  return keys;
}

/// One server for the whole story; each test is one more chapter of a world of its own.
class Story : public ::testing::Test {
 protected:
  Story() { world_.Start(); }
  ~Story() override {
    if (HasFailure()) std::fputs(world_.log().c_str(), stderr);
  }

  /// A push whose release reaches recette by itself; its name.
  std::string PushToRecette(const std::string& text) {
    const CommitId head = world_.PushAndTell({"shop", text});
    const Json run = world_.AwaitRun("shop", head);
    EXPECT_EQ(run["state"], "succeeded") << run.dump();
    const std::string release = run["release"].get<std::string>();
    world_.AwaitLive("shop", "dev", release);
    world_.AwaitLive("shop", "recette", release);
    return release;
  }
  std::string Verdict(const std::string& environment, const std::string& gate) {
    const Json why =
        world_.Get(fmt::format("/api/v1/projects/shop/environments/{}/why", environment));
    if (!why.is_object()) return "";
    for (const Json& each : why["gates"]) {
      if (each["gate"] == gate) return each["verdict"].get<std::string>();
    }
    return "";
  }
  /// Parsed output of a command with --output json.
  Json CliJson(std::vector<std::string> arguments, const std::string& person = "vera") {
    arguments.insert(arguments.end(), {"--output", "json"});
    const CommandResult result = world_.Cli(arguments, person);
    EXPECT_EQ(result.exit_code, 0) << Join(arguments, " ") << ": " << result.err;
    Json json = Json::parse(result.out, nullptr, false);
    EXPECT_FALSE(json.is_discarded()) << result.out;
    return json;
  }
  void ExpectPayloadIsWhole(const std::string& environment) {
    const auto app = world_.live(environment, "shop") / "app";
    EXPECT_EQ(Sha256Hex(ReadFile(app / "payload")), ReadFile(app / "sum").substr(0, 64));
  }

  Installation world_{{{"shop", "gitlab", "1h", "", ""}}};
};

TEST_F(Story, given_a_push_when_its_webhook_arrives_then_it_climbs_to_recette_by_itself) {
  EXPECT_EQ(PushToRecette("first"), "shop-1");
  ExpectPayloadIsWhole("dev");
  ExpectPayloadIsWhole("recette");
  EXPECT_TRUE(std::filesystem::is_symlink(world_.live("dev", "shop")));
  EXPECT_EQ(std::filesystem::read_symlink(world_.live("dev", "shop"))
                .string()
                .rfind((world_.folder() / "live/.failgate/shop/dev/shop-1-").string(), 0),
            0U)
      << std::filesystem::read_symlink(world_.live("dev", "shop"));
  EXPECT_FALSE(std::filesystem::exists(world_.live("prod", "shop")));
  EXPECT_THAT(world_.Facts("dev/"), Contains("deployed"));
  const Json delivery = world_.Deliveries().at(0);
  EXPECT_EQ(delivery["status"], "done") << delivery.dump();
}

TEST_F(Story, given_a_failing_test_when_pushed_then_there_is_no_release) {
  SmallProject broken{"shop", "broken"};
  broken.failing_tests = 1;
  const CommitId head = world_.PushAndTell(broken);
  const Json run = world_.AwaitRun("shop", head);
  EXPECT_EQ(run["state"], "failed");
  EXPECT_TRUE(run["release"].is_null());
  const Json shown = CliJson({"runs", "show", run["id"].get<std::string>()});
  ASSERT_EQ(shown["steps"].size(), 3U);
  std::map<std::string, std::string> states;
  for (const Json& step : shown["steps"]) states[step["name"]] = step["state"];
  EXPECT_EQ(states["unit"], "failed");
  EXPECT_EQ(states["package"], "skipped");
  EXPECT_EQ(states["functional"], "skipped");
  EXPECT_TRUE(CliJson({"releases", "shop"}).empty());
  EXPECT_FALSE(std::filesystem::exists(world_.live("dev", "shop")));
}

TEST_F(Story, given_too_little_coverage_when_pushed_then_it_stops_before_recette) {
  SmallProject thin{"shop", "thin"};
  thin.covered_lines = 5;
  const CommitId head = world_.PushAndTell(thin);
  const Json run = world_.AwaitRun("shop", head);
  ASSERT_EQ(run["state"], "succeeded");
  world_.AwaitLive("shop", "dev", "shop-1");
  world_.WaitFor("the coverage gate refuses",
                 [&] { return Verdict("recette", "coverage") == "fail"; });
  EXPECT_TRUE(world_.Status("shop", "recette")["running"].is_null());
  EXPECT_FALSE(std::filesystem::exists(world_.live("recette", "shop")));
  const CommandResult promote = world_.Cli({"promote", "shop-1", "prod"}, "dana");
  EXPECT_EQ(promote.exit_code, 3) << promote.out << promote.err;
  EXPECT_THAT(promote.out + promote.err, HasSubstr("coverage"));
  const CommandResult why = world_.Cli({"why", "shop", "recette"}, "vera");
  EXPECT_EQ(why.exit_code, 0);
  EXPECT_THAT(why.out, AllOf(HasSubstr("coverage"), HasSubstr("50"), HasSubstr("80")));
  // A release that covers enough passes where the thin one stopped.
  EXPECT_EQ(PushToRecette("thick"), "shop-2");
}

TEST_F(Story,
       given_a_release_in_recette_when_two_approve_then_prod_runs_it_and_heals_and_rolls_back) {
  const std::string first = PushToRecette("first");
  const CommandResult promote = world_.Cli({"promote", first, "prod"}, "dana");
  EXPECT_EQ(promote.exit_code, 0) << promote.err;
  EXPECT_THAT(promote.out, HasSubstr("approvals")) << "a promote that waits prints what for";
  world_.WaitFor("prod waits", [&] { return Verdict("prod", "approvals") == "wait"; });
  EXPECT_TRUE(world_.Status("shop", "prod")["running"].is_null());
  EXPECT_EQ(world_.Cli({"approve", first, "prod"}, "dana").exit_code, 1) << "a developer";
  EXPECT_EQ(world_.Cli({"approve", first, "prod", "-m", "tried it"}, "alice").exit_code, 0);
  EXPECT_TRUE(world_.Status("shop", "prod")["running"].is_null());
  EXPECT_EQ(world_.Cli({"approve", first, "prod"}, "bob").exit_code, 0);
  world_.AwaitLive("shop", "prod", first);
  ExpectPayloadIsWhole("prod");

  // Drift by hand.
  const auto payload = world_.live("prod", "shop") / "app/payload";
  std::filesystem::permissions(payload, std::filesystem::perms(0644));
  WriteFileDurably(payload, "changed by hand");
  world_.WaitFor("prod is healed", [&] {
    const auto facts = world_.Facts("prod/");
    return std::find(facts.begin(), facts.end(), "healed") != facts.end();
  });
  ExpectPayloadIsWhole("prod");

  // The next release was a mistake.
  const std::string second = PushToRecette("second");
  world_.TakeToProd("shop", second);
  EXPECT_EQ(world_.Cli({"rollback", "shop", "prod"}, "carol").exit_code, 2) << "no reason";
  EXPECT_EQ(world_.Cli({"rollback", "shop", "prod", "-m", "bad"}, "dana").exit_code, 1);
  EXPECT_EQ(world_.Cli({"rollback", "shop", "prod", "-m", "a mistake"}, "carol").exit_code, 0);
  world_.AwaitLive("shop", "prod", first);
  ExpectPayloadIsWhole("prod");

  const std::vector<std::string> told = {"decided",
                                         "approved",
                                         "approved",
                                         "promoted",
                                         "deployed",
                                         "drifted",
                                         "healed",
                                         "decided",
                                         "approved",
                                         "approved",
                                         "promoted",
                                         "deployed",
                                         "promoted",
                                         "rolled-back"};
  std::vector<std::string> facts = world_.Facts("prod/");
  // Verdicts change between (recette first, then approvals one by one): their number is no
  // contract.
  facts.erase(std::unique(facts.begin(),
                          facts.end(),
                          [](const auto& a, const auto& b) { return a == "decided" && b == a; }),
              facts.end());
  std::vector<std::string> core;
  for (const std::string& fact : facts) {
    if (fact != "decided") core.push_back(fact);
  }
  std::vector<std::string> expected;
  for (const std::string& fact : told) {
    if (fact != "decided") expected.push_back(fact);
  }
  EXPECT_THAT(core, ElementsAreArray(expected)) << Join(facts, " ");

  // What an auditor does with nothing but git.
  const auto clone = world_.CloneOperations();
  world_.Git(clone, {"config", "gpg.ssh.allowedSignersFile", "allowed_signers"});
  const std::string log =
      world_.Git(clone, {"log", "--reverse", "--format=%s", "origin/deploy-log", "--", "prod/"});
  for (const char* line : {"deployed shop-1 to prod", "deployed shop-2 to prod", "shop-1"}) {
    EXPECT_THAT(log, HasSubstr(line));
  }
  std::set<std::string> sequences;
  for (const std::string& commit :
       Split(world_.Git(clone, {"rev-list", "origin/deploy-log"}), '\n')) {
    EXPECT_NO_THROW(world_.Git(clone, {"verify-commit", commit})) << commit;
    sequences.insert(world_.Git(
        clone, {"log", "-1", "--format=%(trailers:key=Sequence,valueonly,separator=)", commit}));
  }
  EXPECT_EQ(sequences.size(),
            std::stoul(world_.Git(clone, {"rev-list", "--count", "origin/deploy-log"})));
  const CommandResult audit =
      world_.Cli({"audit", "verify", "--repo", clone.string(), "--output", "json"}, "");
  EXPECT_EQ(audit.exit_code, 0) << audit.out << audit.err;
  const Json verdict = Json::parse(audit.out);
  EXPECT_EQ(verdict["ok"], true);
  EXPECT_EQ(verdict["commits"], sequences.size());
  EXPECT_TRUE(verdict["problems"].empty());
  EXPECT_THAT(Keys(verdict), Contains("attested"));

  // The desired file says who asked and what is never chosen again.
  const std::string desired = world_.Git(clone, {"show", "origin/main:desired/prod/shop.yaml"});
  EXPECT_THAT(desired,
              AllOf(HasSubstr("shop-1"),
                    HasSubstr("shop-2"),
                    HasSubstr("a mistake"),
                    HasSubstr("carol@example.com")));
  EXPECT_EQ(world_.Git(clone, {"log", "-1", "--format=%ae", "origin/main"}), "carol@example.com");
  const std::string deployed = world_.Git(
      clone, {"log", "-1", "--format=%B", "--grep=^deployed shop-1 to prod", "origin/deploy-log"});
  for (const char* trailer : {"Fact: deployed",
                              "Project: shop",
                              "Environment: prod",
                              "Release: shop-1",
                              "Record: sha256:",
                              "Artifact: app=sha256:",
                              "Decision: sha256:",
                              "Gate: tests pass",
                              "Gate: coverage pass",
                              "Requested-by: Dana Petit <dana@example.com>",
                              "Approved-by: Alice Martin",
                              "Approved-by: Bob Durand",
                              "Via: ",
                              "Wanted: ",
                              "Delivery: ",
                              "Run: ",
                              "Duration: ",
                              "Result: success"}) {
    EXPECT_THAT(deployed, HasSubstr(trailer));
  }
}

TEST_F(Story, given_a_release_when_read_as_json_then_the_shapes_are_those_of_the_contract) {
  const std::string release = PushToRecette("first");
  const Json status = CliJson({"status"});
  ASSERT_EQ(status.size(), 3U);
  EXPECT_THAT(Keys(status[0]),
              IsSupersetOf({"project",
                            "environment",
                            "wanted",
                            "decided",
                            "running",
                            "health",
                            "drift",
                            "state",
                            "since"}));
  EXPECT_EQ(status[0]["environment"], "dev");
  EXPECT_EQ(status[2]["environment"], "prod");
  EXPECT_EQ(status[1]["running"], release);
  const Json why = CliJson({"why", "shop", "prod"});
  EXPECT_THAT(Keys(why),
              IsSupersetOf({"project", "environment", "release", "state", "gates", "next"}));
  EXPECT_TRUE(why["next"].is_array());
  const Json recette = CliJson({"why", "shop", "recette"});
  for (const Json& gate : recette["gates"]) {
    EXPECT_THAT(Keys(gate), IsSupersetOf({"gate", "mode", "verdict", "reason", "until"}));
  }
  const Json releases = CliJson({"releases", "shop"});
  ASSERT_EQ(releases.size(), 1U);
  EXPECT_THAT(
      Keys(releases[0]),
      IsSupersetOf({"name", "number", "revision", "data", "created", "artifacts", "environments"}));
  EXPECT_EQ(releases[0]["environments"], (Json{"dev", "recette"}));
  const Json runs = CliJson({"runs", "list"});
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_THAT(Keys(runs[0]), IsSupersetOf({"id", "project", "revision", "state", "trigger"}));
  const Json deliveries = CliJson({"deliveries", "list"});
  ASSERT_EQ(deliveries.size(), 1U);
  EXPECT_THAT(Keys(deliveries[0]), IsSupersetOf({"id", "source", "status"}));
  const Json log = CliJson({"log", "--environment", "recette"});
  ASSERT_FALSE(log.empty());
  const CommandResult text = world_.Cli({"runs", "logs", runs[0]["id"].get<std::string>()}, "vera");
  EXPECT_EQ(text.exit_code, 0) << text.err;
  // The same answers without the server, from a clone.
  const auto clone = world_.CloneOperations();
  ASSERT_EQ(world_.Stop(), 0);
  EXPECT_EQ(CliJson({"status", "--repo", clone.string()}, ""), status);
  EXPECT_EQ(CliJson({"log", "--environment", "recette", "--repo", clone.string()}, ""), log);
}

TEST_F(Story, given_another_branch_when_pushed_then_it_is_checked_and_never_released) {
  const CommitId head = world_.Push("shop", FilesOf({"shop", "idea"}), "dana", "idea");
  const auto answer = world_.SendWebhook("shop", head, "refs/heads/idea");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 202);
  Json check;
  world_.WaitFor("the check ends", [&] {
    const Json runs = world_.Get("/api/v1/runs?project=shop");
    if (!runs.is_array() || runs.empty()) return false;
    check = runs[0];
    return check["state"] == "succeeded" || check["state"] == "failed";
  });
  EXPECT_EQ(check["trigger"], "check");
  EXPECT_EQ(check["state"], "succeeded");
  EXPECT_TRUE(check["release"].is_null());
  EXPECT_TRUE(CliJson({"releases", "shop"}).empty());
}

TEST_F(Story, given_a_wrong_or_missing_secret_when_a_webhook_comes_then_nothing_is_accepted) {
  const CommitId head = world_.Push("shop", FilesOf({"shop", "first"}));
  ClientRequest request;
  request.method = "POST";
  request.url = world_.url() + "/hooks/shop";
  request.headers = {{"Content-Type", "application/json"}, {"X-Gitlab-Event", "Push Hook"}};
  request.body =
      Json{{"object_kind", "push"}, {"ref", "refs/heads/main"}, {"after", head.text()}}.dump();
  EXPECT_EQ(Fetch(request).status, 401);
  request.headers.emplace_back("X-Gitlab-Token", "wrong");
  EXPECT_EQ(Fetch(request).status, 401);
  request.url = world_.url() + "/hooks/nobody";
  EXPECT_EQ(Fetch(request).status, 404);
  EXPECT_TRUE(world_.Deliveries().empty());
}

TEST_F(Story, given_the_same_delivery_twice_when_it_arrives_then_it_is_one) {
  const CommitId head = world_.Push("shop", FilesOf({"shop", "first"}));
  ClientRequest request;
  request.method = "POST";
  request.url = world_.url() + "/hooks/shop";
  request.headers = {{"Content-Type", "application/json"},
                     {"X-Gitlab-Event", "Push Hook"},
                     {"X-Gitlab-Token", "shop-hook-secret-1"},
                     {"Idempotency-Key", "72d3162e-cc78-11e3-81ab-4c9367dc0958"}};
  request.body = Json{{"object_kind", "push"},
                      {"ref", "refs/heads/main"},
                      {"before", std::string(40, '0')},
                      {"after", head.text()},
                      {"project", {{"git_http_url", world_.origin("shop").string()}}},
                      {"commits", Json::array()}}
                     .dump();
  const ClientResponse first = Fetch(request);
  const ClientResponse second = Fetch(request);
  EXPECT_EQ(first.status, 202);
  EXPECT_EQ(Json::parse(first.body)["status"], "queued");
  EXPECT_EQ(second.status, 202);
  EXPECT_EQ(Json::parse(second.body)["status"], "duplicate");
  world_.AwaitRun("shop", head);
  EXPECT_EQ(world_.Deliveries().size(), 1U);
  EXPECT_EQ(world_.RunsOf("shop", head).size(), 1U);
}

}  // namespace
}  // namespace failgate
