#include "webhooks/providers/gitea.h"

#include <array>
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

/// The names one family of senders gives its headers.
struct HeaderNames {
  std::string_view signature;
  std::string_view event;
  std::string_view delivery;
};
// Forgejo sends all three families, Gitea the first and last, Gogs the last: all say the same.
constexpr std::array<HeaderNames, 3> kFamilies = {
    {{"X-Gitea-Signature", "X-Gitea-Event", "X-Gitea-Delivery"},
     {"X-Forgejo-Signature", "X-Forgejo-Event", "X-Forgejo-Delivery"},
     {"X-Gogs-Signature", "X-Gogs-Event", "X-Gogs-Delivery"}}};

// The first family that signs. Without a secret the headers are there, and empty.
const HeaderNames& FamilyOf(const HookHeaders& headers) {
  for (const HeaderNames& names : kFamilies) {
    if (!FindHeader(headers, names.signature).value.empty()) {
      return names;
    }
  }
  return kFamilies.front();
}

std::optional<std::string> ReadSignature(const HookHeaders& headers) {
  const FoundHeader found = FindHeader(headers, FamilyOf(headers).signature);
  return found.IsSingle() ? ParseHexSignature(found.value, "", MacAlgorithm::kSha256)
                          : std::nullopt;
}

void ReadRepository(Payload& payload, ParsedDelivery& delivery) {
  using Use = SeenRepositoryUrl::Use;
  NoteRepositoryUrl(payload, {"repository", "clone_url"}, Use::kClone, delivery);
  NoteRepositoryUrl(payload, {"repository", "ssh_url"}, Use::kSsh, delivery);
  NoteRepositoryUrl(payload, {"repository", "html_url"}, Use::kPage, delivery);
  std::optional<std::string_view> sender = payload.Text({"pusher", "login"}, kMaxNameBytes);
  if (!sender) {
    sender = payload.Text({"sender", "login"}, kMaxNameBytes);
  }
  delivery.sender = OneLine(sender.value_or(""), kMaxMessageWordBytes);
}

Result<ParsedDelivery, HookAnswer> ReadPush(Payload& payload, ParsedDelivery delivery) {
  ReadRepository(payload, delivery);
  static_cast<void>(payload.Number({"total_commits"}));
  static_cast<void>(payload.HasObject({"head_commit"}));
  if (!HasSafeRepositoryName(payload, {"repository", "full_name"})) {
    return UnusableAnswer("the repository name is not valid");
  }
  return CompletePush(payload, std::move(delivery));
}

// No push is sent beside it; the ref is short here, and its type says where it was.
Result<ParsedDelivery, HookAnswer> ReadDeletion(Payload& payload, ParsedDelivery delivery) {
  ReadRepository(payload, delivery);
  if (!HasSafeRepositoryName(payload, {"repository", "full_name"})) {
    return UnusableAnswer("the repository name is not valid");
  }
  const std::string_view name = payload.Text({"ref"}, kMaxRefBytes).value_or("");
  const std::string_view type = payload.Text({"ref_type"}, kMaxNameBytes).value_or("");
  if (payload.usable() && type != "branch" && type != "tag") {
    return UnusableAnswer("the payload does not say what was deleted");
  }
  PushedRefs refs;
  refs.Add(std::string(type == "tag" ? "refs/tags/" : "refs/heads/").append(name),
           std::nullopt,
           kNoObject);
  return refs.Complete(payload, std::move(delivery));
}

}  // namespace

std::size_t GiteaProvider::MaxBodyBytes() const {
  return kForgeBodyBytes;
}

bool GiteaProvider::HasWellFormedProof(const HookHeaders& headers) const {
  return ReadSignature(headers).has_value();
}

std::optional<std::size_t> GiteaProvider::FindSecret(const RawDelivery& delivery) const {
  const std::optional<std::string> signature = ReadSignature(delivery.headers);
  if (!signature) {
    return std::nullopt;
  }
  if (DeclaredBodyType(delivery.headers) != BodyType::kForm) {
    return verifier_.FindSigner(*signature, delivery.body);
  }
  // What is signed is the JSON, not the form around it: the one case where anything is decoded
  // before it is proven.
  const std::optional<std::string> json = ReadOnlyField(delivery.body, "payload");
  return json ? verifier_.FindSigner(*signature, *json) : std::nullopt;
}

Result<ParsedDelivery, HookAnswer> GiteaProvider::Parse(const VerifiedDelivery& delivery) const {
  const HeaderNames& names = FamilyOf(delivery.headers());
  const auto event = ReadEventHeader(delivery.headers(), names.event);
  if (!event) {
    return event.error();
  }
  const auto id = ReadDeliveryId(delivery.headers(), names.delivery);
  if (!id) {
    return id.error();
  }
  std::optional<std::string> decoded;
  if (DeclaredBodyType(delivery.headers()) == BodyType::kForm) {
    decoded = ReadOnlyField(delivery.body(), "payload");
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
  if (*event == "delete") {
    return ReadDeletion(*payload, std::move(parsed));
  }
  parsed.ignored_because = "the event is not one this webhook acts on";
  return parsed;
}

}  // namespace failgate
