#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "tests/integration/api/api_world.h"

namespace failgate {
namespace {

using testing::HasSubstr;
using Json = nlohmann::json;

const std::string kProd = "/api/v1/projects/churn/environments/prod/";

std::string CodeOf(const RawAnswer& answer) {
  return Json::parse(answer.body).at("error").at("code").get<std::string>();
}

TEST(Wishes, AreAnsweredOnlyWhenThePromoterHasWrittenThem) {
  ApiWorld world;
  RawClient client = world.Begin("POST",
                                 kProd + "promote",
                                 world.Token(Role::kDeveloper),
                                 R"({"release":"churn-2","reason":"better"})");
  const std::string id = world.AnswerNextRequest(
      R"({"http":202,"request":"q","status":"accepted","commit":"abc"})", RequestState::kDone);
  const RawAnswer answer = *client.Answer();
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(Json::parse(answer.body).at("commit"), "abc");
  EXPECT_FALSE(Json::parse(answer.body).contains("http"));
  EXPECT_GE(world.asked.promoter, 1);
  const Request request = *world.requests.Get(id);
  EXPECT_EQ(request.kind, "promote");
  EXPECT_EQ(request.release.text(), "churn-2");
  EXPECT_EQ(request.person.email, "alice@example.com");
  EXPECT_EQ(request.role, Role::kDeveloper);
  EXPECT_EQ(request.reason, "better");
  const RawAnswer later = world.Get("/api/v1/requests/" + id, world.Token(Role::kViewer));
  EXPECT_EQ(Json::parse(later.body).at("state"), "done");
}

TEST(Wishes, PassARefusalOnWithItsStatus) {
  ApiWorld world;
  RawClient client =
      world.Begin("POST", kProd + "retry", world.Token(Role::kApprover), R"({"reason":"again"})");
  world.AnswerNextRequest(
      R"({"http":409,"request":"q","error":{"code":"gate_refused","message":"tests: 1 failed"}})",
      RequestState::kRefused);
  const RawAnswer answer = *client.Answer();
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(CodeOf(answer), "gate_refused");
}

TEST(Wishes, AreKeptWhenThePromoterCannotWriteInTime) {
  ApiWorld world;
  *world.trouble.Lock() = "the remote cannot be reached";
  RawClient client = world.Begin(
      "POST", kProd + "approve", world.Token(Role::kApprover), R"({"release":"churn-2"})");
  while (world.asked.promoter == 0) {
    std::this_thread::yield();
  }
  world.clock.Advance(std::chrono::seconds(31));
  const RawAnswer answer = *client.Answer();
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(CodeOf(answer), "not_written_yet");
  EXPECT_THAT(answer.head, HasSubstr("Retry-After"));
  const std::string id = Json::parse(answer.body).at("error").at("request");
  EXPECT_EQ(world.requests.Get(id)->state, RequestState::kOpen);
}

TEST(Wishes, OfARollbackNameWhereToAndWhy) {
  ApiWorld world;
  RawClient client = world.Begin("POST",
                                 kProd + "rollback",
                                 world.Token(Role::kApprover),
                                 R"({"to":"churn-1","because":"data","reason":"scores jumped"})");
  const std::string id =
      world.AnswerNextRequest(R"({"http":202,"status":"accepted"})", RequestState::kDone);
  EXPECT_EQ(client.Answer()->status, 202);
  EXPECT_EQ(world.requests.Get(id)->release.text(), "churn-1");
  EXPECT_EQ(world.requests.Get(id)->options_json, "data");
}

TEST(Wishes, OfAHoldKeepATimeHoweverItIsGiven) {
  ApiWorld world;
  RawClient client = world.Begin("POST",
                                 kProd + "hold",
                                 world.Token(Role::kApprover),
                                 R"({"until":"2d","healing":"off","reason":"the fair"})");
  const std::string id =
      world.AnswerNextRequest(R"({"http":202,"status":"accepted"})", RequestState::kDone);
  EXPECT_EQ(client.Answer()->status, 202);
  const Json options = Json::parse(world.requests.Get(id)->options_json);
  EXPECT_EQ(options.at("until"), FormatTime(world.clock.Now() + std::chrono::hours(48)));
  EXPECT_EQ(options.at("healing"), "off");
  EXPECT_EQ(world.Call("POST", kProd + "hold", world.Token(Role::kDeveloper), "{}").status, 403);
}

TEST(Wishes, ThatMakeNoSenseReachNobody) {
  ApiWorld world;
  const std::string token = world.Token(Role::kOperator);
  struct Case {
    const char* verb;
    const char* body;
    const char* code;
  };
  const Case cases[] = {
      {"promote", "{}", "release_missing"},
      {"promote", R"({"release":"risk-1"})", "bad_release"},
      {"promote", R"({"release":"churn"})", "bad_release"},
      {"promote", R"({"release":"churn-1","to":"churn-1"})", "unknown_key"},
      {"approve", "", "release_missing"},
      {"rollback", "{}", "reason_missing"},
      {"rollback", R"({"reason":"x","because":"moon"})", "bad_because"},
      {"rollback", R"({"reason":"x","to":"churn-1","release":"churn-2"})", "unusable"},
      {"hold", "{}", "reason_missing"},
      {"hold", R"({"reason":"x","until":"tomorrow"})", "bad_until"},
      {"hold", R"({"reason":"x","until":"2020-01-01T00:00:00Z"})", "until_past"},
      {"hold", R"({"reason":"x","healing":"maybe"})", "bad_healing"},
      {"hold", R"({"reason":"x","release":"churn-1"})", "unknown_key"},
      {"resume", R"({"until":"2d"})", "unknown_key"},
      {"remove", "{}", "reason_missing"},
      {"override", "{}", "release_missing"},
      {"override", R"({"release":"churn-1","gate":"tests","expires":"2h"})", "reason_missing"},
      {"override", R"({"release":"churn-1","reason":"x","expires":"2h"})", "gate_missing"},
      {"override", R"({"release":"churn-1","reason":"x","gate":"tests"})", "bad_expires"},
      {"override",
       R"({"release":"churn-1","reason":"x","gate":"tests","expires":"25h"})",
       "bad_expires"},
  };
  for (const Case& one : cases) {
    const RawAnswer answer = world.Call("POST", kProd + one.verb, token, one.body);
    EXPECT_EQ(answer.status, 422) << one.verb << one.body;
    EXPECT_EQ(CodeOf(answer), one.code) << one.verb << one.body;
  }
  EXPECT_EQ(world.Call("POST", kProd + "promote", token, "{").status, 400);
  const std::string large = R"({"release":"churn-1","reason":")" + std::string(70000, 'x') + "\"}";
  EXPECT_EQ(world.Call("POST", kProd + "promote", token, large).status, 413);
  EXPECT_TRUE(world.requests.Open().empty());
}

TEST(Actions, QueueARun) {
  ApiWorld world;
  const std::string token = world.Token(Role::kDeveloper);
  const std::string path = "/api/v1/projects/churn/run";
  const RawAnswer answer = world.Call("POST", path, token, R"({"training":"full","again":true})");
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(answer.body, "{\"run\":\"0193-new-run\",\"status\":\"queued\"}\n");
  const RunWish wish = world.asked.runs.Lock()->at(0);
  EXPECT_EQ(wish.training, "full");
  EXPECT_TRUE(wish.again);
  EXPECT_EQ(wish.person.email, "alice@example.com");
  const auto code = [&](const std::string& body) {
    return world.Call("POST", path, token, body).status;
  };
  EXPECT_EQ(code(R"({"training":"odd"})"), 422);
  EXPECT_EQ(code(R"({"training":"degraded"})"), 422);
  EXPECT_EQ(code(R"({"revision":"main"})"), 202);
  EXPECT_EQ(code(R"({"revision":"../x"})"), 422);
  EXPECT_EQ(code(R"({"revision":")" + std::string(40, '0') + "\"}"), 404);
  EXPECT_EQ(world.Call("POST", "/api/v1/projects/nobody/run", token).status, 404);
}

TEST(Actions, SyncASource) {
  ApiWorld world;
  const std::string token = world.Token(Role::kDeveloper);
  EXPECT_EQ(world.Call("POST", "/api/v1/sources/churn/sync", token).status, 202);
  EXPECT_EQ(world.asked.syncs.Lock()->at(0), "churn");
  EXPECT_EQ(world.Call("POST", "/api/v1/sources/operations/sync", token).status, 202);
  EXPECT_EQ(world.asked.promoter, 1);
  EXPECT_EQ(world.Call("POST", "/api/v1/sources/nobody/sync", token).status, 404);
}

TEST(Actions, CancelARunInEveryState) {
  ApiWorld world;
  const std::string token = world.Token(Role::kDeveloper);
  const std::string queued = world.AddRun("churn", "queued");
  const std::string path = "/api/v1/runs/" + queued + "/cancel";
  EXPECT_EQ(world.Call("POST", path, token, R"({"reason":"not needed"})").status, 200);
  EXPECT_EQ(world.runs.Get(RunId(queued))->state, RunState::kCancelled);
  EXPECT_THAT(world.runs.Get(RunId(queued))->reason, HasSubstr("alice@example.com"));
  EXPECT_EQ(world.Call("POST", path, token).status, 409);
  const std::string running = world.AddRun("churn", "running");
  world.runs.Start(RunId(running));
  EXPECT_EQ(world.Call("POST", "/api/v1/runs/" + running + "/cancel", token).status, 202);
  EXPECT_EQ(world.asked.cancels.Lock()->at(0), running);
  EXPECT_EQ(world.Call("POST", "/api/v1/runs/nobody/cancel", token).status, 404);
}

TEST(Actions, ReplayAStoredDelivery) {
  ApiWorld world;
  const std::string token = world.Token(Role::kDeveloper);
  NewDelivery delivery;
  delivery.source = SourceName("churn");
  delivery.delivery_id = "d-1";
  delivery.body = "{}";
  delivery.kind = NewDelivery::Kind::kIgnored;
  delivery.received_at = world.clock.Now();
  world.inbox.Accept(delivery, [](const AcceptOutcome&) {});
  while (world.inbox.List({}).empty()) {
    std::this_thread::yield();
  }
  const std::string id = world.inbox.List({}).front().id;
  const RawAnswer answer = world.Call("POST", "/api/v1/deliveries/" + id + "/replay", token);
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(world.inbox.Show(id)->status, DeliveryStatus::kQueued);
  EXPECT_EQ(world.asked.deliveries, 1);
  EXPECT_EQ(world.Call("POST", "/api/v1/deliveries/nobody/replay", token).status, 404);
}

}  // namespace
}  // namespace failgate
