#include "webhooks/providers/distribution.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "controller/base/text.h"
#include "webhooks/payload.h"
#include "webhooks/providers/registry_event.h"

namespace failgate {
namespace {

// Version 2 of the registry names the first, version 3 the second; the content is the same.
constexpr std::array<std::string_view, 2> kEventTypes = {
    "application/vnd.docker.distribution.events.v1+json",
    "application/vnd.docker.distribution.events.v2+json"};
constexpr std::array<std::string_view, 4> kManifestTypes = {
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json"};
constexpr std::size_t kMaxWordBytes = 256;

template <std::size_t Size>
bool Holds(const std::array<std::string_view, Size>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

void ReadEvent(Payload& event, std::vector<ImagePush>& pushes, std::string& id) {
  if (id.empty()) {
    id = event.Text({"id"}, kMaxWordBytes).value_or("");
  }
  if (event.Text({"action"}, kMaxWordBytes).value_or("") != "push" ||
      !Holds(kManifestTypes, event.Text({"target", "mediaType"}, kMaxWordBytes).value_or(""))) {
    return;
  }
  AddImagePush(event.Text({"target", "repository"}, kMaxImageNameBytes).value_or(""),
               event.Text({"target", "tag"}, kMaxWordBytes).value_or(""),
               pushes);
}

}  // namespace

BodyType DistributionProvider::TypeOf(std::string_view content_type) const {
  const std::string type = ToLower(Trim(content_type.substr(0, content_type.find(';'))));
  return Holds(kEventTypes, type) ? BodyType::kJson : BodyType::kUnsupported;
}

Result<ParsedDelivery, HookAnswer> DistributionProvider::Parse(
    const VerifiedDelivery& delivery) const {
  ParsedDelivery parsed;
  parsed.event_name = "events";
  auto payload = Payload::Read(delivery.body(), {});
  if (!payload) {
    parsed.ignored_because = "the body is not one a registry sends";
    return parsed;
  }
  std::vector<ImagePush> pushes;
  std::string id;
  payload->EachObject(
      {"events"}, kMaxRegistryEvents, [&](Payload& event) { ReadEvent(event, pushes, id); });
  if (!payload->usable()) {
    parsed.ignored_because = "its events are too many, or not of the shape a registry sends";
    return parsed;
  }
  parsed.delivery_id = IsDeliveryId(id) ? id : "";
  return WithImagePushes(
      std::move(parsed), std::move(pushes), "none of its events is the push of a tagged image");
}

}  // namespace failgate
