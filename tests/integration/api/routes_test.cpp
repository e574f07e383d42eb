#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "controller/base/text.h"
#include "controller/checks/check_job.h"
#include "tests/integration/api/api_world.h"

namespace failgate {
namespace {

using testing::HasSubstr;
using testing::Not;
using Json = nlohmann::json;

constexpr const char* kEnvironment = "/api/v1/projects/churn/environments/dev";

/// What stands for each parameter: things that exist.
std::map<std::string, std::string> Examples(ApiWorld& world) {
  NewDelivery delivery;
  delivery.source = SourceName("churn");
  delivery.delivery_id = "d-1";
  delivery.body = "{}";
  delivery.received_at = world.clock.Now();
  std::atomic<bool> done{false};
  std::string id;
  world.inbox.Accept(delivery, [&](const AcceptOutcome& outcome) {
    id = outcome.id;
    done = true;
  });
  while (!done) {
    std::this_thread::yield();
  }
  Deployment deployment;
  deployment.project = ProjectName("churn");
  deployment.environment = EnvironmentName("dev");
  deployment.release = ReleaseName("churn-1");
  Request request;
  request.project = ProjectName("churn");
  CheckRow check;
  check.key = std::string(64, 'c');
  check.environment = deployment.environment;
  check.project = deployment.project;
  check.name = "compare";
  world.checks.Begin(check);
  CheckOutcome outcome;
  outcome.reason = std::string("says ") + kCanary;
  world.checks.Finish(check.key, CheckOutcomeToJson(outcome));
  return {{"{project}", "churn"},
          {"{environment}", "dev"},
          {"{release}", "churn-1"},
          {"{run}", world.AddRun("churn", std::string("says ") + kCanary)},
          {"{step}", "unit"},
          {"{delivery}", id},
          {"{deployment}", world.deployments.Begin(deployment)->id},
          {"{decision}", world.decision},
          {"{check}", check.key},
          {"{source}", "churn"},
          {"{request}", world.requests.Add(request)}};
}

std::string Filled(std::string pattern, const std::map<std::string, std::string>& examples) {
  for (const auto& example : examples) {
    const std::size_t at = pattern.find(example.first);
    if (at != std::string::npos) {
      pattern.replace(at, example.first.size(), example.second);
    }
  }
  return pattern;
}

bool IsStream(const ApiRoute& route) {
  return route.pattern == "/api/v1/events";
}

/// A POST that is let in is refused for its unknown key, so nothing is done and nothing waits.
int StatusFor(ApiWorld& world,
              const ApiRoute& route,
              const std::string& path,
              const std::string& token) {
  return world.Call(route.method, path, token, route.method == "POST" ? R"({"nope":1})" : "")
      .status;
}

TEST(ApiRoutes, AskEachRoleWhatTheyMust) {
  ApiWorld world;
  const auto examples = Examples(world);
  const Role roles[] = {Role::kViewer, Role::kDeveloper, Role::kApprover, Role::kOperator};
  for (const auto& route : world.handler->routes().all()) {
    const std::string path = Filled(route->pattern, examples);
    SCOPED_TRACE(route->method + " " + path);
    if (route->access == Access::kOpen) {
      EXPECT_NE(StatusFor(world, *route, path, ""), 401);
      continue;
    }
    EXPECT_EQ(StatusFor(world, *route, path, ""), 401);
    EXPECT_EQ(StatusFor(world, *route, path, "fg_unknown"), 401);
    EXPECT_EQ(StatusFor(world, *route, path + "?token=" + world.Token(Role::kOperator), ""), 401);
    for (const Role role : roles) {
      if (IsStream(*route) && Includes(role, route->role)) {
        continue;
      }
      const int expected = !Includes(role, route->role) ? 403 : route->method == "POST" ? 422 : 200;
      EXPECT_EQ(StatusFor(world, *route, path, world.Token(role)), expected) << Word(role);
    }
  }
}

TEST(ApiRoutes, KeepATokenInsideItsProjects) {
  ApiWorld world;
  const auto examples = Examples(world);
  const std::string token = world.Token(Role::kOperator, {"risk"});
  for (const auto& route : world.handler->routes().all()) {
    const bool about_churn = route->pattern.find('{') != std::string::npos;
    if (about_churn) {
      const std::string path = Filled(route->pattern, examples);
      const std::string body = route->method == "POST" ? "{}" : "";
      const int status = world.Call(route->method, path, token, body).status;
      EXPECT_TRUE(status == 403 || status == 404) << route->method << " " << path << " " << status;
    }
  }
  for (const char* list : {"status", "projects", "runs", "deliveries", "deployments", "log"}) {
    const RawAnswer answer = world.Get(std::string("/api/v1/") + list, token);
    EXPECT_EQ(answer.status, 200);
    EXPECT_THAT(answer.body, Not(HasSubstr("churn"))) << list;
  }
  EXPECT_EQ(world.Get("/api/v1/runs?project=churn", token).status, 403);
  EXPECT_EQ(world.Get("/api/v1/status?project=churn", token).status, 403);
}

TEST(ApiRoutes, LetNoSecretOutAnywhere) {
  ApiWorld world;
  const auto examples = Examples(world);
  // The receiver reads its secrets at its first delivery; from then on they are known.
  world.Send(RawRequest("POST", "/hooks/churn", {{"Content-Type", "application/json"}}, "{}"));
  *world.trouble.Lock() = std::string("pushing main: ") + kCanary;
  const std::string token = world.Token(Role::kOperator);
  for (const auto& route : world.handler->routes().all()) {
    if (IsStream(*route)) {
      continue;
    }
    const std::string path = Filled(route->pattern, examples);
    const RawAnswer answer =
        world.Call(route->method, path, token, route->method == "POST" ? R"({"nope":1})" : "");
    EXPECT_THAT(answer.head + answer.body, Not(HasSubstr(kCanary))) << path;
    EXPECT_THAT(answer.head + answer.body, Not(HasSubstr(token))) << path;
    EXPECT_THAT(answer.head, HasSubstr("X-Content-Type-Options: nosniff")) << path;
    EXPECT_THAT(answer.head, HasSubstr("Content-Security-Policy: default-src 'none'")) << path;
    EXPECT_THAT(answer.head, HasSubstr("Cache-Control: no-store")) << path;
  }
}

TEST(ApiRoutes, AreAllInTheDescription) {
  ApiWorld world;
  const auto described =
      Json::parse(world.Get("/api/v1/openapi.json", world.Token(Role::kViewer)).body);
  std::size_t operations = 0;
  for (const auto& path : described.at("paths").items()) {
    operations += path.value().size();
  }
  for (const auto& route : world.handler->routes().all()) {
    SCOPED_TRACE(route->method + " " + route->pattern);
    ASSERT_TRUE(described.at("paths").contains(route->pattern));
    const auto& path = described.at("paths").at(route->pattern);
    ASSERT_TRUE(path.contains(ToLower(route->method)));
    const auto& operation = path.at(ToLower(route->method));
    const bool open = route->access == Access::kOpen;
    EXPECT_EQ(operation.at("x-role"), open ? "none" : std::string(Word(route->role)));
    std::vector<std::string> query;
    for (const auto& parameter : operation.value("parameters", Json::array())) {
      if (parameter.at("in") == "query") query.push_back(parameter.at("name"));
    }
    EXPECT_THAT(query, testing::UnorderedElementsAreArray(route->query));
  }
  EXPECT_EQ(operations, world.handler->routes().all().size() + 2) << "and the two of /hooks";
}

TEST(ApiRoutes, AnswerWhatIsNotThere) {
  ApiWorld world;
  const std::string token = world.Token(Role::kOperator);
  for (const char* path : {"/nothing",
                           "/api/v1/nothing",
                           "/api/v1/projects/nobody",
                           "/api/v1/projects/nobody/releases",
                           "/api/v1/projects/churn/releases/churn-9",
                           "/api/v1/projects/churn/releases/risk-1",
                           "/api/v1/projects/churn/environments/moon",
                           "/api/v1/projects/churn/environments/moon/why",
                           "/api/v1/projects/churn/environments/dev/diff?release=churn-9",
                           "/api/v1/runs/nothing",
                           "/api/v1/runs/nothing/logs/unit",
                           "/api/v1/deliveries/nothing",
                           "/api/v1/deployments/nothing",
                           "/api/v1/decisions/sha256:12",
                           "/api/v1/requests/nothing"}) {
    const RawAnswer answer = world.Get(path, token);
    EXPECT_EQ(answer.status, 404) << path;
    EXPECT_EQ(Json::parse(answer.body).at("error").at("code"), "not_found") << path;
  }
  for (const char* path : {"/api/v1/runs?state=odd",
                           "/api/v1/runs?limit=0",
                           "/api/v1/runs?nope=1",
                           "/api/v1/runs?limit=1&limit=2",
                           "/api/v1/deliveries?status=odd",
                           "/api/v1/projects/churn/releases?before=x",
                           "/api/v1/log?before=HEAD",
                           "/api/v1/log?before=0000000000000000000000000000000000000000"}) {
    EXPECT_EQ(world.Get(path, token).status, 422) << path;
  }
  const RawAnswer wrong = world.Call("DELETE", "/api/v1/runs/x", token);
  EXPECT_EQ(wrong.status, 405);
  EXPECT_THAT(wrong.head, HasSubstr("Allow: GET, HEAD"));
}

TEST(ApiRoutes, TakeTheFirstCharactersOfAnId) {
  ApiWorld world;
  const auto examples = Examples(world);
  const std::string token = world.Token(Role::kOperator);
  const std::string run = examples.at("{run}");
  const std::string delivery = examples.at("{delivery}");
  const std::string short_run = run.substr(0, run.size() - 4);
  EXPECT_EQ(Json::parse(world.Get("/api/v1/runs/" + short_run, token).body).at("id"), run);
  EXPECT_EQ(world.Get("/api/v1/runs/" + short_run + "/logs/unit", token).status, 200);
  const std::string short_delivery = delivery.substr(0, delivery.size() - 4);
  const RawAnswer replayed =
      world.Call("POST", "/api/v1/deliveries/" + short_delivery + "/replay", token, "{}");
  EXPECT_EQ(replayed.status, 202);
  EXPECT_EQ(Json::parse(replayed.body).at("delivery"), delivery);
  EXPECT_EQ(world.Get("/api/v1/runs/" + run.substr(0, 6), token).status, 404) << "too short";
  EXPECT_EQ(world.Get("/api/v1/runs/" + run + "0", token).status, 404);
  EXPECT_EQ(world.Get("/api/v1/runs/0000000", token).status, 404);
  EXPECT_EQ(world.Get("/api/v1/runs/" + short_run, world.Token(Role::kViewer, {"risk"})).status,
            404);
}

TEST(ApiRoutes, RefuseTheFirstCharactersOfSeveralIds) {
  ApiWorld world;
  const std::string token = world.Token(Role::kOperator);
  const std::string first = world.AddRun("churn", "one");
  const std::string second = world.AddRun("churn", "two");
  ASSERT_EQ(first.substr(0, 7), second.substr(0, 7)) << "made at the same time";
  const RawAnswer answer = world.Get("/api/v1/runs/" + first.substr(0, 7), token);
  EXPECT_EQ(answer.status, 422);
  EXPECT_EQ(Json::parse(answer.body).at("error").at("code"), "ambiguous_id");
  EXPECT_THAT(answer.body, HasSubstr("write more of it"));
}

TEST(ApiRoutes, ShowTheLadderAndItsReleases) {
  ApiWorld world;
  const std::string token = world.Token(Role::kViewer);
  const auto status = Json::parse(world.Get("/api/v1/status", token).body);
  ASSERT_EQ(status.size(), 2U);
  EXPECT_EQ(status.at(0).at("environment"), "dev");
  EXPECT_EQ(status.at(0).at("running"), "churn-1");
  EXPECT_TRUE(status.at(1).at("running").is_null());
  const auto releases = Json::parse(world.Get("/api/v1/projects/churn/releases", token).body);
  ASSERT_EQ(releases.size(), 2U);
  EXPECT_EQ(releases.at(0).at("name"), "churn-2");
  EXPECT_EQ(releases.at(1).at("environments").at(0), "dev");
  const auto one = Json::parse(world.Get("/api/v1/projects/churn/releases/churn-1", token).body);
  EXPECT_EQ(one.at("evidence").at("tests").at("unit").at("passed"), 3);
  const auto diff =
      Json::parse(world.Get(std::string(kEnvironment) + "/diff?release=churn-2", token).body);
  EXPECT_EQ(diff.at("from"), "churn-1");
  EXPECT_EQ(diff.at("artifacts").at(0).at("change"), "changed");
  EXPECT_FALSE(diff.at("same").get<bool>());
  EXPECT_THAT(diff.at("policy").at("to").get<std::string>(),
              testing::StartsWith("environments/dev/environment.yaml@"));
  const auto ladder = Json::parse(world.Get("/api/v1/environments", token).body);
  EXPECT_EQ(ladder.at(1).at("after"), "dev");
  const auto log = Json::parse(world.Get("/api/v1/log?environment=dev", token).body);
  ASSERT_EQ(log.size(), 1U);
  EXPECT_EQ(log.at(0).at("fact"), "deployed");
}

TEST(ApiRoutes, PageThroughRunsWithoutLosingOne) {
  ApiWorld world;
  const std::string token = world.Token(Role::kViewer);
  std::vector<std::string> made;
  for (int i = 0; i < 5; ++i) {
    made.insert(made.begin(), world.AddRun("churn", "run " + std::to_string(i)));
  }
  std::vector<std::string> seen;
  std::string next;
  do {
    const RawAnswer answer =
        world.Get("/api/v1/runs?limit=2" + (next.empty() ? "" : "&before=" + next), token);
    for (const auto& run : Json::parse(answer.body)) seen.push_back(run.at("id"));
    const std::size_t at = answer.head.find("X-Next-Before: ");
    next = at == std::string::npos ? "" : answer.head.substr(at + 15, 36);
  } while (!next.empty());
  EXPECT_EQ(seen, made);
}

TEST(ApiRoutes, SayNotReadyUntilTheOperationsRepositoryWasRead) {
  ApiWorld world;
  EXPECT_EQ(world.Get("/healthz", "").status, 200);
  EXPECT_EQ(world.Get("/readyz", "").status, 200);
  *world.snapshot.Lock() = nullptr;
  EXPECT_EQ(world.Get("/readyz", "").status, 200) << "asked once a second";
  world.clock.Advance(std::chrono::seconds(1));
  const RawAnswer answer = world.Get("/readyz", "");
  EXPECT_EQ(answer.status, 503);
  EXPECT_THAT(answer.body, HasSubstr("the operations repository has not been read yet"));
  EXPECT_EQ(world.Get("/api/v1/status", world.Token(Role::kViewer)).status, 503);
  EXPECT_EQ(world.Get("/", "").status, 501);
}

TEST(ApiRoutes, GiveMetricsToViewersAndToListedAddresses) {
  ApiWorld world;
  world.AddRun("churn", "waits");
  const RawAnswer answer = world.Get("/metrics", world.Token(Role::kViewer));
  EXPECT_THAT(answer.body, HasSubstr("failgate_runs{state=\"queued\"} 1"));
  EXPECT_THAT(answer.body, HasSubstr("failgate_log_sequence 3"));
  EXPECT_THAT(answer.body, HasSubstr("# TYPE failgate_http_answers_total counter"));
  EXPECT_EQ(world.Get("/metrics", "").status, 401);
  world.config.metrics_allow = {"127.0.0.1"};
  EXPECT_EQ(world.Get("/metrics", "").status, 200);
}

TEST(ApiRoutes, SendAStepsLogInPiecesAndNothingElse) {
  ApiWorld world;
  const std::string token = world.Token(Role::kViewer);
  const RunId run(world.AddRun("churn", "logs"));
  const std::string path = "/api/v1/runs/" + run.text() + "/logs/unit";
  const auto log = world.folder.path() / "logs" / run.text() / "unit.log";
  CreateFolders(log.parent_path());
  WriteFileDurably(log, "first line\n");
  world.runs.Start(run);
  world.steps.Begin(run, "unit", log.string());
  const RawAnswer running = world.Get(path, token);
  EXPECT_EQ(running.body, "first line\n");
  EXPECT_THAT(running.head, HasSubstr("X-Next-From: 11"));
  EXPECT_THAT(running.head, HasSubstr("X-Log-Complete: false"));
  StepEnd end;
  end.state = StepState::kPassed;
  world.steps.End(run, "unit", end);
  const RawAnswer rest = world.Get(path + "?from=6", token);
  EXPECT_EQ(rest.body, "line\n");
  EXPECT_THAT(rest.head, HasSubstr("X-Log-Complete: true"));
  EXPECT_EQ(world.Get(path + "?from=-1", token).status, 422);
  const RunId other(world.AddRun("churn", "elsewhere"));
  world.runs.Start(other);
  world.steps.Begin(other, "unit", (world.folder.path() / "current").string());
  EXPECT_EQ(world.Get("/api/v1/runs/" + other.text() + "/logs/unit", token).body, "");
}

TEST(ApiRoutes, TellHowFarARunningStepHasCome) {
  ApiWorld world;
  const std::string token = world.Token(Role::kViewer);
  const RunId run(world.AddRun("churn", "progress"));
  const auto log = world.folder.path() / "logs" / run.text() / "unit.log";
  CreateFolders(log.parent_path());
  WriteFileDurably(
      log, std::string(100'000, 'x') + "\n::progress {\"step\": 3, \"of\": 9, \"auc\": 0.86}\n");
  world.runs.Start(run);
  world.steps.Begin(run, "unit", log.string());
  const auto progress = [&] {
    return Json::parse(world.Get("/api/v1/runs/" + run.text(), token).body)
        .at("steps")
        .at(0)
        .at("progress");
  };
  EXPECT_EQ(progress(), Json::parse(R"({"step": 3, "of": 9, "metrics": {"auc": 0.86}})"));
  StepEnd end;
  end.state = StepState::kPassed;
  world.steps.End(run, "unit", end);
  EXPECT_TRUE(progress().is_null()) << "what an ended step measured is in its reports";
}

TEST(ApiRoutes, TellListenersWhatChanges) {
  ApiWorld world;
  RawClient client = world.Begin("GET", "/api/v1/events", world.Token(Role::kViewer));
  const std::string head = client.Bytes(1);
  EXPECT_THAT(head, HasSubstr("HTTP/1.1 200"));
  const std::string id = world.AddRun("churn", "told");
  world.handler->Changed();
  std::string heard = head;
  while (heard.find(id) == std::string::npos) {
    const std::string more = client.Bytes(heard.size() + 1);
    ASSERT_GT(more.size(), heard.size()) << "nothing came for ten seconds";
    heard = more;
  }
  EXPECT_THAT(heard, HasSubstr("event: run"));
}

}  // namespace
}  // namespace failgate
