#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/integration/api/webhook_rows.h"

namespace failgate {
namespace {

using nlohmann::json;

RawDelivery PushWith(const TestSender& sender, const std::string& pointer, const json& value) {
  return Proven(sender, Changed(PushOf(sender), pointer, value.dump()));
}

void AddObjectRows(std::vector<WebhookRow>& rows, const TestSender& sender) {
  std::vector<HookCase> cases = {
      {83, "40 zeros", PushWith(sender, sender.after, std::string(40, '0')), "202 queued"},
      {83, "64 zeros", PushWith(sender, sender.after, std::string(64, '0')), "202 queued"}};
  for (const std::string& id : {std::string(39, 'a'),
                                std::string("HEAD"),
                                std::string("--upload-pack=x"),
                                std::string(40, 'A'),
                                std::string()}) {
    cases.push_back({84, "after " + id, PushWith(sender, sender.after, id), "422"});
  }
  AddCases(rows, sender, cases);
}

void AddRefRows(std::vector<WebhookRow>& rows, const TestSender& sender) {
  const std::string start = sender.ref_is_full ? "refs/heads/" : "";
  std::vector<HookCase> cases;
  for (const std::string& ref : {start + "../../x",
                                 std::string("-x"),
                                 start + "-x",
                                 std::string("--upload-pack=x"),
                                 start + "a..b",
                                 start + "a@{1}",
                                 start + "a.lock",
                                 start + "a b"}) {
    cases.push_back({85, ref, PushWith(sender, sender.ref, ref), "422"});
  }
  for (const std::string& ref : {start + "\x1b[31m",
                                 start + "\xe2\x80\xae"
                                         "x",
                                 start + "a\r\nb"}) {
    cases.push_back({74, "controls", PushWith(sender, sender.ref, ref), "422"});
  }
  if (sender.ref_is_full) {
    for (const char* ref : {"refs/pull/1/merge", "refs/notes/x", "main"}) {
      cases.push_back({86, ref, PushWith(sender, sender.ref, ref), "202 ignored"});
    }
    cases.push_back({87, "branch", PushWith(sender, sender.ref, "refs/heads/v1"), "202 queued"});
    cases.push_back({87, "tag", PushWith(sender, sender.ref, "refs/tags/v1"), "202 queued"});
  }
  if (sender.word == "gitlab" || sender.word == "gitlab-signed") {
    cases.pop_back();  // a tag has an event of its own
    cases.push_back(
        {87,
         "tag",
         ProvenEvent(
             sender, "X-Gitlab-Event", "Tag Push Hook", HookFixture("gitlab/tag_push.json")),
         "202 queued"});
  }
  AddCases(rows, sender, cases);
}

void AddRepositoryRows(std::vector<WebhookRow>& rows, const TestSender& sender) {
  const auto at = [&](const std::string& url) {
    return PushWith(sender, sender.repository_url, url);
  };
  std::string dotted = sender.url;
  dotted.insert(dotted.find('/', std::string("https://").size()), ".");
  std::vector<HookCase> cases = {
      {89, "another host", at("https://evil.example/acme/churn.git"), "202 ignored"},
      {90,
       "a user that looks like a host",
       at("https://github.com@evil.example/acme/churn.git"),
       "202 ignored"},
      {91, "final dot", at(dotted), "202 queued"},
      {91, "look-alike", at("https://g\xC4\xB1thub.com/acme/churn.git"), "202 ignored"},
      {91, "tab in the host", at("https://git\thub.com/acme/churn.git"), "202 ignored"},
      {91, "newline in the host", at("https://git\nhub.com/acme/churn.git"), "202 ignored"},
      {92, "any path", at("https://github.com/.*"), "202 ignored"},
      {92, "slow pattern", at("https://github.com/(a+)+$"), "202 ignored"},
      {93, "metadata address", at("http://169.254.169.254/"), "202 ignored"},
      {93, "callback", PushWith(sender, "/callback_url", "http://169.254.169.254/"), "202 queued"}};
  if (!sender.repository.empty() && sender.repository != "/project") {
    cases.push_back({77, "empty", PushWith(sender, sender.repository, json::object()), "422"});
    cases.push_back({77, "null", PushWith(sender, sender.repository, nullptr), "422"});
  }
  if (!sender.name.empty()) {
    for (const std::string& name :
         {std::string("../../etc"), std::string("a/b/../c"), std::string("a\0b", 3)}) {
      cases.push_back({88, name, PushWith(sender, sender.name, name), "422"});
    }
  }
  AddCases(rows, sender, cases);
}

void AddEventRows(std::vector<WebhookRow>& rows) {
  const TestSender& github = TestSenderOf("github");
  const RawDelivery push = Proven(github);
  const auto event = [&](const char* name, const char* fixture) {
    return ProvenEvent(github, "X-GitHub-Event", name, HookFixture(fixture));
  };
  AddCases(
      rows,
      github,
      {{64, "issues as push", event("push", "github/issues.json"), "422"},
       {82,
        "2048 commits",
        PushWith(github, "/commits", std::vector<json>(2048, json::object())),
        "202 queued"},
       {83, "deletion", event("push", "github/push_deleted.json"), "202 queued"},
       {94, "paths", PushWith(github, "/commits/0/added", {"../x", "/etc/passwd"}), "202 queued"},
       {95, "pull request", event("pull_request", "github/pull_request.json"), "202 ignored"},
       {95, "unheard of", event("unheard-of", "github/ping.json"), "202 ignored"},
       {96, "missing", Without(push, "X-GitHub-Event"), "400"},
       {96, "empty", With(push, "X-GitHub-Event", ""), "400"},
       {96, "two", Plus(push, "X-GitHub-Event", "ping"), "400"},
       {100,
        "markup",
        ProvenEvent(github, "X-GitHub-Event", "<script>alert(1)</script>", "{}"),
        "202 ignored"},
       {100, "markup in the ref", PushWith(github, "/ref", "<b>~</b>"), "422"}});
  const TestSender& gitlab = TestSenderOf("gitlab");
  const std::string tag = HookFixture("gitlab/tag_push.json");
  const auto told = [&](const char* name, const std::string& body) {
    return ProvenEvent(gitlab, "X-Gitlab-Event", name, body);
  };
  json old_form = json::parse(PushOf(gitlab));
  old_form.erase("project");
  json nowhere = old_form;
  nowhere.erase("repository");
  AddCases(rows,
           gitlab,
           {{0, "system push", told("System Hook", PushOf(gitlab)), "202 queued"},
            {0, "older form", Proven(gitlab, old_form.dump()), "202 queued"},
            {64, "tag as push", Proven(gitlab, tag), "422"},
            {64, "push as tag", told("Tag Push Hook", PushOf(gitlab)), "422"},
            {77, "nowhere", Proven(gitlab, nowhere.dump()), "422"},
            {82, "cut", Proven(gitlab, HookFixture("gitlab/push_truncated.json")), "202 queued"},
            {95, "other system hook", told("System Hook", R"({"event_name":"x"})"), "202 ignored"},
            {95,
             "merge request",
             told("Merge Request Hook", HookFixture("gitlab/merge_request.json")),
             "202 ignored"},
            {96, "missing", Without(Proven(gitlab), "X-Gitlab-Event"), "400"},
            {97, "template", Proven(gitlab, HookFixture("gitlab/custom_template.json")), "422"}});
  const TestSender& gitea = TestSenderOf("gitea");
  AddCases(rows,
           gitea,
           {{82, "cut", Proven(gitea, HookFixture("gitea/push_truncated.json")), "202 queued"}});
}

/// Two deliveries one after another.
WebhookRow Pair(int number,
                std::string what,
                const RawDelivery& first,
                const RawDelivery& second,
                const std::string& second_answer) {
  const TestSender& github = TestSenderOf("github");
  return {number,
          std::move(what),
          KeptOpen(RawHook(github, first)) + RawHook(github, second),
          {"202 queued", second_answer}};
}

void AddRepeatedRows(std::vector<WebhookRow>& rows) {
  const TestSender& github = TestSenderOf("github");
  const auto named = [&](const char* id, const std::string& body) {
    return With(Proven(github, body), "X-GitHub-Delivery", id);
  };
  const std::string push = PushOf(github);
  const std::string older = Changed(Changed(push, "/before", '"' + std::string(40, 'c') + '"'),
                                    "/after",
                                    '"' + std::string(40, 'a') + '"');
  rows.push_back(Pair(61, "again", named("r61", push), named("r61", push), "202 duplicate"));
  rows.push_back(Pair(62, "other body", named("r62", push), named("r62", older), "202 queued"));
  rows.push_back(Pair(63, "other id", named("r63", push), named("r63b", push), "202 queued"));
  rows.push_back(Pair(65, "older last", named("r65", push), named("r65b", older), "202 queued"));
}

}  // namespace

std::vector<WebhookRow> MeaningRows() {
  std::vector<WebhookRow> rows;
  for (const TestSender& sender : TestSenders()) {
    AddObjectRows(rows, sender);
    AddRefRows(rows, sender);
    AddRepositoryRows(rows, sender);
  }
  AddEventRows(rows);
  AddRepeatedRows(rows);
  return rows;
}

}  // namespace failgate
