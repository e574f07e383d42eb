// Every bad input of the list, sent as raw bytes to the whole receiver, over TCP and over TLS.
#include "tests/integration/api/webhook_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "tests/integration/api/api_world.h"

namespace failgate {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr int kLastRow = 100;

/// The receiver with one source a sender, named after it.
class Receiver {
 public:
  explicit Receiver(bool tls, HttpServerOptions http = {}, IntakeLimits limits = {}) : tls_(tls) {
    std::vector<SourceSettings> sources;
    for (const TestSender& sender : TestSenders()) {
      WriteFileDurably(folder_.path() / sender.word, sender.secret, 0600);
      SourceSettings source;
      source.name = SourceName(sender.word);
      source.url = sender.url;
      source.projects = {ProjectName("project-of-" + sender.word)};
      source.webhook =
          WebhookSettings{sender.word, {SecretReference{"", folder_.path() / sender.word}}};
      sources.push_back(std::move(source));
    }
    std::vector<ImageSourceSettings> images;
    for (const TestRegistry& registry : TestRegistries()) {
      WriteFileDurably(folder_.path() / registry.word, registry.secret, 0600);
      ImageSourceSettings source;
      source.name = SourceName(registry.word);
      source.image = ImageName{"registry.example.com", "ml/churn"};
      source.projects = {ProjectName("churn")};
      source.webhook =
          WebhookSettings{registry.word, {SecretReference{"", folder_.path() / registry.word}}};
      images.push_back(std::move(source));
    }
    if (tls) {
      const MadeCertificate made = MakeCertificate();
      const auto certificate = folder_.path() / "certificate.pem";
      const auto key = folder_.path() / "key.pem";
      WriteFileDurably(certificate, made.certificate);
      WriteFileDurably(key, made.key, 0600);
      http.tls = TlsFiles{certificate, key};
    }
    WriteFileDurably(folder_.path() / "sonar", kSonarSecret, 0600);
    SonarServerSettings sonar;
    sonar.webhook = WebhookSettings{"sonar", {SecretReference{"", folder_.path() / "sonar"}}};
    WriteFileDurably(folder_.path() / "mlflow", kMlflowSecret, 0600);
    MlflowSettings mlflow;
    mlflow.webhook = WebhookSettings{"mlflow", {SecretReference{"", folder_.path() / "mlflow"}}};
    world_ = std::make_unique<ApiWorld>(50000, sources, limits, http, images, sonar, mlflow);
    world_->clock.SetWall(TimePoint(std::chrono::seconds(kReceivedSeconds)));
  }

  ApiWorld& world() { return *world_; }
  RawClient Connect() { return RawClient(world_->server->port(), tls_); }
  long long Stored() {
    const DeliveryNumbers all = world_->inbox.Statistics().all;
    return all.waiting + all.queued + all.processing + all.done + all.ignored;
  }

 private:
  bool tls_;
  TemporaryFolder folder_;
  std::unique_ptr<ApiWorld> world_;
};

void ExpectAnswer(const RawAnswer& answer, const std::string& expected) {
  const int status = std::stoi(expected.substr(0, 3));
  ASSERT_EQ(answer.status, status) << answer.body;
  EXPECT_THAT(answer.head, HasSubstr("X-Content-Type-Options: nosniff"));
  EXPECT_THAT(answer.body, Not(HasSubstr("s3cret")));
  EXPECT_EQ(status == 405, answer.head.find("Allow: POST") != std::string::npos);
  EXPECT_EQ(status == 503, answer.head.find("Retry-After: ") != std::string::npos);
  if (expected.size() > 4) {
    EXPECT_EQ(nlohmann::json::parse(answer.body).at("status"), expected.substr(4));
  } else if (status != 200 && status != 404) {  // of the API, when no hook path is meant
    EXPECT_THAT(answer.head, HasSubstr("Content-Type: text/plain"));
    EXPECT_THAT(answer.body, Not(HasSubstr("<")));
  }
}

bool IsStored(const std::string& answer) {
  return answer == "202 queued" || answer == "202 ignored";
}

class WebhookRows : public testing::TestWithParam<bool> {
 protected:
  static void Expect(Receiver& receiver, const std::vector<WebhookRow>& rows) {
    long long stored = receiver.Stored();
    for (const WebhookRow& row : rows) {
      SCOPED_TRACE(std::to_string(row.number) + " " + row.what);
      RawClient client = receiver.Connect();
      client.Send(row.bytes);
      if (row.breaks_off) {
        client.FinishSending();
      }
      for (const std::string& expected : row.answers) {
        const auto answer = client.Answer();
        ASSERT_TRUE(answer) << "no answer";
        ExpectAnswer(*answer, expected);
        stored += IsStored(expected) ? 1 : 0;
      }
      EXPECT_TRUE(client.AtEnd());
      ASSERT_EQ(receiver.Stored(), stored);
    }
  }
};

TEST_P(WebhookRows, OfTransportAreAnswered) {
  Receiver receiver(GetParam());
  Expect(receiver, TransportRows());
}

TEST_P(WebhookRows, OfSlowClientsAreAnswered) {
  HttpServerOptions impatient;
  impatient.head_deadline = Milliseconds(100);
  impatient.request_deadline = Milliseconds(150);
  Receiver receiver(GetParam(), impatient);
  Expect(receiver, SlowRows());
  EXPECT_EQ(receiver.world().server->statistics().timeouts, 2U);
}

TEST_P(WebhookRows, OfProofsAreAnswered) {
  Receiver receiver(GetParam());
  Expect(receiver, ProofRows());
}

TEST_P(WebhookRows, OfBodiesAreAnswered) {
  Receiver receiver(GetParam());
  Expect(receiver, BodyRows());
}

TEST_P(WebhookRows, OfMeaningAreAnswered) {
  Receiver receiver(GetParam());
  Expect(receiver, MeaningRows());
}

TEST_P(WebhookRows, OfRegistriesAreAnsweredAndTheTokenIsKeptNowhere) {
  Receiver receiver(GetParam());
  Expect(receiver, RegistryRows());
  for (const DeliveryRecord& delivery : receiver.world().inbox.List({})) {
    for (const auto& header : delivery.headers) {
      EXPECT_THAT(header.second, Not(HasSubstr("s3cret"))) << header.first;
    }
  }
}

TEST_P(WebhookRows, OfSonarAreAnswered) {
  Receiver receiver(GetParam());
  Expect(receiver, SonarRows());
}

TEST_P(WebhookRows, OfMlflowAreAnsweredAndNameTheModel) {
  Receiver receiver(GetParam());
  Expect(receiver, MlflowRows());
  const std::vector<QueuedDelivery> taken = receiver.world().inbox.TakeQueued(1, {});
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[0].source, SourceName(kMlflowSource));
  ASSERT_EQ(taken[0].refs.size(), 1U);
  EXPECT_EQ(taken[0].refs[0].ref, "churn");
}

TEST_P(WebhookRows, CloseTheOldestOfManyIdleConnections) {
  HttpServerOptions few;
  few.max_connections = 8;
  Receiver receiver(GetParam(), few);
  std::vector<RawClient> idle;
  for (int i = 0; i < 8; ++i) {
    idle.push_back(receiver.Connect());
    // Answered, so that it is the server that has each of them, in this order.
    idle.back().Send("GET /hooks/nobody HTTP/1.1\r\nHost: x\r\n\r\n");
    ASSERT_EQ(idle.back().Answer()->status, 404);
  }
  const TestSender& github = TestSenderOf("github");
  RawClient late = receiver.Connect();
  late.Send(RawHook(github, Proven(github)));
  EXPECT_EQ(late.Answer()->status, 202);
  EXPECT_TRUE(idle.front().AtEnd());
}

TEST_P(WebhookRows, SlowABurstDown) {
  IntakeLimits limits;
  limits.rate_per_source = 20;  // a hundred at once
  Receiver receiver(GetParam(), {}, limits);
  const TestSender& github = TestSenderOf("github");
  std::string burst;
  for (int i = 0; i < 130; ++i) {
    burst += KeptOpen(
        RawHook(github, With(Proven(github), "X-GitHub-Delivery", "b" + std::to_string(i))));
  }
  RawClient client = receiver.Connect();
  client.Send(burst);
  int taken = 0;
  while (const auto answer = client.Answer()) {
    if (answer->status != 202) {
      EXPECT_EQ(answer->status, 429);
      EXPECT_THAT(answer->head, HasSubstr("Retry-After: "));
      break;
    }
    ++taken;
  }
  EXPECT_EQ(taken, 100);
  EXPECT_EQ(receiver.Stored(), 100);
}

std::string NameOf(const testing::TestParamInfo<bool>& tls) {
  return tls.param ? "Tls" : "Tcp";
}
INSTANTIATE_TEST_SUITE_P(Transport, WebhookRows, testing::Bool(), NameOf);

/// Rows without an entry in the tables, and where they are instead.
const std::map<int, std::string>& Elsewhere() {
  static const std::map<int, std::string> rows = {
      {21, "many connections: CloseTheOldestOfManyIdleConnections"},
      {66, "a burst: SlowABurstDown"}};
  return rows;
}

TEST(WebhookRowList, IsCompleteOrSaysWhyNot) {
  std::set<int> numbers;
  for (const auto& rows : {TransportRows(),
                           SlowRows(),
                           ProofRows(),
                           BodyRows(),
                           MeaningRows(),
                           RegistryRows(),
                           SonarRows()}) {
    for (const WebhookRow& row : rows) {
      numbers.insert(row.number);
    }
  }
  for (int number = 1; number <= kLastRow; ++number) {
    EXPECT_NE(numbers.count(number), Elsewhere().count(number)) << number;
  }
  EXPECT_LE(*numbers.rbegin(), kLastRow);
}

}  // namespace
}  // namespace failgate
