#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "controller/store/token_store.h"
#include "tests/functional/cli/command_world.h"
#include "webhooks/provider.h"

namespace failgate {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class HostCommands : public testing::Test {
 protected:
  HostCommands() {
    const std::string root = world_.folder().string();
    config_ = world_
                  .Write("failgate.yaml",
                         "controller: main\n"
                         "data_dir: " +
                             root +
                             "/data\n"
                             "operations: {url: " +
                             root +
                             "/ops.git, signing_key: {file: key}}\n"
                             "sources:\n"
                             "  - {name: churn, url: " +
                             root +
                             "/churn.git, projects: [churn]}\n"
                             "targets: {allow: [directory], directory: {roots: [" +
                             root + "]}}\n")
                  .string();
  }
  CommandWorld world_;
  std::string config_;
};

TEST_F(HostCommands, given_a_server_file_when_a_token_is_made_then_it_stands_alone_and_is_valid) {
  const CommandResult made = world_.Run({"token",
                                         "create",
                                         "Alice Martin <alice@example.com>",
                                         "--role",
                                         "approver",
                                         "--projects",
                                         "churn",
                                         "--expires",
                                         "90d",
                                         "--config",
                                         config_});
  ASSERT_EQ(made.code, 0) << made.err;
  ASSERT_THAT(made.out, testing::MatchesRegex("fg_[A-Za-z0-9_-]+\n"));
  const std::string token = made.out.substr(0, made.out.size() - 1);
  EXPECT_THAT(made.err, Not(HasSubstr(token)));
  Database database(world_.folder() / "data" / kDatabaseFileName, DatabaseUser::kGuest);
  TokenStore tokens(database, world_.clock);
  const auto who = tokens.Authenticate(token, world_.clock.Now());
  ASSERT_TRUE(who);
  EXPECT_EQ(who->person.email, "alice@example.com");
  EXPECT_EQ(who->role, Role::kApprover);
  EXPECT_FALSE(tokens.Authenticate(token, world_.clock.Now() + std::chrono::hours(24 * 91)));
  const auto rows = nlohmann::json::parse(
      world_.Run({"token", "list", "--config", config_, "--output", "json"}).out);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(world_.Run({"token", "revoke", who->id, "--config", config_}).code, 0);
  EXPECT_FALSE(tokens.Authenticate(token, world_.clock.Now()));
  EXPECT_EQ(world_.Run({"token", "revoke", "absent", "--config", config_}).code, 1);
}

TEST_F(HostCommands, given_wrong_values_when_a_token_is_made_then_2_and_none) {
  for (const std::vector<std::string>& wrong : std::vector<std::vector<std::string>>{
           {"nobody", "--role", "viewer"},
           {"a@example.com", "--role", "viewer", "--projects", "absent"},
           {"a@example.com", "--role", "viewer", "--expires", "soon"}}) {
    std::vector<std::string> arguments{"token", "create"};
    arguments.insert(arguments.end(), wrong.begin(), wrong.end());
    arguments.insert(arguments.end(), {"--config", config_});
    const CommandResult result = world_.Run(arguments);
    EXPECT_EQ(result.code, 2) << wrong.front();
    EXPECT_EQ(result.out, "");
  }
  EXPECT_EQ(world_.Run({"token", "list", "--config", "/absent"}).code, 2);
}

class Hook : public HostCommands {
 protected:
  CommandResult Push(const std::string& provider, const std::string& lines) {
    return world_.Run(
        {"hook", server_.url() + "/hooks/churn", "--secret-file", secret_, "--provider", provider},
        lines);
  }
  /// As the server would take it: signature, payload and repository.
  ParsedDelivery Receive(const std::string& provider, const HttpRequest& request) {
    const auto receiver = ProviderByName(provider, {Secret("hook-canary-secret")});
    RawDelivery raw;
    raw.headers = request.headers;
    raw.body = request.body;
    const auto verified = (*receiver)->Verify(raw);
    EXPECT_TRUE(verified);
    const auto parsed = (*receiver)->Parse(*verified);
    EXPECT_TRUE(parsed);
    return KeepOnlyConfigured(*parsed, {*ParseRepositoryUrl("/srv/git/churn.git")});
  }

  FakeServer& server_ = world_.StartServer();
  std::string secret_ = world_.Write("secret", "hook-canary-secret\n").string();
  const std::string old_ = std::string(40, '0');
  const std::string new_ = std::string(40, 'a');
};

class HookProvider : public Hook, public testing::WithParamInterface<const char*> {};

TEST_P(HookProvider, given_pushed_refs_when_told_then_each_is_a_delivery_the_server_accepts) {
  world_.environment["GIT_DIR"] = "/srv/git/churn.git/";
  server_.Answer("POST /hooks/churn", 202, R"({"delivery":"d1","status":"queued"})");
  const CommandResult result = Push(
      GetParam(),
      old_ + " " + new_ + " refs/heads/main\n" + new_ + " " + old_ + " refs/heads/gone\n" + old_ +
          " " + new_ + " refs/tags/v1\n" + old_ + " " + new_ + " refs/notes/x\nnonsense\n");
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.err, HasSubstr("failgate: queued refs/heads/main as delivery d1\n"));
  const auto requests = server_.requests();
  ASSERT_EQ(requests.size(), 3U);
  const ParsedDelivery first = Receive(GetParam(), requests[0]);
  EXPECT_EQ(first.kind, ParsedDelivery::Kind::kPush) << first.ignored_because;
  EXPECT_EQ(first.ref_updates.at(0).ref, "refs/heads/main");
  EXPECT_FALSE(first.delivery_id.empty());
  EXPECT_TRUE(Receive(GetParam(), requests[1]).ref_updates.at(0).deleted);
  EXPECT_EQ(Receive(GetParam(), requests[2]).ref_updates.at(0).ref, "refs/tags/v1");
}

INSTANTIATE_TEST_SUITE_P(Both, HookProvider, testing::Values("github", "gitlab"));

TEST_F(Hook, given_no_server_or_no_secret_when_told_then_a_warning_and_0) {
  const std::string line = old_ + " " + new_ + " refs/heads/main\n";
  const CommandResult away =
      world_.Run({"hook", "http://127.0.0.1:1/hooks/churn", "--secret-file", secret_}, line);
  EXPECT_EQ(away.code, 0);
  EXPECT_THAT(away.err, HasSubstr("warning"));
  EXPECT_EQ(world_.Run({"hook", server_.url(), "--secret-file", "/absent"}, line).code, 0);
  EXPECT_THAT(server_.requests(), IsEmpty());
}

TEST_F(Hook, given_a_server_that_refuses_when_told_then_a_warning_without_the_secret) {
  server_.Answer("POST /hooks/churn", 401, "hook-canary-secret");
  const CommandResult result = Push("github", old_ + " " + new_ + " refs/heads/main\n");
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.err, HasSubstr("answered 401"));
  EXPECT_THAT(result.err + result.out, Not(HasSubstr("canary")));
}

}  // namespace
}  // namespace failgate
