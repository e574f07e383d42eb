#include "controller/api/json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "controller/base/secret.h"

namespace failgate {
namespace {

const TimePoint kTime = *ParseTime("2026-11-23T09:00:00Z");

TEST(Json, WritesStatusWithNullForWhatIsAbsent) {
  StatusRow row;
  row.project = ProjectName("churn");
  row.environment = EnvironmentName("prod");
  row.wanted = "churn-42";
  row.decided = ReleaseName("churn-41");
  row.health = "unknown";
  row.drift = "unknown";
  row.state = "waiting";
  EXPECT_EQ(StatusJson({row}),
            R"([{"project":"churn","environment":"prod","wanted":"churn-42","decided":"churn-41",)"
            R"("running":null,"health":"unknown","drift":"unknown","state":"waiting",)"
            R"("since":null,"text":null}])");
  EXPECT_EQ(StatusJson({}), "[]");
}

TEST(Json, WritesWhyWithItsGatesAndNextCommands) {
  WhyAnswer why;
  why.project = ProjectName("churn");
  why.environment = EnvironmentName("prod");
  why.release = ReleaseName("churn-42");
  why.state = "waiting";
  why.gates = {{"approvals", GateMode::kEnforce, Verdict::kWait, "1 of 2", kTime}};
  why.next = {"failgate approve churn-42 prod"};
  EXPECT_EQ(WhyJson(why),
            R"({"project":"churn","environment":"prod","release":"churn-42","state":"waiting",)"
            R"("text":null,"gates":[{"gate":"approvals","mode":"enforce","verdict":"wait",)"
            R"("reason":"1 of 2","until":"2026-11-23T09:00:00Z"}],)"
            R"("next":["failgate approve churn-42 prod"],"problems":[]})");
}

TEST(Json, WritesReleasesWithTheReleaseThatMadeEachArtifact) {
  ReleaseRow row;
  row.record.name = ReleaseName("churn-42");
  row.record.number = 42;
  row.record.revision = CommitId(std::string(40, 'a'));
  row.record.created = kTime;
  ArtifactRecord model;
  model.name = "model";
  model.sha256 = "5e0a";
  model.size = 12;
  model.origin_release = ReleaseName("churn-41");
  row.record.artifacts = {model};
  row.environments = {EnvironmentName("dev")};
  const auto json = nlohmann::json::parse(ReleasesJson({row})).at(0);
  EXPECT_EQ(json.at("name"), "churn-42");
  EXPECT_EQ(json.at("number"), 42);
  EXPECT_TRUE(json.at("data").is_null());
  EXPECT_EQ(json.at("created"), "2026-11-23T09:00:00Z");
  EXPECT_EQ(json.at("artifacts").at(0).at("from"), "churn-41");
  EXPECT_EQ(json.at("environments").at(0), "dev");
}

TEST(Json, WritesARunWithStepsAndStoredJson) {
  failgate::Run run;
  run.id = RunId("r1");
  run.created = kTime;
  run.started = kTime;
  run.finished = kTime + std::chrono::seconds(2);
  run.plan_json = R"({"a":1})";
  run.evidence_json = "{broken";
  Step step;
  step.name = "unit";
  step.exit_code = 1;
  const auto json = nlohmann::json::parse(RunJson(run, {step}));
  EXPECT_EQ(json.at("duration_ms"), 2000);
  EXPECT_EQ(json.at("plan").at("a"), 1);
  EXPECT_TRUE(json.at("evidence").is_null());
  EXPECT_EQ(json.at("steps").at(0).at("exit_code"), 1);
  EXPECT_EQ(json.at("steps").at(0).at("state"), "pending");
  EXPECT_TRUE(json.at("steps").at(0).at("progress").is_null());
}

TEST(Json, HidesRegisteredSecretsInEveryTextAlsoInsideStoredJson) {
  RegisterSecret(Secret("canary-4711-secret"));
  failgate::Run run;
  run.id = RunId("r1");
  run.reason = "used canary-4711-secret here";
  run.plan_json = R"({"deep":[{"x":"canary-4711-secret"}]})";
  const std::string text = RunJson(run, {});
  EXPECT_EQ(text.find("canary-4711"), std::string::npos) << text;
}

TEST(Json, SurvivesBytesThatAreNotUtf8) {
  const auto json = nlohmann::json::parse(ErrorJson("x", "bad \xFF byte"));
  EXPECT_EQ(json.at("error").at("code"), "x");
}

TEST(Json, WritesDeliveriesFactsAndRequests) {
  DeliveryRecord delivery;
  delivery.id = "d1";
  delivery.refs = {{"refs/heads/main", false}};
  const auto shown = nlohmann::json::parse(DeliveryJson(delivery));
  EXPECT_EQ(shown.at("status"), "queued");
  EXPECT_EQ(shown.at("refs").at(0).at("ref"), "refs/heads/main");
  LogEntry entry;
  entry.commit = CommitId("c1");
  entry.written.sequence = 7;
  entry.written.fact.kind = FactKind::kDeployed;
  entry.written.fact.Add("Gate", "tests pass");
  const auto fact = nlohmann::json::parse(LogEntryJson(entry));
  EXPECT_EQ(fact.at("fact"), "deployed");
  EXPECT_EQ(fact.at("trailers").at(0).at("key"), "Gate");
  Request request;
  request.id = "q1";
  request.answer_json = R"({"http":202,"request":"q1","status":"accepted"})";
  const auto asked = nlohmann::json::parse(RequestJson(request));
  EXPECT_EQ(asked.at("state"), "open");
  EXPECT_FALSE(asked.at("answer").contains("request"));
  EXPECT_EQ(TakenJson("run", "r1", "queued"), R"({"run":"r1","status":"queued"})");
}

}  // namespace
}  // namespace failgate
