#include "webhooks/providers/sonar.h"

#include <string>
#include <utility>

#include "controller/base/text.h"
#include "webhooks/payload.h"
#include "webhooks/providers/push_fields.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxProjectKeyBytes = 400;

}  // namespace

SonarProvider::SonarProvider(const std::vector<Secret>& secrets)
    : SignedBodyProvider({"X-Sonar-Webhook-HMAC-SHA256", ""}, secrets) {}

Result<ParsedDelivery, HookAnswer> SonarProvider::Parse(const VerifiedDelivery& delivery) const {
  auto payload = Payload::Read(delivery.body(), {"project"});
  if (!payload) {
    return payload.error();
  }
  const auto project = payload->Text({"project", "key"}, kMaxProjectKeyBytes);
  const auto task = payload->Text({"taskId"}, kMaxNameBytes);
  if (!payload->usable() || !project || project->empty()) {
    return UnusableAnswer("the payload does not say which project was analysed");
  }
  ParsedDelivery parsed;
  parsed.kind = ParsedDelivery::Kind::kPush;
  parsed.event_name = "analysis";
  // A quality gate that turns without a new analysis is told with the task of the old one, but in
  // other bytes: those deliveries are not taken for one.
  if (task && IsDeliveryId(*task)) {
    parsed.delivery_id = std::string(*task);
  }
  return parsed;
}

}  // namespace failgate
