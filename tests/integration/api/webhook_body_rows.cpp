#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/integration/api/webhook_rows.h"

namespace failgate {
namespace {

using nlohmann::json;

constexpr const char* kFormType = "application/x-www-form-urlencoded";

const TestSender& Github() {
  return TestSenderOf("github");
}

RawDelivery Body(std::string body) {
  return Proven(Github(), std::move(body));
}
RawDelivery Form(std::string body) {
  return With(Body(std::move(body)), "Content-Type", kFormType);
}

RawDelivery PushWith(const TestSender& sender, const std::string& pointer, const json& value) {
  return Proven(sender, Changed(PushOf(sender), pointer, value.dump()));
}

/// What is no JSON, or no object, whoever sent it.
void AddJsonRows(std::vector<WebhookRow>& rows, const TestSender& sender) {
  const std::string push = PushOf(sender);
  std::vector<HookCase> cases = {
      {24, "empty", Proven(sender, ""), "400"},
      {29, "form as JSON", Proven(sender, "payload=%7B%7D"), "400"},
      {35, "no UTF-8", Proven(sender, "{\"ref\":\"\xff\"}"), "400"},
      {36, "byte order mark", Proven(sender, "\xEF\xBB\xBF" + push), "400"},
      {67, "a million brackets", Proven(sender, std::string(1000000, '[')), "400"},
      {69, "cut", Proven(sender, push.substr(0, push.size() / 2)), "400"},
      {70, "a key twice", Proven(sender, R"({"ref":"a","ref":"b"})"), "400"},
      {72, "1e400", Proven(sender, R"({"ref":1e400})"), "422"}};
  for (const char* body : {"{}{}", "{\"a\":NaN}", "{/**/}", "{\"a\":1,}"}) {
    cases.push_back({69, body, Proven(sender, body), "400"});
  }
  for (const char* body : {"null", "[]", "\"x\"", "42"}) {
    cases.push_back({68, body, Proven(sender, body), "422"});
  }
  AddCases(rows, sender, cases);
}

void AddFieldRows(std::vector<WebhookRow>& rows, const TestSender& sender) {
  const auto with = [&](const std::string& pointer, const json& value) {
    return PushWith(sender, pointer, value);
  };
  std::vector<HookCase> cases = {
      {73, "long ref", with(sender.ref, "refs/heads/" + std::string(900000, 'a')), "422"},
      {75, "ref", with(sender.ref, 1), "422"},
      {75, "after", with(sender.after, json::array()), "422"},
      {75, "url", with(sender.repository_url, json::array()), "422"},
      {71, "prototype", with("/__proto__", {{"constructor", 1}}), "202 queued"}};
  if (!sender.repository.empty()) {
    cases.push_back({75, "repository", with(sender.repository, json::array()), "422"});
  }
  if (!sender.commits.empty()) {
    cases.push_back({75, "commits", with(sender.commits, json::object()), "422"});
    cases.push_back({80, "no commits", with(sender.commits, nullptr), "202 queued"});
    cases.push_back({73,
                     "20,000 commits",
                     with(sender.commits, std::vector<json>(20000, json::object())),
                     "422"});
  }
  if (sender.word == "bitbucket" || sender.word == "bitbucket-server") {
    const std::string list = sender.word == "bitbucket" ? "/push/changes" : "/changes";
    cases.push_back({79, "no changes", with(list, json::array()), "202 ignored"});
  }
  AddCases(rows, sender, cases);
}

void AddFormRows(std::vector<WebhookRow>& rows) {
  std::string many_keys = "payload=%7B%7D";
  for (int i = 0; i < 100000; ++i) {
    many_keys += "&k=v";
  }
  AddCases(rows,
           Github(),
           {{29, "JSON as form", Form(PushOf(Github())), "400"},
            {31, "none", Form("a=b"), "400"},
            {31, "two", Form("payload=%7B%7D&payload=%7B%7D"), "400"},
            {31, "brackets", Form("payload[]=%7B%7D"), "400"},
            {33, "%zz", Form("payload=%zz"), "400"},
            {33, "%ff", Form("payload=%7B%22a%22:%22%ff%22%7D"), "400"},
            {34, "100,000 keys", Form(many_keys), "400"}});
  rows.push_back({32,
                  "payload in the query",
                  RawHookAs("POST", "/hooks/github?payload=%7B%7D", Form("")),
                  {"400"}});
}

void AddGithubRows(std::vector<WebhookRow>& rows) {
  const std::string push = PushOf(Github());
  AddCases(rows,
           Github(),
           {{35, "no UTF-8 in a name", Body(Replaced(push, "Alice", "\xff")), "400"},
            {70, "repository twice", Body(Replaced(push, "\"pusher\"", "\"repository\"")), "400"},
            {70, "clone_url twice", Body(Replaced(push, "\"ssh_url\"", "\"clone_url\"")), "400"},
            {71, "key", Body(Replaced(push, "\"pusher\"", "\"__proto__\"")), "202 queued"},
            {71,
             "header",
             With(Plus(Body(push), "__proto__", "x"), "X-GitHub-Delivery", "proto"),
             "202 queued"},
            {72, "id of 1e400", Body(Replaced(push, "81234", "1e400")), "422"},
            {72, "id of 2^53+1", Body(Replaced(push, "81234", "9007199254740993")), "422"},
            {73,
             "100,000 paths",
             PushWith(Github(), "/commits/0/added", std::vector<std::string>(100000, "a")),
             "422"},
            {74, "odd names", Body(HookFixture("github/push_odd_names.json")), "202 queued"},
            {74,
             "lone surrogate in the ref",
             Body(Replaced(push, "refs/heads/main", "refs/heads/\\ud800")),
             "422"}});
  rows.push_back({73,
                  "10 MB",
                  "POST /hooks/github HTTP/1.1\r\nHost: x\r\nContent-Type: "
                  "application/json\r\nContent-Length: 10485760\r\n\r\n",
                  {"413"}});
}

void AddForgeRows(std::vector<WebhookRow>& rows) {
  const TestSender& server = TestSenderOf("bitbucket-server");
  AddCases(rows,
           server,
           {{76, "text", PushWith(server, "/repository/links/clone", "x"), "422"},
            {76, "object", PushWith(server, "/repository/links/clone", json::object()), "422"},
            {76, "entries", PushWith(server, "/repository/links/clone", {1, nullptr}), "422"},
            {76,
             "empty entry",
             PushWith(server, "/repository/links/clone", json::array({json::object()})),
             "202 queued"},
            {76, "null", PushWith(server, "/repository/links/clone", nullptr), "202 queued"}});
  const TestSender& azure = TestSenderOf("azure");
  AddCases(rows,
           azure,
           {{78, "empty", Proven(azure, HookFixture("azure/push_empty.json")), "202 ignored"},
            {78, "null", PushWith(azure, "/resource/refUpdates", nullptr), "202 ignored"}});
  const TestSender& cloud = TestSenderOf("bitbucket");
  AddCases(
      rows,
      cloud,
      {{79, "nulls", Proven(cloud, HookFixture("bitbucket/push_null_sides.json")), "202 ignored"}});
  const TestSender& gitea = TestSenderOf("gitea");
  AddCases(
      rows,
      gitea,
      {{80, "older server", Proven(gitea, HookFixture("gitea/gogs_push.json")), "202 queued"}});
}

}  // namespace

std::vector<WebhookRow> BodyRows() {
  std::vector<WebhookRow> rows;
  for (const TestSender& sender : TestSenders()) {
    AddJsonRows(rows, sender);
    AddFieldRows(rows, sender);
  }
  AddFormRows(rows);
  AddGithubRows(rows);
  AddForgeRows(rows);
  return rows;
}

}  // namespace failgate
