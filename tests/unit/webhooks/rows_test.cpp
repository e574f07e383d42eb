// Bad inputs and the answer each has, row by row of the list webhook receivers are measured
// against.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/unit/webhooks/hook_requests.h"

namespace failgate {
namespace {

using nlohmann::json;

constexpr const char* kGithubUrl = "https://github.com/acme/churn.git";
constexpr const char* kGitlabUrl = "https://gitlab.example.com/ml/churn.git";
constexpr const char* kFormType = "application/x-www-form-urlencoded";
const std::string kZeros40(40, '0');
const std::string kZeros64(64, '0');

std::string Push() {
  return HookFixture("github/push_ordinary.json");
}
std::string GitlabPush() {
  return HookFixture("gitlab/push_ordinary.json");
}

/// The ordinary push with the value at a JSON pointer replaced.
std::string PushWith(const std::string& pointer, const json& value) {
  json payload = json::parse(Push());
  payload[json::json_pointer(pointer)] = value;
  return payload.dump();
}

RawDelivery Github(std::string body) {
  return GithubRequest("push", std::move(body));
}
RawDelivery Gitlab(std::string body) {
  return GitlabRequest("Push Hook", std::move(body));
}
RawDelivery Form(std::string body) {
  return With(Github(std::move(body)), "Content-Type", kFormType);
}

RawDelivery SignedAs(const std::string& value) {
  return With(Github(Push()), "X-Hub-Signature-256", value);
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

struct Row {
  std::string number;  ///< of the list, and what is special
  RawDelivery request;
  int status;
  std::string word;
};

void ExpectRows(const std::string& provider_word,
                const std::string& url,
                const std::vector<Row>& rows) {
  const auto provider = MakeProvider(provider_word);
  for (const Row& row : rows) {
    const HookOutcome outcome = Receive(*provider, row.request, url);
    EXPECT_EQ(outcome.status, row.status) << row.number;
    EXPECT_EQ(outcome.word, row.word) << row.number;
  }
}

TEST(GithubRows, RefuseTypesAndEncodingsBeforeAnythingElse) {
  const RawDelivery push = Github(Push());
  const RawDelivery unsigned_push = Without(push, "X-Hub-Signature-256");
  ExpectRows(
      "github",
      kGithubUrl,
      {{"ordinary", push, 202, "queued"},
       {"25 gzip", Plus(push, "Content-Encoding", "gzip"), 415, "unsupported_type"},
       {"25 br", Plus(push, "Content-Encoding", "br"), 415, "unsupported_type"},
       {"25 twice", Plus(push, "Content-Encoding", "gzip, gzip"), 415, "unsupported_type"},
       {"25 two headers",
        Plus(Plus(push, "Content-Encoding", "identity"), "Content-Encoding", "identity"),
        415,
        "unsupported_type"},
       {"25 identity", Plus(push, "Content-Encoding", "identity"), 202, "queued"},
       {"26 missing", Without(push, "Content-Type"), 415, "unsupported_type"},
       {"26 text", With(push, "Content-Type", "text/plain"), 415, "unsupported_type"},
       {"26 multipart",
        With(push, "Content-Type", "multipart/form-data; boundary=x"),
        415,
        "unsupported_type"},
       {"26 before 401",
        With(unsigned_push, "Content-Type", "text/plain"),
        415,
        "unsupported_type"},
       {"27", Plus(push, "Content-Type", "application/json"), 400, "malformed"},
       {"28",
        With(push, "Content-Type", "application/json; charset=utf-16"),
        415,
        "unsupported_type"},
       {"28 no value",
        With(push, "Content-Type", "application/json; charset"),
        415,
        "unsupported_type"},
       {"28 utf-8",
        With(push, "content-type", "Application/JSON;charset=\"UTF-8\""),
        202,
        "queued"},
       {"46", Plus(Plus(push, "Authorization", "a"), "Authorization", "b"), 400, "malformed"}});
}

TEST(GithubRows, RefuseBodiesThatAreNotAsDeclared) {
  const std::string no_json = "payload=%7B%7D";
  std::string many_keys = "payload=%7B%7D";
  for (int i = 0; i < 100000; ++i) {
    many_keys += "&k=v";
  }
  ExpectRows(
      "github",
      kGithubUrl,
      {{"24", Github(""), 400, "malformed"},
       {"29 form as JSON", Github(no_json), 400, "malformed"},
       {"29 JSON as form", Form(Push()), 400, "malformed"},
       {"31 none", Form("a=b"), 400, "malformed"},
       {"31 two", Form("payload=%7B%7D&payload=%7B%7D"), 400, "malformed"},
       {"31 brackets", Form("payload[]=%7B%7D"), 400, "malformed"},
       {"32", Form(""), 400, "malformed"},
       {"33 %zz", Form("payload=%zz"), 400, "malformed"},
       {"33 %ff", Form("payload=%7B%22a%22:%22%ff%22%7D"), 400, "malformed"},
       {"34", Form(many_keys), 400, "malformed"},
       {"35", Github(Replaced(Push(), "Alice", "\xff")), 400, "malformed"},
       {"36", Github("\xEF\xBB\xBF" + Push()), 400, "malformed"},
       {"67", Github(std::string(5000000, '[')), 400, "malformed"},
       {"68 null", Github("null"), 422, "unusable"},
       {"68 list", Github("[]"), 422, "unusable"},
       {"68 text", Github("\"x\""), 422, "unusable"},
       {"68 number", Github("42"), 422, "unusable"},
       {"69 two", Github("{}{}"), 400, "malformed"},
       {"69 NaN", Github("{\"ref\":NaN}"), 400, "malformed"},
       {"69 comment", Github("{/**/}"), 400, "malformed"},
       {"69 cut", Github(Push().substr(0, 900)), 400, "malformed"},
       {"70", Github(Replaced(Push(), "\"pusher\"", "\"repository\"")), 400, "malformed"},
       {"70 inner", Github(Replaced(Push(), "\"ssh_url\"", "\"clone_url\"")), 400, "malformed"}});
}

TEST(GithubRows, RefuseEveryProofButTheOneSignature) {
  const RawDelivery push = Github(Push());
  const std::string good = GithubSignature(kHookSecret, push.body);
  const std::string digits = good.substr(7);
  std::string upper = digits;
  for (char& c : upper) {
    c = c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  const std::string compact = json::parse(push.body).dump();
  ExpectRows(
      "github",
      kGithubUrl,
      {{"37", Without(push, "X-Hub-Signature-256"), 401, "unauthenticated"},
       {"39", SignedAs("sha256="), 401, "unauthenticated"},
       {"40 ab", SignedAs("sha256=ab"), 401, "unauthenticated"},
       {"40 v1", SignedAs("v1,"), 401, "unauthenticated"},
       {"40 x", SignedAs("x"), 401, "unauthenticated"},
       {"41", SignedAs("sha256=" + std::string(64, 'z')), 401, "unauthenticated"},
       {"42 prefix", SignedAs("SHA256=" + digits), 401, "unauthenticated"},
       {"42 digits", SignedAs("sha256=" + upper), 401, "unauthenticated"},
       {"42 blank", SignedAs(good + " "), 401, "unauthenticated"},
       {"42 name", With(push, "x-hub-signature-256", good), 202, "queued"},
       {"43",
        Plus(Without(push, "X-Hub-Signature-256"), "X-Hub-Signature", "sha1=" + digits.substr(24)),
        401,
        "unauthenticated"},
       {"44 none", SignedAs("none=" + digits), 401, "unauthenticated"},
       {"44 sha512", SignedAs("sha512=" + digits + digits), 401, "unauthenticated"},
       {"45",
        Plus(push, "X-Hub-Signature-256", "sha256=" + std::string(64, '0')),
        401,
        "unauthenticated"},
       {"45 joined", SignedAs(good + ", " + good), 401, "unauthenticated"},
       {"47", Gitlab(Push()), 401, "unauthenticated"},
       {"48", SignedAs(GithubSignature("another", push.body)), 401, "unauthenticated"},
       {"49", SignedAs(GithubSignature(kHookSecret, compact)), 401, "unauthenticated"},
       {"59",
        With(GithubRequest("ping", HookFixture("github/ping.json")),
             "X-Hub-Signature-256",
             "sha256=" + std::string(64, '0')),
        401,
        "unauthenticated"}});
}

TEST(GithubRows, SeparateEventsFromShapes) {
  const RawDelivery push = Github(Push());
  ExpectRows(
      "github",
      kGithubUrl,
      {{"59", GithubRequest("ping", HookFixture("github/ping.json")), 200, "ping"},
       {"63", With(push, "X-GitHub-Delivery", "another-id"), 202, "queued"},
       {"64", Github(HookFixture("github/issues.json")), 422, "unusable"},
       {"95 pull request",
        GithubRequest("pull_request", HookFixture("github/pull_request.json")),
        202,
        "ignored"},
       {"95 unheard of", GithubRequest("\x1b[31m", "{}"), 202, "ignored"},
       {"96", Without(push, "X-GitHub-Event"), 400, "malformed"},
       {"96 empty", With(push, "X-GitHub-Event", ""), 400, "malformed"},
       {"96 two", Plus(push, "X-GitHub-Event", "ping"), 400, "malformed"},
       {"57 CR LF", With(push, "X-GitHub-Delivery", "a\r\nb"), 400, "malformed"},
       {"57 long", With(push, "X-GitHub-Delivery", std::string(10240, 'a')), 400, "malformed"},
       {"no id", Without(push, "X-GitHub-Delivery"), 202, "queued"},
       {"71", Github(Replaced(Push(), "\"pusher\"", "\"__proto__\"")), 202, "queued"},
       {"72 1e400", Github(Replaced(Push(), "81234", "1e400")), 422, "unusable"},
       {"72 2^53+1", Github(Replaced(Push(), "81234", "9007199254740993")), 422, "unusable"},
       {"73 ref",
        Github(PushWith("/ref", "refs/heads/" + std::string(10U << 20U, 'a'))),
        422,
        "unusable"},
       {"73 commits",
        Github(PushWith("/commits", std::vector<json>(20000, json::object()))),
        422,
        "unusable"},
       {"73 paths",
        Github(PushWith("/commits/0/added", std::vector<std::string>(100000, "a"))),
        422,
        "unusable"},
       {"74 names", Github(HookFixture("github/push_odd_names.json")), 202, "queued"},
       {"75 ref", Github(PushWith("/ref", 1)), 422, "unusable"},
       {"75 commits", Github(PushWith("/commits", json::object())), 422, "unusable"},
       {"75 repository", Github(PushWith("/repository", json::array())), 422, "unusable"},
       {"80", Github(PushWith("/commits", nullptr)), 202, "queued"},
       {"82", Github(PushWith("/commits", std::vector<json>(2048, json::object()))), 202, "queued"},
       {"94", Github(PushWith("/commits/0/added", {"../x", "/etc/passwd"})), 202, "queued"}});
}

TEST(GithubRows, TellRefsApart) {
  std::vector<Row> rows = {
      {"83 40", Github(PushWith("/after", kZeros40)), 202, "queued"},
      {"83 64", Github(PushWith("/after", kZeros64)), 202, "queued"},
      {"86 pull", Github(PushWith("/ref", "refs/pull/1/merge")), 202, "ignored"},
      {"86 notes", Github(PushWith("/ref", "refs/notes/x")), 202, "ignored"},
      {"86 short", Github(PushWith("/ref", "main")), 202, "ignored"},
      {"before = after", Github(PushWith("/before", std::string(40, 'b'))), 202, "queued"},
      {"74 lone surrogate",
       Github(Replaced(Push(), "refs/heads/main", "refs/heads/\\ud800")),
       422,
       "unusable"}};
  for (const std::string& after : {std::string(39, 'a'),
                                   std::string("HEAD"),
                                   std::string("--upload-pack=x"),
                                   std::string(40, 'A'),
                                   std::string()}) {
    rows.push_back({"84 " + after, Github(PushWith("/after", after)), 422, "unusable"});
  }
  for (const std::string ref : {"refs/heads/../../x",
                                "-x",
                                "refs/heads/-x",
                                "--upload-pack=x",
                                "refs/heads/a..b",
                                "refs/heads/a@{1}",
                                "refs/heads/a.lock",
                                "refs/heads/a b",
                                "a b",
                                "",
                                "refs/heads/",
                                "refs/",
                                "refs/heads/\x1b[31m",
                                "refs/heads/\xe2\x80\xae"
                                "x",
                                "refs/heads/a\r\nb"}) {
    rows.push_back({"85 " + ref, Github(PushWith("/ref", ref)), 422, "unusable"});
  }
  ExpectRows("github", kGithubUrl, rows);
}

TEST(GithubRows, KnowOnlyTheConfiguredRepository) {
  json nowhere = json::parse(Push());
  for (const char* key : {"clone_url", "ssh_url", "html_url"}) {
    nowhere["repository"].erase(key);
  }
  std::vector<Row> rows = {
      {"77", Github(nowhere.dump()), 422, "unusable"},
      {"77 empty", Github(PushWith("/repository", json::object())), 422, "unusable"},
      {"88 up", Github(PushWith("/repository/full_name", "../../etc")), 422, "unusable"},
      {"88 inside", Github(PushWith("/repository/full_name", "a/b/../c")), 422, "unusable"},
      {"88 NUL",
       Github(PushWith("/repository/full_name", std::string("a\0b", 3))),
       422,
       "unusable"},
      {"91 dot",
       Github(PushWith("/repository/clone_url", "https://github.com./acme/churn.git")),
       202,
       "queued"},
      {"93", Github(PushWith("/callback_url", "http://169.254.169.254/")), 202, "queued"}};
  for (const char* url : {"https://evil.example/acme/churn.git",
                          "https://github.com@evil.example/acme/churn.git",
                          "https://g\xC4\xB1thub.com/acme/churn.git",
                          "https://git\thub.com/acme/churn.git",
                          "https://git\nhub.com/acme/churn.git",
                          "https://github.com/.*",
                          "https://github.com/(a+)+$",
                          "https://github.com/acme/other.git",
                          "nonsense"}) {
    rows.push_back({std::string("89-92 ") + url,
                    Github(PushWith("/repository/clone_url", url)),
                    202,
                    "ignored"});
  }
  ExpectRows("github", kGithubUrl, rows);
}

TEST(GitlabRows, RefuseEveryTokenButTheSecret) {
  const RawDelivery push = Gitlab(GitlabPush());
  const std::string secret(kHookSecret);
  ExpectRows(
      "gitlab",
      kGitlabUrl,
      {{"ordinary", push, 202, "queued"},
       {"30", With(push, "Content-Type", kFormType), 415, "unsupported_type"},
       {"37", Without(push, "X-Gitlab-Token"), 401, "unauthenticated"},
       {"39", With(push, "X-Gitlab-Token", ""), 401, "unauthenticated"},
       {"45", Plus(push, "X-Gitlab-Token", secret), 401, "unauthenticated"},
       {"47", Github(GitlabPush()), 401, "unauthenticated"},
       {"50 wrong", With(push, "X-Gitlab-Token", "wrong"), 401, "unauthenticated"},
       {"50 prefix", With(push, "X-Gitlab-Token", secret.substr(0, 8)), 401, "unauthenticated"},
       {"50 blank", With(push, "X-Gitlab-Token", secret + " "), 401, "unauthenticated"},
       {"53", Without(Without(push, "X-Gitlab-Token"), "X-Gitlab-Event"), 401, "unauthenticated"}});
}

TEST(GitlabRows, SeparateEventsFromShapes) {
  const auto with = [](const std::string& pointer, const json& value) {
    json payload = json::parse(GitlabPush());
    payload[json::json_pointer(pointer)] = value;
    return Gitlab(payload.dump());
  };
  json old_form = json::parse(GitlabPush());
  old_form.erase("project");
  json nowhere = old_form;
  nowhere.erase("repository");
  const std::string tag = HookFixture("gitlab/tag_push.json");
  ExpectRows(
      "gitlab",
      kGitlabUrl,
      {{"24", Gitlab(""), 400, "malformed"},
       {"64", Gitlab(HookFixture("gitlab/merge_request.json")), 422, "unusable"},
       {"64 tag as push", Gitlab(tag), 422, "unusable"},
       {"64 push as tag", GitlabRequest("Tag Push Hook", GitlabPush()), 422, "unusable"},
       {"tag", GitlabRequest("Tag Push Hook", tag), 202, "queued"},
       {"system push", GitlabRequest("System Hook", GitlabPush()), 202, "queued"},
       {"system other",
        GitlabRequest("System Hook", R"({"event_name":"project_create"})"),
        202,
        "ignored"},
       {"70",
        Gitlab(Replaced(GitlabPush(), "\"avatar_url\"", "\"git_http_url\"")),
        400,
        "malformed"},
       {"75", with("/project", json::array()), 422, "unusable"},
       {"75 repository", with("/repository", 5), 422, "unusable"},
       {"77", Gitlab(nowhere.dump()), 422, "unusable"},
       {"old form", Gitlab(old_form.dump()), 202, "queued"},
       {"82", Gitlab(HookFixture("gitlab/push_truncated.json")), 202, "queued"},
       {"83", Gitlab(HookFixture("gitlab/push_deleted.json")), 202, "queued"},
       {"88", with("/project/path_with_namespace", "../../etc"), 422, "unusable"},
       {"89", with("/project/git_http_url", "https://evil.example/ml/churn.git"), 202, "ignored"},
       {"95",
        GitlabRequest("Merge Request Hook", HookFixture("gitlab/merge_request.json")),
        202,
        "ignored"},
       {"96", Without(Gitlab(GitlabPush()), "X-Gitlab-Event"), 400, "malformed"},
       {"97", Gitlab(HookFixture("gitlab/custom_template.json")), 422, "unusable"},
       {"no id", Without(Gitlab(GitlabPush()), "Idempotency-Key"), 202, "queued"}});
}

TEST(ProviderRows, TakeNothingWithoutASecret) {
  for (const std::vector<std::string>& secrets :
       {std::vector<std::string>(), std::vector<std::string>{""}}) {
    EXPECT_EQ(Receive(*MakeProvider("github", secrets), Github(Push()), kGithubUrl).status, 503);
    EXPECT_EQ(Receive(*MakeProvider("gitlab", secrets), Gitlab(GitlabPush()), kGitlabUrl).status,
              503);
    const RawDelivery empty = With(Gitlab(GitlabPush()), "X-Gitlab-Token", "");
    EXPECT_EQ(Receive(*MakeProvider("gitlab", secrets), empty, kGitlabUrl).status, 503);
  }
}

}  // namespace
}  // namespace failgate
