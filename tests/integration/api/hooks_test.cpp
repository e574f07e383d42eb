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

Hook Github(const std::string& body) {
  return Hook{"POST",
              "/hooks/churn",
              {{"Content-Type", "application/json"},
               {"X-GitHub-Event", "push"},
               {"X-GitHub-Delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"},
               {"X-Hub-Signature-256", Sign(kCanary, body)}},
              body};
}

Hook Gitlab(const std::string& body) {
  return Hook{"POST",
              "/hooks/risk",
              {{"Content-Type", "application/json"},
               {"X-Gitlab-Event", "Push Hook"},
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
Hook With(Hook hook, const std::function<void(Hook&)>& change) {
  change(hook);
  return hook;
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

TEST(Hooks, TakeTheFormerSecretWhileBothAreConfigured) {
  ApiWorld world;
  const Hook push = With(
      GithubPush(), [](Hook& h) { h.Set("X-Hub-Signature-256", Sign(kFormerSecret, h.body)); });
  EXPECT_EQ(world.Send(push.Raw()).status, 202);
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
