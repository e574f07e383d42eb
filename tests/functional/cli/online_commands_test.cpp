#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/functional/cli/command_world.h"

namespace failgate {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

class OnlineCommands : public testing::Test {
 protected:
  CommandWorld world_;
  FakeServer& server_ = world_.StartServer();
};

TEST_F(OnlineCommands, given_a_ladder_when_status_is_asked_then_it_is_a_table_or_the_servers_json) {
  const std::string body =
      R"([{"project":"churn","environment":"dev","wanted":"newest","decided":"churn-2",)"
      R"("running":"churn-2","health":"healthy","drift":"none","state":"running","since":null}])";
  server_.Answer("GET /api/v1/status", 200, body + "\n");
  const CommandResult table = world_.Run({"status", "churn"});
  EXPECT_EQ(table.code, 0);
  EXPECT_THAT(table.out, HasSubstr("churn    dev          newest"));
  EXPECT_EQ(world_.Run({"status", "--output", "json"}).out, body + "\n");
  EXPECT_THAT(server_.lines(),
              ElementsAre("GET /api/v1/status?project=churn", "GET /api/v1/status"));
  EXPECT_EQ(server_.requests()[0].Header("Authorization"),
            "Bearer fg_canary_token_of_the_command_line");
}

TEST_F(OnlineCommands, given_json_when_status_and_why_are_asked_then_the_keys_tools_rely_on_alone) {
  server_.Answer("GET /api/v1/status",
                 200,
                 R"([{"project":"churn","environment":"dev","wanted":"newest","decided":null,)"
                 R"("running":null,"health":null,"drift":null,"state":"invalid","since":null,)"
                 R"("text":"for people"}])");
  EXPECT_EQ(world_.Run({"status", "--output", "json"}).out,
            R"([{"project":"churn","environment":"dev","wanted":"newest","decided":null,)"
            R"("running":null,"health":null,"drift":null,"state":"invalid","since":null}])"
            "\n");
  server_.Answer("GET /api/v1/projects/churn/environments/dev/why",
                 200,
                 R"({"project":"churn","environment":"dev","release":null,"state":"invalid",)"
                 R"("text":"a.yaml:1:2: x","gates":[],"next":["failgate validate a.yaml"],)"
                 R"("problems":[{"file":"a.yaml","line":1,"column":2,"text":"x"}]})");
  EXPECT_EQ(world_.Run({"why", "churn", "dev", "--output", "json"}).out,
            R"({"project":"churn","environment":"dev","release":null,"state":"invalid",)"
            R"("gates":[],"next":["failgate validate a.yaml"]})"
            "\n");
  const std::string text = world_.Run({"why", "churn", "dev"}).out;
  EXPECT_THAT(text, HasSubstr("a.yaml:1:2: x"));
  EXPECT_EQ(text.find("a.yaml:1:2: x"), text.rfind("a.yaml:1:2: x")) << "told once";
}

TEST_F(OnlineCommands,
       given_a_waiting_release_when_why_is_asked_then_it_ends_with_the_next_command) {
  server_.Answer("GET /api/v1/projects/churn/environments/prod/why",
                 200,
                 R"({"project":"churn","environment":"prod","release":"churn-2","state":"waiting",)"
                 R"("text":"","problems":[],"gates":[{"gate":"approvals","mode":"enforce",)"
                 R"("verdict":"wait","reason":"0 of 1","until":null}],)"
                 R"("next":["failgate approve churn-2 prod"]})");
  const CommandResult why = world_.Run({"why", "churn", "prod"});
  EXPECT_EQ(why.code, 0);
  EXPECT_THAT(why.out, HasSubstr("approvals  wait     0 of 1"));
  EXPECT_THAT(why.out, EndsWith("failgate approve churn-2 prod\n"));
}

TEST_F(OnlineCommands, given_a_promotion_that_waits_when_promoted_then_0_and_what_it_waits_for) {
  server_.Answer(
      "POST /api/v1/projects/churn/environments/prod/promote",
      202,
      R"({"status":"accepted","message":"churn-2 is wanted in prod","outcome":"deferred",)"
      R"("gates":[{"gate":"approvals","mode":"enforce","verdict":"wait",)"
      R"("reason":"0 of 1 approvals","until":null}]})");
  const CommandResult done = world_.Run({"promote", "churn-2", "prod", "-m", "go"});
  EXPECT_EQ(done.code, 0);
  EXPECT_THAT(done.out, HasSubstr("churn-2 is wanted in prod"));
  EXPECT_THAT(done.out, HasSubstr("0 of 1 approvals"));
  EXPECT_EQ(nlohmann::json::parse(server_.requests()[0].body),
            nlohmann::json({{"release", "churn-2"}, {"reason", "go"}}));
  EXPECT_EQ(server_.requests()[0].Header("Content-Type"), "application/json");
}

TEST_F(OnlineCommands, given_a_gate_that_refuses_when_promoted_then_3_and_the_gates) {
  server_.Answer(
      "POST /api/v1/projects/churn/environments/prod/promote",
      409,
      R"({"error":{"code":"gate_refused","message":"tests say no"},"outcome":"blocked",)"
      R"("gates":[{"gate":"tests","mode":"enforce","verdict":"fail","reason":"2 failed"}]})");
  const CommandResult refused = world_.Run({"promote", "churn-2", "prod"});
  EXPECT_EQ(refused.code, 3);
  EXPECT_THAT(refused.err, HasSubstr("tests say no"));
  EXPECT_THAT(refused.out, HasSubstr("2 failed"));
}

TEST_F(OnlineCommands, given_each_wish_when_asked_then_its_route_and_body) {
  const std::string base = "/api/v1/projects/churn/environments/prod/";
  for (const char* verb : {"approve", "reject", "withdraw", "rollback", "retry"}) {
    server_.Answer("POST " + base + verb, 202, R"({"status":"accepted","message":"done"})");
  }
  EXPECT_EQ(world_.Run({"approve", "churn-2", "prod"}).code, 0);
  EXPECT_EQ(world_.Run({"reject", "churn-2", "prod", "-m", "no"}).code, 0);
  EXPECT_EQ(world_.Run({"withdraw", "churn-2", "prod"}).code, 0);
  EXPECT_EQ(world_
                .Run({"rollback",
                      "churn",
                      "prod",
                      "--to",
                      "churn-1",
                      "--because",
                      "data",
                      "-m",
                      "scores jumped"})
                .code,
            0);
  EXPECT_EQ(world_.Run({"retry", "churn", "prod"}).code, 0);
  EXPECT_THAT(server_.lines(),
              ElementsAre("POST " + base + "approve",
                          "POST " + base + "reject",
                          "POST " + base + "withdraw",
                          "POST " + base + "rollback",
                          "POST " + base + "retry"));
  EXPECT_EQ(nlohmann::json::parse(server_.requests()[3].body),
            nlohmann::json({{"to", "churn-1"}, {"because", "data"}, {"reason", "scores jumped"}}));
}

TEST_F(OnlineCommands, given_a_wrong_name_when_asked_then_2_and_nothing_is_sent) {
  EXPECT_EQ(world_.Run({"promote", "churn", "prod"}).code, 2);
  EXPECT_EQ(world_.Run({"promote", "churn-2", "../x"}).code, 2);
  EXPECT_EQ(world_.Run({"rollback", "churn", "prod"}).code, 2);
  EXPECT_TRUE(server_.requests().empty());
}

TEST_F(OnlineCommands, given_run_and_sync_when_asked_then_their_routes) {
  server_.Answer("POST /api/v1/projects/churn/run", 202, R"({"run":"0193","status":"queued"})");
  server_.Answer("POST /api/v1/sources/churn/sync", 202, "{}");
  const CommandResult run = world_.Run({"run", "churn", "--training", "full", "--again"});
  EXPECT_EQ(run.code, 0);
  EXPECT_THAT(run.out, HasSubstr("0193"));
  EXPECT_EQ(nlohmann::json::parse(server_.requests()[0].body),
            nlohmann::json({{"training", "full"}, {"again", true}}));
  EXPECT_EQ(world_.Run({"sync", "churn"}).code, 0);
}

TEST_F(OnlineCommands, given_the_first_characters_of_an_id_when_acted_on_then_the_whole_is_told) {
  server_.Answer("POST /api/v1/deliveries/01a213c/replay",
                 202,
                 R"({"delivery":"01a213c9-cd25","status":"queued"})");
  server_.Answer(
      "POST /api/v1/runs/01a213c/cancel", 202, R"({"run":"01a213c9-77aa","status":"cancelling"})");
  EXPECT_THAT(world_.Run({"deliveries", "replay", "01a213c"}).out, HasSubstr("01a213c9-cd25"));
  EXPECT_THAT(world_.Run({"runs", "cancel", "01a213c"}).out, HasSubstr("01a213c9-77aa"));
}

TEST_F(OnlineCommands, given_a_running_run_when_followed_then_new_output_until_it_ends) {
  const std::string run = "/api/v1/runs/r1";
  const std::string step = R"("steps":[{"name":"unit","attempt":1}]})";
  server_.AnswerOnce("GET " + run, R"({"state":"running",)" + step);
  server_.Answer("GET " + run, 200, R"({"state":"failed",)" + step);
  server_.AnswerOnce("GET " + run + "/logs/unit", "first\n");
  server_.AnswerOnce("GET " + run + "/logs/unit", "");
  server_.AnswerOnce("GET " + run + "/logs/unit", "last\n");
  server_.Answer("GET " + run + "/logs/unit", 200, "");
  const CommandResult logs = world_.Run({"runs", "logs", "r1", "unit", "-f"});
  EXPECT_EQ(logs.code, 1);
  EXPECT_EQ(logs.out, "first\nlast\n");
  EXPECT_EQ(world_.pauses, 1);
  EXPECT_THAT(server_.lines()[2], HasSubstr("from=6"));
}

TEST_F(OnlineCommands, given_json_when_logs_are_asked_then_one_text_a_step) {
  server_.Answer("GET /api/v1/runs/r1",
                 200,
                 R"({"state":"failed","steps":[{"name":"unit","attempt":1},)"
                 R"({"name":"quiet","attempt":1},{"name":"never","attempt":0}]})");
  server_.AnswerOnce("GET /api/v1/runs/r1/logs/unit", "one\n");
  server_.Answer("GET /api/v1/runs/r1/logs/unit", 200, "");
  server_.Answer("GET /api/v1/runs/r1/logs/quiet", 200, "");
  EXPECT_EQ(world_.Run({"runs", "logs", "r1", "--output", "json"}).out,
            R"([{"step":"unit","text":"one\n"},{"step":"quiet","text":""}])"
            "\n");
  EXPECT_EQ(world_.Run({"runs", "logs", "r1", "-f", "--output", "json"}).code, 2);
}

TEST_F(OnlineCommands, given_lists_when_asked_then_tables_and_json) {
  server_.Answer("GET /api/v1/runs", 200, R"([{"id":"r1","project":"churn","state":"failed"}])");
  server_.Answer(
      "GET /api/v1/deliveries", 200, R"([{"id":"d1","source":"churn","status":"done"}])");
  server_.Answer(
      "GET /api/v1/projects/churn/releases",
      200,
      R"([{"name":"churn-1","number":1,"artifacts":[{"name":"app"}],"environments":["dev"]}])");
  server_.Answer("GET /api/v1/log", 200, R"([{"sequence":3,"subject":"deployed churn-1 to dev"}])");
  EXPECT_THAT(world_.Run({"runs", "list"}).out, HasSubstr("r1"));
  EXPECT_THAT(world_.Run({"deliveries", "list"}).out, HasSubstr("d1"));
  EXPECT_THAT(world_.Run({"releases", "churn"}).out, HasSubstr("app"));
  EXPECT_THAT(world_.Run({"log"}).out, HasSubstr("deployed churn-1 to dev"));
  for (const auto& command : std::vector<std::vector<std::string>>{
           {"runs", "list"}, {"deliveries", "list"}, {"releases", "churn"}, {"log"}}) {
    auto arguments = command;
    arguments.insert(arguments.end(), {"--output", "json"});
    EXPECT_TRUE(nlohmann::json::parse(world_.Run(arguments).out).is_array()) << command[0];
  }
}

TEST_F(OnlineCommands, given_lists_when_asked_as_json_then_the_bytes_of_the_server) {
  const std::string body =
      R"([{"sequence":3,"commit":"9c41","fact":"deployed","at":"2026-11-23"}])";
  for (const char* list : {"log", "runs", "deliveries", "projects/churn/releases"}) {
    server_.Answer(std::string("GET /api/v1/") + list, 200, body);
  }
  for (const auto& command : std::vector<std::vector<std::string>>{
           {"runs", "list"}, {"deliveries", "list"}, {"releases", "churn"}, {"log"}}) {
    auto arguments = command;
    arguments.insert(arguments.end(), {"--output", "json"});
    EXPECT_EQ(world_.Run(arguments).out, body + "\n") << command[0];
  }
}

TEST_F(OnlineCommands, given_no_server_when_asked_then_1_and_what_to_do) {
  world_.environment["FAILGATE_URL"] = "http://127.0.0.1:1";
  const CommandResult result = world_.Run({"status"});
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("FAILGATE_URL"));
}

TEST_F(OnlineCommands, given_a_bad_token_when_asked_then_1_and_the_token_is_nowhere) {
  server_.Answer("GET /api/v1/status", 401, R"({"error":{"code":"unauthorized","message":"no"}})");
  const CommandResult result = world_.Run({"status"});
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("FAILGATE_TOKEN"));
  EXPECT_THAT(result.err + result.out, Not(HasSubstr("canary")));
}

TEST_F(OnlineCommands, given_something_else_at_the_address_when_asked_then_1) {
  server_.Answer("GET /api/v1/status", 200, "<html>");
  EXPECT_EQ(world_.Run({"status"}).code, 1);
  EXPECT_EQ(world_.Run({"status", "--output", "json"}).code, 1);
}

}  // namespace
}  // namespace failgate
