// What MLflow 3 sends: its own proof, and which models it is about.
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "controller/base/digest.h"
#include "tests/support/hook_requests.h"
#include "webhooks/provider.h"

namespace failgate {
namespace {

constexpr const char* kSecret = "mlflow-hook-s3cret";
constexpr const char* kId = "0b9cf5a2-5a1f-4a8b-9d0e-2f6c1d0a7b11";
constexpr long long kTime = 1614265330;
constexpr const char* kAliasSet =
    R"({"entity": "model_version_alias", "action": "created", "timestamp": )"
    R"("2026-11-23T09:00:00.000000+00:00", "data": {"name": "churn", "alias": "champion", )"
    R"("version": "3"}})";
/// Made by `_generate_hmac_signature` of MLflow 3.17.2.
constexpr const char* kAliasSetSignature = "v1,7KJkkTaP819C03yFBpOKiG6uhUxpq3nR659j0UgipTs=";

RawDelivery Signed(const std::string& body, const std::string& secret = kSecret) {
  const std::string time = std::to_string(kTime);
  const std::string text = std::string(kId) + "." + time + "." + body;
  RawDelivery request;
  request.headers = {{"Content-Type", "application/json"},
                     {"X-MLflow-Delivery-Id", kId},
                     {"X-MLflow-Timestamp", time},
                     {"X-MLflow-Signature", "v1," + Base64Encode(HmacSha256(secret, text))}};
  request.body = body;
  request.received_at = TimePoint(std::chrono::seconds(kTime));
  return request;
}

class Mlflow : public testing::Test {
 protected:
  int StatusOf(const RawDelivery& request) {
    auto verified = provider_->Verify(request);
    if (!verified) return verified.error().status;
    const auto parsed = provider_->Parse(*verified);
    return parsed ? 202 : parsed.error().status;
  }
  ParsedDelivery Parsed(const std::string& body) {
    auto verified = provider_->Verify(Signed(body));
    return provider_->Parse(*verified).value();
  }
  static std::string Event(const std::string& entity, const std::string& data) {
    return R"({"entity": ")" + entity + R"(", "action": "created", "data": )" + data + "}";
  }

  std::unique_ptr<const Provider> provider_ =
      ProviderByName("mlflow", {Secret(kSecret), Secret("former")}).value();
};

TEST_F(Mlflow, ProvesItselfAsTheServerSigns) {
  const RawDelivery request = With(Signed(kAliasSet), "X-MLflow-Signature", kAliasSetSignature);
  const auto verified = provider_->Verify(request);
  ASSERT_TRUE(verified.has_value());
  EXPECT_EQ(verified->secret_index(), 0U);
  const auto former = provider_->Verify(Signed(kAliasSet, "former"));
  ASSERT_TRUE(former.has_value());
  EXPECT_EQ(former->secret_index(), 1U);
}

TEST_F(Mlflow, IsRefusedWithAnotherSecretIdTimeOrBody) {
  const RawDelivery good = Signed(kAliasSet);
  RawDelivery longer = good;
  longer.body += " ";
  RawDelivery late = good;
  late.received_at += std::chrono::seconds(301);
  RawDelivery early = good;
  early.received_at -= std::chrono::seconds(301);
  const std::string signature = kAliasSetSignature;
  for (const RawDelivery& bad : {Signed(kAliasSet, "another"),
                                 longer,
                                 late,
                                 early,
                                 With(good, "X-MLflow-Delivery-Id", "another"),
                                 With(good, "X-MLflow-Timestamp", std::to_string(kTime + 1)),
                                 With(good, "X-MLflow-Signature", signature.substr(3)),
                                 With(good, "X-MLflow-Signature", "v2" + signature.substr(2)),
                                 Without(good, "X-MLflow-Signature"),
                                 Without(good, "X-MLflow-Timestamp"),
                                 Without(good, "X-MLflow-Delivery-Id"),
                                 Plus(good, "X-MLflow-Delivery-Id", kId)}) {
    EXPECT_EQ(StatusOf(bad), 401);
  }
  EXPECT_EQ(StatusOf(With(good, "Content-Type", "text/plain")), 415);
  EXPECT_EQ(ProviderByName("mlflow", {}).value()->Verify(good).error().status, 503);
}

TEST_F(Mlflow, NamesTheModelOfEveryEventAboutOne) {
  const ParsedDelivery alias = Parsed(kAliasSet);
  EXPECT_EQ(alias.kind, ParsedDelivery::Kind::kPush);
  EXPECT_EQ(alias.delivery_id, kId);
  EXPECT_EQ(alias.event_name, "model_version_alias.created");
  EXPECT_EQ(alias.models, std::vector<std::string>{"churn"});
  for (const char* entity : {"registered_model", "model_version", "model_version_tag"}) {
    EXPECT_EQ(Parsed(Event(entity, R"({"name": "churn"})")).models.size(), 1U) << entity;
  }
}

TEST_F(Mlflow, IgnoresWhatIsNoModelAndRefusesWhatSaysNothing) {
  for (const auto& [entity, data] :
       {std::pair{"prompt_alias", R"({"name": "churn"})"},
        std::pair{"budget_policy", "{}"},
        std::pair{"model_version_alias", R"({"name": "../churn"})"},
        std::pair{"model_version_alias", R"({"name": "churn model"})"}}) {
    const ParsedDelivery parsed = Parsed(Event(entity, data));
    EXPECT_EQ(parsed.kind, ParsedDelivery::Kind::kIgnored) << entity << data;
    EXPECT_TRUE(parsed.models.empty());
  }
  EXPECT_EQ(StatusOf(Signed("{}")), 422);
  EXPECT_EQ(StatusOf(Signed(Event("model_version", "{}"))), 422);
  EXPECT_EQ(StatusOf(Signed(Event("model_version", R"({"name": 7})"))), 422);
  EXPECT_EQ(
      StatusOf(Signed(Event("model_version", R"({"name": ")" + std::string(300, 'x') + R"("})"))),
      422);
  EXPECT_EQ(StatusOf(Signed("[]")), 422);
  EXPECT_EQ(StatusOf(Signed("{")), 400);
  EXPECT_EQ(StatusOf(Signed(R"({"entity": "a", "entity": "b"})")), 400);
}

}  // namespace
}  // namespace failgate
