#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "controller/base/digest.h"
#include "tests/integration/api/webhook_rows.h"

namespace failgate {
namespace {

using nlohmann::json;

json Analysis() {
  return {{"serverUrl", "http://169.254.169.254/"},
          {"taskId", "AVh21JS2JepAEhwQ-b3u"},
          {"status", "SUCCESS"},
          {"analysedAt", "2026-11-23T10:00:00+0100"},
          {"revision", std::string(40, 'a')},
          {"project", {{"key", "churn"}, {"name", "Churn"}, {"url", "http://169.254.169.254/"}}},
          {"branch", {{"name", "main"}, {"type", "BRANCH"}, {"isMain", true}}},
          {"qualityGate", {{"name", "Sonar way"}, {"status", "OK"}, {"conditions", json::array()}}},
          {"properties", json::object()}};
}

RawDelivery Signed(const std::string& secret, std::string body) {
  RawDelivery request;
  request.headers = {{"Content-Type", "application/json"},
                     {"X-SonarQube-Project", "churn"},
                     {"X-Sonar-Webhook-HMAC-SHA256", HexEncode(HmacSha256(secret, body))}};
  request.body = std::move(body);
  return request;
}

/// A delivery of its own with the value at a pointer replaced.
RawDelivery Saying(const std::string& pointer, const json& value) {
  json analysis = Analysis();
  analysis["taskId"] = "of" + Sha256Hex(pointer + value.dump()).substr(0, 16);
  analysis[json::json_pointer(pointer)] = value;
  return Signed(kSonarSecret, analysis.dump());
}

}  // namespace

std::vector<WebhookRow> SonarRows() {
  const RawDelivery good = Signed(kSonarSecret, Analysis().dump());
  const std::string header = "X-Sonar-Webhook-HMAC-SHA256";
  json without_gate = Analysis();
  without_gate.erase("qualityGate");
  json without_project = Analysis();
  without_project.erase("project");
  std::string upper = HexEncode(HmacSha256(kSonarSecret, good.body));
  upper[upper.find_first_of("abcdef")] -= 'a' - 'A';
  const std::vector<HookCase> cases = {
      {0, "analysis", good, "202 queued"},
      {0, "the same bytes again", good, "202 duplicate"},
      {25, "gzip", Plus(good, "Content-Encoding", "gzip"), "415"},
      {26, "text", With(good, "Content-Type", "text/plain"), "415"},
      {37, "no proof", Without(good, header), "401"},
      {40, "with a prefix", With(good, header, "sha256=" + upper), "401"},
      {42, "upper case", With(good, header, upper), "401"},
      {48, "another secret", Signed("another-s3cret", good.body), "401"},
      {77, "no project", Signed(kSonarSecret, without_project.dump()), "422"},
      {98, "no quality gate", Signed(kSonarSecret, without_gate.dump()), "202 queued"},
      {98, "OK with a blank", Saying("/qualityGate/status", "OK "), "202 queued"},
      {98, "FAILED", Saying("/status", "FAILED"), "202 queued"},
      {99, "another revision", Saying("/revision", std::string(40, 'b')), "202 queued"},
      {99, "another project", Saying("/project/key", "other"), "202 queued"},
      {99,
       "another project in the header",
       With(Saying("/branch/name", "side"), "X-SonarQube-Project", "other"),
       "202 queued"}};
  std::vector<WebhookRow> rows;
  AddCases(rows, "sonar", cases);
  rows.push_back({10, "sonar: GET", RawHookAs("GET", "/hooks/sonar", good), {"405"}});
  rows.push_back({20, "sonar: more path", RawHookAs("POST", "/hooks/sonar/x", good), {"404"}});
  return rows;
}

}  // namespace failgate
