#include "webhooks/providers/mlflow.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "controller/base/text.h"
#include "webhooks/payload.h"
#include "webhooks/providers/push_fields.h"

namespace failgate {
namespace {

constexpr SignedHeaders kHeaders{
    "X-MLflow-Delivery-Id", "X-MLflow-Timestamp", "X-MLflow-Signature"};
constexpr std::size_t kMaxModelBytes = 256;

bool IsAboutModels(std::string_view entity) {
  constexpr std::array<std::string_view, 4> kEntities = {
      "registered_model", "model_version", "model_version_tag", "model_version_alias"};
  return std::find(kEntities.begin(), kEntities.end(), entity) != kEntities.end();
}

/// As the deploy files of this program name models.
bool IsModelName(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

}  // namespace

MlflowProvider::MlflowProvider(const std::vector<Secret>& secrets)
    : signature_(secrets, kHeaders) {}

bool MlflowProvider::HasWellFormedProof(const HookHeaders& headers) const {
  return StandardSignature::IsWellFormed(headers, kHeaders);
}

Result<ParsedDelivery, HookAnswer> MlflowProvider::Parse(const VerifiedDelivery& delivery) const {
  const auto id = ReadDeliveryId(delivery.headers(), kHeaders.id);
  if (!id) {
    return id.error();
  }
  auto payload = Payload::Read(delivery.body(), {"data"});
  if (!payload) {
    return payload.error();
  }
  const auto entity = payload->Text({"entity"}, kMaxNameBytes);
  const auto action = payload->Text({"action"}, kMaxNameBytes);
  if (!payload->usable() || !entity || !action || entity->empty() || action->empty()) {
    return UnusableAnswer("the payload does not say which event it is about");
  }
  ParsedDelivery parsed;
  parsed.delivery_id = *id;
  parsed.event_name = OneLine(fmt::format("{}.{}", *entity, *action), kMaxMessageWordBytes);
  if (!IsAboutModels(*entity)) {
    parsed.ignored_because = "the event is not one this webhook acts on";
    return parsed;
  }
  const auto name = payload->Text({"data", "name"}, kMaxModelBytes);
  if (!payload->usable() || !name || name->empty()) {
    return UnusableAnswer("the payload does not say which model it is about");
  }
  if (!IsModelName(*name)) {
    parsed.ignored_because = "the model has a name that no deploy file can have";
    return parsed;
  }
  parsed.kind = ParsedDelivery::Kind::kPush;
  parsed.models.emplace_back(*name);
  return parsed;
}

}  // namespace failgate
