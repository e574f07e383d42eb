#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "controller/base/digest.h"
#include "tests/integration/api/webhook_rows.h"

namespace failgate {
namespace {

using nlohmann::json;

json AliasSet() {
  return {{"entity", "model_version_alias"},
          {"action", "created"},
          {"timestamp", "2026-11-23T09:00:00.000000+00:00"},
          {"data", {{"name", "churn"}, {"alias", "champion"}, {"version", "3"}}}};
}

RawDelivery Signed(const std::string& secret,
                   const std::string& id,
                   long long seconds,
                   std::string body) {
  const std::string time = std::to_string(seconds);
  const std::string mac = HmacSha256(secret, id + "." + time + "." + body);
  RawDelivery request;
  request.headers = {{"Content-Type", "application/json"},
                     {"X-MLflow-Delivery-Id", id},
                     {"X-MLflow-Timestamp", time},
                     {"X-MLflow-Signature", "v1," + Base64Encode(mac)}};
  request.body = std::move(body);
  return request;
}

}  // namespace

std::vector<WebhookRow> MlflowRows() {
  const std::string body = AliasSet().dump();
  const RawDelivery good = Signed(kMlflowSecret, "id-1", kReceivedSeconds, body);
  const std::string header = "X-MLflow-Signature";
  json prompt = AliasSet();
  prompt["entity"] = "prompt_alias";
  json nameless = AliasSet();
  nameless["data"].erase("name");
  const std::vector<HookCase> cases = {
      {0, "alias set", good, "202 queued"},
      {0, "tried again", good, "202 duplicate"},
      {26, "text", With(good, "Content-Type", "text/plain"), "415"},
      {37, "no proof", Without(good, header), "401"},
      {48, "another secret", Signed("another-s3cret", "id-2", kReceivedSeconds, body), "401"},
      {54, "late", Signed(kMlflowSecret, "id-3", kReceivedSeconds - 360, body), "401"},
      {54, "early", Signed(kMlflowSecret, "id-4", kReceivedSeconds + 360, body), "401"},
      {63, "another id", With(good, "X-MLflow-Delivery-Id", "id-5"), "401"},
      {77, "no model", Signed(kMlflowSecret, "id-6", kReceivedSeconds, nameless.dump()), "422"},
      {98,
       "a prompt",
       Signed(kMlflowSecret, "id-7", kReceivedSeconds, prompt.dump()),
       "202 ignored"},
      {100, "no JSON", Signed(kMlflowSecret, "id-8", kReceivedSeconds, "{"), "400"}};
  std::vector<WebhookRow> rows;
  AddCases(rows, "mlflow", cases);
  rows.push_back({10, "mlflow: GET", RawHookAs("GET", "/hooks/mlflow", good), {"405"}});
  return rows;
}

}  // namespace failgate
