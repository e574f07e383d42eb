#include "webhooks/providers/github.h"

#include <string>
#include <string_view>
#include <utility>

#include "controller/base/text.h"
#include "webhooks/form.h"
#include "webhooks/payload.h"
#include "webhooks/providers/push_fields.h"
#include "webhooks/request_headers.h"

namespace failgate {
namespace {

constexpr std::string_view kEventHeader = "X-GitHub-Event";
constexpr std::string_view kDeliveryHeader = "X-GitHub-Delivery";

Result<ParsedDelivery, HookAnswer> ReadPush(Payload& payload, ParsedDelivery delivery) {
  using Use = SeenRepositoryUrl::Use;
  NoteRepositoryUrl(payload, {"repository", "clone_url"}, Use::kClone, delivery);
  NoteRepositoryUrl(payload, {"repository", "ssh_url"}, Use::kSsh, delivery);
  NoteRepositoryUrl(payload, {"repository", "html_url"}, Use::kPage, delivery);
  const bool safe_name = HasSafeRepositoryName(payload, {"repository", "full_name"});
  // Read for their shape only: a payload that lies about these is no push of GitHub.
  static_cast<void>(payload.Number({"repository", "id"}));
  static_cast<void>(payload.Flag({"created"}));
  static_cast<void>(payload.Flag({"deleted"}));
  static_cast<void>(payload.Flag({"forced"}));
  static_cast<void>(payload.HasObject({"head_commit"}));
  std::optional<std::string_view> sender = payload.Text({"pusher", "name"}, kMaxNameBytes);
  if (!sender) {
    sender = payload.Text({"sender", "login"}, kMaxNameBytes);
  }
  if (!safe_name) {
    return UnusableAnswer("the repository name is not valid");
  }
  delivery.sender = OneLine(sender.value_or(""), kMaxMessageWordBytes);
  return CompletePush(payload, std::move(delivery));
}

}  // namespace

GithubProvider::GithubProvider(const std::vector<Secret>& secrets)
    : SignedBodyProvider({"X-Hub-Signature-256", "sha256="}, secrets) {}

std::size_t GithubProvider::MaxBodyBytes() const {
  return kForgeBodyBytes;
}

Result<ParsedDelivery, HookAnswer> GithubProvider::Parse(const VerifiedDelivery& delivery) const {
  const auto event = ReadEventHeader(delivery.headers(), kEventHeader);
  if (!event) {
    return event.error();
  }
  const auto id = ReadDeliveryId(delivery.headers(), kDeliveryHeader);
  if (!id) {
    return id.error();
  }
  std::optional<std::string> decoded;
  if (DeclaredBodyType(delivery.headers()) == BodyType::kForm) {
    decoded = ReadOnlyField(delivery.body(), "payload");
    if (!decoded) {
      return MalformedAnswer("the form must have one field, payload");
    }
  }
  auto payload = Payload::Read(decoded ? *decoded : delivery.body(), {"repository"});
  if (!payload) {
    return payload.error();
  }
  ParsedDelivery parsed;
  parsed.delivery_id = *id;
  parsed.event_name = OneLine(*event, kMaxMessageWordBytes);
  if (*event == "push") {
    return ReadPush(*payload, std::move(parsed));
  }
  if (*event == "ping") {
    parsed.kind = ParsedDelivery::Kind::kPing;
    return parsed;
  }
  parsed.ignored_because = "the event is not one this webhook acts on";
  return parsed;
}

}  // namespace failgate
