// Against a fake of GitHub's API over HTTP: the real one cannot be had in a test.
#include "controller/sync/github_redelivery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "controller/api/http_server.h"
#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/guarded.h"
#include "tests/support/fake_clock.h"

namespace failgate {
namespace {

using ::testing::ElementsAre;

class FakeGithub final : public RequestHandler {
 public:
  FakeGithub() : server_(HttpServerOptions{}, *this) { server_.Start(); }
  ~FakeGithub() override { server_.Stop(); }

  Admission Admit(const RequestHead&) override { return Admission::Accept(1000); }
  void Handle(HttpRequest request, Responder responder) override {
    const std::string query = request.query.empty() ? "" : "?" + request.query;
    const std::string asked = request.method + " " + request.path + query;
    HttpResponse response;
    for (const auto& header : request.headers) {
      if (header.first == "Authorization" && header.second != "Bearer the-token") {
        response.status = 401;
      }
    }
    auto state = state_.Lock();
    state->asked.push_back(asked);
    const auto found = state->answers.find(asked);
    if (response.status == 200 && found == state->answers.end()) response.status = 404;
    if (response.status == 200) {
      response = found->second;
    }
    responder.Send(std::move(response));
  }

  void Answer(const std::string& asked,
              int status,
              const std::string& body,
              std::string link = "") {
    HttpResponse response;
    response.status = status;
    response.body = body;
    if (!link.empty()) response.headers.emplace_back("Link", std::move(link));
    state_.Lock()->answers[asked] = std::move(response);
  }
  std::vector<std::string> TakeAsked() { return std::exchange(state_.Lock()->asked, {}); }
  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(server_.port());
  }

 private:
  struct State {
    std::map<std::string, HttpResponse> answers;
    std::vector<std::string> asked;
  };
  Guarded<State> state_;
  HttpServer server_;
};

class GithubRedeliveryTest : public testing::Test {
 protected:
  GithubRedeliveryTest() {
    WriteFileDurably(folder_.path() / "token", "the-token\n", 0600);
    github_.Answer("GET /repos/acme/churn/hooks?per_page=100",
                   200,
                   R"([{"id": 7, "config": {"url": "https://fg.example.com/hooks/churn"}}])");
  }
  GithubRedelivery Make() {
    WebhookSettings webhook;
    webhook.provider = "github";
    webhook.api = github_.url();
    RemoteCredentials credentials;
    credentials.token = SecretReference{"", folder_.path() / "token"};
    const auto target = GithubRedelivery::TargetOf("churn",
                                                   "https://github.com/acme/churn.git",
                                                   credentials,
                                                   std::nullopt,
                                                   webhook,
                                                   "https://fg.example.com");
    Check(target.has_value(), "GitHub with a token can be asked");
    return {*target, none_, clock_};
  }
  std::string Item(int id, const std::string& guid, int minutes_ago, int status) const {
    return R"({"id": )" + std::to_string(id) + R"(, "guid": ")" + guid + R"(", "delivered_at": ")" +
           FormatTime(clock_.Now() - std::chrono::minutes(minutes_ago)) +
           R"(", "redelivery": false, "status_code": )" + std::to_string(status) +
           R"(, "event": "push"})";
  }

  TemporaryFolder folder_;
  FakeClock clock_;
  EnvironmentLookup none_ = [](const std::string&) { return std::optional<std::string>(); };
  FakeGithub github_;
};

constexpr const char* kFirstPage = "GET /repos/acme/churn/hooks/7/deliveries?per_page=100";

TEST_F(GithubRedeliveryTest, AsksForWhatFailedOverAllPages) {
  github_.Answer(kFirstPage,
                 200,
                 "[" + Item(3, "c", 30, 503) + "," + Item(2, "b", 40, 202) + "]",
                 "<https://evil.example.com/?cursor=next_1>; rel=\"next\"");
  github_.Answer(std::string(kFirstPage) + "&cursor=next_1", 200, "[" + Item(1, "a", 50, 0) + "]");
  for (const char* id : {"1", "3"}) {
    github_.Answer(
        std::string("POST /repos/acme/churn/hooks/7/deliveries/") + id + "/attempts", 202, "{}");
  }
  GithubRedelivery redelivery = Make();
  EXPECT_EQ(redelivery.Step(), 2);
  EXPECT_THAT(github_.TakeAsked(),
              ElementsAre("GET /repos/acme/churn/hooks?per_page=100",
                          kFirstPage,
                          std::string(kFirstPage) + "&cursor=next_1",
                          "POST /repos/acme/churn/hooks/7/deliveries/1/attempts",
                          "POST /repos/acme/churn/hooks/7/deliveries/3/attempts"));
}

TEST_F(GithubRedeliveryTest, LooksOnlyAtWhatIsNewTheNextTime) {
  github_.Answer(kFirstPage,
                 200,
                 "[" + Item(2, "b", 1, 202) + "," + Item(1, "a", 50, 202) + "]",
                 "<https://x/?cursor=old>; rel=\"next\"");
  github_.Answer(std::string(kFirstPage) + "&cursor=old", 200, "[]");
  GithubRedelivery redelivery = Make();
  EXPECT_EQ(redelivery.Step(), 0);
  github_.TakeAsked();
  clock_.Advance(std::chrono::minutes(10));
  EXPECT_EQ(redelivery.Step(), 0);
  EXPECT_THAT(github_.TakeAsked(), ElementsAre(kFirstPage));
}

TEST_F(GithubRedeliveryTest, LeavesItToPollingWhereTheTokenIsNotEnough) {
  GithubRedelivery redelivery = Make();
  github_.Answer("GET /repos/acme/churn/hooks?per_page=100", 403, "{}");
  EXPECT_EQ(redelivery.Step(), 0);
  WriteFileDurably(folder_.path() / "token", "another\n", 0600);
  EXPECT_EQ(redelivery.Step(), 0);
}

TEST_F(GithubRedeliveryTest, TriesAgainAfterAnAnswerThatCannotBeUsed) {
  GithubRedelivery redelivery = Make();
  github_.Answer(kFirstPage, 502, "");
  EXPECT_THROW(redelivery.Step(), Error);
  github_.Answer(kFirstPage, 200, "<html>");
  EXPECT_THROW(redelivery.Step(), Error);
  github_.Answer(kFirstPage, 200, "[]");
  EXPECT_EQ(redelivery.Step(), 0);
}

TEST(GithubRedeliveryTarget, NeedsATokenAWebhookOfGithubAndAnAddressOfOurs) {
  WebhookSettings webhook;
  webhook.provider = "github";
  RemoteCredentials credentials;
  const std::string url = "https://github.com/acme/churn.git";
  const auto target = [&](const std::string& ours) {
    return GithubRedelivery::TargetOf("churn", url, credentials, std::nullopt, webhook, ours);
  };
  EXPECT_FALSE(target("https://fg.example.com")) << "no token";
  credentials.token = SecretReference{"TOKEN", {}};
  EXPECT_EQ(target("https://fg.example.com")->api, "https://api.github.com");
  EXPECT_FALSE(target("")) << "nobody knows where the hook sends to";
  webhook.provider = "gitea";
  EXPECT_FALSE(target("https://fg.example.com"));
}

}  // namespace
}  // namespace failgate
