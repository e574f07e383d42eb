#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>

#include "controller/base/digest.h"
#include "controller/base/text.h"
#include "tests/integration/api/api_world.h"

namespace failgate {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string Fixture(const std::string& name) {
  return ReadFile(std::string(FAILGATE_HOOK_FIXTURES) + "/" + name);
}

std::string Sign(const std::string& secret, const std::string& body) {
  return "sha256=" + HexEncode(HmacSha256(secret, body));
}

/// One request on its way to be spoilt.
struct Hook {
  std::string method = "POST";
  std::string path;
  HeaderFields headers;
  std::string body;

  Hook& Drop(const std::string& name) {
    headers.erase(
        std::remove_if(
            headers.begin(), headers.end(), [&](const auto& one) { return one.first == name; }),
        headers.end());
    return *this;
  }
  Hook& Set(const std::string& name, const std::string& value) {
    Drop(name).headers.emplace_back(name, value);
    return *this;
  }
  Hook& Add(const std::string& name, const std::string& value) {
    headers.emplace_back(name, value);
    return *this;
  }
  [[nodiscard]] std::string Raw() const { return RawRequest(method, path, headers, body); }
};

Hook Github(const std::string& body, const std::string& event = "push") {
  return Hook{"POST",
              "/hooks/churn",
              {{"Content-Type", "application/json"},
               {"X-GitHub-Event", event},
               {"X-GitHub-Delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"},
               {"X-Hub-Signature-256", Sign(kCanary, body)}},
              body};
}

Hook Gitlab(const std::string& body, const std::string& event = "Push Hook") {
  return Hook{"POST",
              "/hooks/risk",
              {{"Content-Type", "application/json"},
               {"X-Gitlab-Event", event},
               {"Idempotency-Key", "f5c9b4a1-0001"},
               {"X-Gitlab-Token", kRiskSecret}},
              body};
}

Hook GithubPush() {
  return Github(Fixture("github/push_ordinary.json"));
}
Hook GitlabPush() {
  return Gitlab(Fixture("gitlab/push_ordinary.json"));
}
Hook Signed(const std::string& body) {
  return Github(body);
}
Hook With(Hook hook, const std::function<void(Hook&)>& change) {
  change(hook);
  return hook;
}

struct Row {
  const char* name;
  Hook hook;
  int status;
  const char* word;  ///< in the body of a 202
};

std::vector<Row> RoutesAndHeads() {
  const Hook github = GithubPush();
  const std::string& body = github.body;
  return {
      {"10 GET", With(github, [](Hook& h) { h.method = "GET", h.body = ""; }), 405, ""},
      {"10 PUT", With(github, [](Hook& h) { h.method = "PUT"; }), 405, ""},
      {"10 GET of nobody",
       With(github, [](Hook& h) { h.method = "GET", h.path = "/hooks/no"; }),
       404,
       ""},
      {"19 absolute form",
       With(github, [](Hook& h) { h.path = "http://evil/hooks/churn"; }),
       404,
       ""},
      {"20 unknown", With(github, [](Hook& h) { h.path = "/hooks/nobody"; }), 404, ""},
      {"20 without webhook", With(github, [](Hook& h) { h.path = "/hooks/quiet"; }), 404, ""},
      {"20 dots", With(github, [](Hook& h) { h.path = "/hooks/../hooks/churn"; }), 404, ""},
      {"20 escaped dots", With(github, [](Hook& h) { h.path = "/hooks/%2e%2e/churn"; }), 404, ""},
      {"20 escaped name", With(github, [](Hook& h) { h.path = "/hooks/%63hurn"; }), 404, ""},
      {"20 double slash", With(github, [](Hook& h) { h.path = "/hooks//churn"; }), 404, ""},
      {"20 final slash", With(github, [](Hook& h) { h.path = "/hooks/churn/"; }), 404, ""},
      {"20 parameter", With(github, [](Hook& h) { h.path = "/hooks/churn;x"; }), 404, ""},
      {"20 escaped NUL", With(github, [](Hook& h) { h.path = "/hooks/churn%00"; }), 404, ""},
      {"22 too long",
       With(github, [](Hook& h) { h.body = std::string((1 << 20) + 1, 'x'); }),
       413,
       ""},
      {"22 before 415",
       With(github,
            [](Hook& h) {
              h.body = std::string((1 << 20) + 1, 'x');
              h.Set("Content-Type", "text/plain");
            }),
       413,
       ""},
      {"25 gzip", With(github, [](Hook& h) { h.Add("Content-Encoding", "gzip"); }), 415, ""},
      {"26 no type", With(github, [](Hook& h) { h.Drop("Content-Type"); }), 415, ""},
      {"26 text", With(github, [](Hook& h) { h.Set("Content-Type", "text/plain"); }), 415, ""},
      {"27 two types",
       With(github, [](Hook& h) { h.Add("Content-Type", "application/json"); }),
       400,
       ""},
      {"28 utf-16",
       With(github, [](Hook& h) { h.Set("Content-Type", "application/json; charset=utf-16"); }),
       415,
       ""},
      {"30 form at gitlab",
       With(GitlabPush(),
            [](Hook& h) { h.Set("Content-Type", "application/x-www-form-urlencoded"); }),
       415,
       ""},
      {"37 no signature", With(github, [](Hook& h) { h.Drop("X-Hub-Signature-256"); }), 401, ""},
      {"38 no secret", With(github, [](Hook& h) { h.path = "/hooks/broken"; }), 503, ""},
      {"38 signed by nothing",
       With(github,
            [&](Hook& h) {
              h.path = "/hooks/broken";
              h.Set("X-Hub-Signature-256", Sign("x", body));
            }),
       503,
       ""},
      {"46 two authorizations",
       With(github,
            [](Hook& h) { h.Add("Authorization", "Basic a").Add("Authorization", "Basic b"); }),
       400,
       ""},
  };
}

std::vector<Row> Proofs() {
  const Hook github = GithubPush();
  const std::string& body = github.body;
  const auto signature = [&](const std::string& text) {
    return With(github, [&](Hook& h) { h.Set("X-Hub-Signature-256", text); });
  };
  const auto token = [&](const std::string& text) {
    return With(GitlabPush(), [&](Hook& h) { h.Set("X-Gitlab-Token", text); });
  };
  const std::string good = Sign(kCanary, body);
  std::string upper = good;
  std::transform(upper.begin() + 7, upper.end(), upper.begin() + 7, [](char c) {
    return c >= 'a' ? static_cast<char>(c - 32) : c;
  });
  return {
      {"39 empty digest", signature("sha256="), 401, ""},
      {"40 short digest", signature("sha256=ab"), 401, ""},
      {"41 no hex", signature("sha256=" + std::string(64, 'z')), 401, ""},
      {"42 upper case", signature(upper), 401, ""},
      {"43 sha1 only",
       With(github,
            [](Hook& h) {
              h.Drop("X-Hub-Signature-256").Add("X-Hub-Signature", "sha1=" + std::string(40, 'a'));
            }),
       401,
       ""},
      {"44 other algorithm", signature("sha512=" + std::string(128, 'a')), 401, ""},
      {"45 two signatures",
       With(github, [&](Hook& h) { h.Add("X-Hub-Signature-256", good); }),
       401,
       ""},
      {"47 github's request at gitlab's path",
       With(github, [](Hook& h) { h.path = "/hooks/risk"; }),
       401,
       ""},
      {"48 another receiver's secret", signature(Sign(kRiskSecret, body)), 401, ""},
      {"49 signature of other bytes", signature(Sign(kCanary, body + " ")), 401, ""},
      {"50 wrong token", token("wrong"), 401, ""},
      {"50 prefix", token(std::string(kRiskSecret).substr(0, 8)), 401, ""},
      {"50 empty token", token(""), 401, ""},
      {"52 token in the query",
       With(GitlabPush(),
            [](Hook& h) { h.Drop("X-Gitlab-Token").path += std::string("?token=") + kRiskSecret; }),
       401,
       ""},
      {"59 ping, bad signature",
       With(Github(Fixture("github/ping.json"), "ping"),
            [](Hook& h) { h.Set("X-Hub-Signature-256", Sign("wrong", h.body)); }),
       401,
       ""},
      {"59 ping", Github(Fixture("github/ping.json"), "ping"), 200, ""},
      {"former secret", signature(Sign(kFormerSecret, body)), 202, "queued"},
  };
}

std::vector<Row> Bodies() {
  std::string other = Fixture("github/push_ordinary.json");
  const std::string host = "https://github.com/acme/churn.git";
  for (std::size_t at = other.find(host); at != std::string::npos; at = other.find(host)) {
    other.replace(at, host.size(), "https://github.com@evil.example/acme/churn.git");
  }
  return {
      {"24 empty", Signed(""), 400, ""},
      {"29 form body as JSON", Signed("payload=%7B%7D"), 400, ""},
      {"35 no UTF-8", Signed("{\"ref\":\"\xFF\"}"), 400, ""},
      {"36 byte order mark", Signed("\xEF\xBB\xBF{}"), 400, ""},
      {"64 issues as push", Signed(Fixture("github/issues.json")), 422, ""},
      {"67 nested", Signed(std::string(100000, '[')), 400, ""},
      {"68 null", Signed("null"), 422, ""},
      {"69 two values", Signed("{}{}"), 400, ""},
      {"70 a key twice", Signed(R"({"repository":{},"repository":{}})"), 400, ""},
      {"75 ref is a number", Signed(R"({"ref":1})"), 422, ""},
      {"83 deletion", Github(Fixture("github/push_deleted.json")), 202, "queued"},
      {"90 another host", Signed(other), 202, "ignored"},
      {"95 unknown event",
       Github(Fixture("github/pull_request.json"), "pull_request"),
       202,
       "ignored"},
      {"96 no event", With(GithubPush(), [](Hook& h) { h.Drop("X-GitHub-Event"); }), 400, ""},
      {"97 custom template", Gitlab(Fixture("gitlab/custom_template.json")), 422, ""},
      {"gitlab push", GitlabPush(), 202, "queued"},
  };
}

void ExpectRows(const std::vector<Row>& rows) {
  ApiWorld world;
  std::size_t stored = 0;
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const RawAnswer answer = world.Send(row.hook.Raw());
    EXPECT_EQ(answer.status, row.status) << answer.body;
    EXPECT_THAT(answer.body, Not(HasSubstr("secret")));
    EXPECT_THAT(answer.head, HasSubstr("X-Content-Type-Options: nosniff"));
    stored += row.status == 202 ? 1 : 0;
    EXPECT_EQ(world.inbox.List({}).size(), stored);
    if (row.status == 202) {
      EXPECT_EQ(nlohmann::json::parse(answer.body).at("status"), row.word);
    } else if (row.status != 200 && row.status != 404) {
      EXPECT_THAT(answer.head, HasSubstr("text/plain"));
    }
    EXPECT_EQ(row.status == 405, answer.head.find("Allow: POST") != std::string::npos);
    EXPECT_EQ(row.status == 503, answer.head.find("Retry-After: ") != std::string::npos);
  }
}

TEST(Hooks, AnswerTheHeadBeforeTheBodyInTheirOrder) {
  ExpectRows(RoutesAndHeads());
}

TEST(Hooks, TakeNoProofButTheConfiguredOne) {
  ExpectRows(Proofs());
}

TEST(Hooks, AnswerEachBodyAsItDeserves) {
  ExpectRows(Bodies());
}

TEST(Hooks, StoreADeliveryOnceAndSaySo) {
  ApiWorld world;
  const auto first = nlohmann::json::parse(world.Send(GithubPush().Raw()).body);
  const auto again = nlohmann::json::parse(world.Send(GithubPush().Raw()).body);
  EXPECT_EQ(first.at("status"), "queued");
  EXPECT_EQ(again.at("status"), "duplicate");
  EXPECT_EQ(first.at("delivery"), again.at("delivery"));
  const auto stored = world.inbox.Show(first.at("delivery").get<std::string>());
  ASSERT_TRUE(stored.has_value());
  EXPECT_EQ(stored->delivery_id, "72d3162e-cc78-11e3-81ab-4c9367dc0958");
  EXPECT_EQ(stored->refs.at(0).ref, "refs/heads/main");
  EXPECT_EQ(*world.inbox.Body(stored->id), GithubPush().body);
  for (const auto& header : stored->headers) {
    EXPECT_THAT(ToLower(header.first), Not(HasSubstr("signature")));
  }
}

TEST(Hooks, NeverTakeEqualBodiesWithoutAnIdForOnePush) {
  ApiWorld world;
  const Hook push = With(GitlabPush(), [](Hook& h) { h.Drop("Idempotency-Key"); });
  const auto first = nlohmann::json::parse(world.Send(push.Raw()).body);
  const auto second = nlohmann::json::parse(world.Send(push.Raw()).body);
  EXPECT_EQ(second.at("status"), "queued");
  EXPECT_NE(first.at("delivery"), second.at("delivery"));
}

TEST(Hooks, FollowARotatedSecretWithoutARestart) {
  ApiWorld world;
  const Hook rotated = With(GithubPush(), [](Hook& h) {
    h.Set("X-Hub-Signature-256", Sign("the-next-hook-secret", h.body));
  });
  EXPECT_EQ(world.Send(rotated.Raw()).status, 401);
  WriteFileDurably(world.folder.path() / "current", "the-next-hook-secret", 0600);
  EXPECT_EQ(world.Send(rotated.Raw()).status, 401) << "looked at once a second";
  world.clock.Advance(std::chrono::seconds(1));
  EXPECT_EQ(world.Send(rotated.Raw()).status, 202);
  EXPECT_EQ(world.Send(GithubPush().Raw()).status, 401);
  std::filesystem::remove(world.folder.path() / "current");
  std::filesystem::remove(world.folder.path() / "former");
  world.clock.Advance(std::chrono::seconds(1));
  EXPECT_EQ(world.Send(rotated.Raw()).status, 503);
}

TEST(Hooks, OfTheOperationsRepositoryWakeThePromoter) {
  ApiWorld world;
  std::string body = Fixture("gitlab/push_ordinary.json");
  for (std::size_t at = body.find("ml/churn"); at != std::string::npos;
       at = body.find("ml/churn")) {
    body.replace(at, 8, "ml/operations");
  }
  Hook push = With(Gitlab(body), [](Hook& h) {
    h.path = "/hooks/operations";
    h.Set("X-Gitlab-Token", kOperationsSecret);
  });
  EXPECT_EQ(nlohmann::json::parse(world.Send(push.Raw()).body).at("status"), "queued");
  while (world.asked.promoter == 0) {
    std::this_thread::yield();
  }
  EXPECT_EQ(world.inbox.List({}).at(0).source.text(), "operations");
}

TEST(Hooks, AskToTryAgainWhenTheInboxIsFull) {
  ApiWorld world(0);
  const RawAnswer answer = world.Send(GithubPush().Raw());
  EXPECT_EQ(answer.status, 503);
  EXPECT_THAT(answer.head, HasSubstr("Retry-After: 10"));
}

TEST(Hooks, VerifyEachPipelinedRequestByItself) {
  ApiWorld world;
  std::string first = GithubPush().Raw();
  first.erase(first.find("Connection: close\r\n"), 19);
  RawClient client(world.server->port(), false);
  client.Send(first + With(GithubPush(), [](Hook& h) { h.Drop("X-Hub-Signature-256"); }).Raw());
  EXPECT_EQ(client.Answer()->status, 202);
  EXPECT_EQ(client.Answer()->status, 401);
}

TEST(Hooks, SlowDownAnAddressThatKeepsFailing) {
  ApiWorld world;
  std::string bad =
      With(GithubPush(), [](Hook& h) { h.Drop("X-Hub-Signature-256").body = ""; }).Raw();
  bad.erase(bad.find("Connection: close\r\n"), 19);
  RawClient client(world.server->port(), false);
  for (int i = 0; i < 1000; ++i) {
    client.Send(bad);
    ASSERT_EQ(client.Answer()->status, 401);
  }
  EXPECT_EQ(world.Send(GithubPush().Raw()).status, 429);
  world.clock.Advance(std::chrono::seconds(1));
  EXPECT_EQ(world.Send(GithubPush().Raw()).status, 202);
}

TEST(Hooks, KeepToTheRateOfASourceWhichOnlyItsOwnSecretUsesUp) {
  IntakeLimits limits;
  limits.rate_per_source = 1;  // five at once
  ApiWorld world(50000, {}, limits);
  const Hook forged =
      With(GithubPush(), [](Hook& h) { h.Set("X-Hub-Signature-256", Sign("x", h.body)); });
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(world.Send(forged.Raw()).status, 401);
    ASSERT_EQ(world.Send(GithubPush().Raw()).status, 202);
  }
  const RawAnswer refused = world.Send(GithubPush().Raw());
  EXPECT_EQ(refused.status, 429);
  EXPECT_NE(refused.head.find("Retry-After: 1"), std::string::npos);
  EXPECT_EQ(world.Send(GitlabPush().Raw()).status, 202) << "another source has its own";
  world.clock.Advance(std::chrono::seconds(1));
  EXPECT_EQ(world.Send(GithubPush().Raw()).status, 202);
  const std::string metrics = world.Get("/metrics", world.Token(Role::kViewer)).body;
  EXPECT_NE(metrics.find("failgate_hook_answers_total{source=\"churn\",status=\"401\"} 5"),
            std::string::npos);
  EXPECT_NE(metrics.find("failgate_hook_answers_total{source=\"churn\",status=\"429\"} 1"),
            std::string::npos);
}

TEST(Hooks, KeepToTheRateOfAnAddress) {
  IntakeLimits limits;
  limits.rate_per_address = 1;
  ApiWorld world(50000, {}, limits);
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(world.Send(GithubPush().Raw()).status, 202);
  }
  EXPECT_EQ(world.Send(GitlabPush().Raw()).status, 429);
}

}  // namespace
}  // namespace failgate
