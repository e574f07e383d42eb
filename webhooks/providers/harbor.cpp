#include "webhooks/providers/harbor.h"

#include <string>
#include <utility>

#include "controller/base/text.h"
#include "webhooks/payload.h"
#include "webhooks/providers/push_fields.h"
#include "webhooks/providers/registry_event.h"

namespace failgate {

Result<ParsedDelivery, HookAnswer> HarborProvider::Parse(const VerifiedDelivery& delivery) const {
  auto payload = Payload::Read(delivery.body(), {"event_data", "event_data.repository"});
  if (!payload) {
    return payload.error();
  }
  const auto type = payload->Text({"type"}, kMaxNameBytes);
  if (!payload->usable() || !type || type->empty()) {
    return UnusableAnswer("the payload does not say which event it is about");
  }
  ParsedDelivery parsed;
  parsed.event_name = OneLine(*type, kMaxMessageWordBytes);
  if (*type != "PUSH_ARTIFACT") {
    parsed.ignored_because = "the event is not one this webhook acts on";
    return parsed;
  }
  parsed.sender =
      OneLine(payload->Text({"operator"}, kMaxNameBytes).value_or(""), kMaxMessageWordBytes);
  const auto repository =
      payload->Text({"event_data", "repository", "repo_full_name"}, kMaxImageNameBytes);
  std::vector<ImagePush> pushes;
  payload->EachObject({"event_data", "resources"}, kMaxRegistryEvents, [&](Payload& resource) {
    // Without a tag it repeats the digest, which is none.
    AddImagePush(
        repository.value_or(""), resource.Text({"tag"}, kMaxImageNameBytes).value_or(""), pushes);
  });
  if (!payload->usable() || !repository || repository->empty()) {
    return UnusableAnswer("the payload does not say which image was pushed");
  }
  return WithImagePushes(std::move(parsed), std::move(pushes), "what was pushed has no tag");
}

}  // namespace failgate
