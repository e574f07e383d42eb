#include "webhooks/providers/bitbucket_server.h"

#include <string>
#include <string_view>
#include <utility>

#include "controller/base/text.h"
#include "webhooks/payload.h"
#include "webhooks/providers/push_fields.h"
#include "webhooks/request_headers.h"

namespace failgate {
namespace {

constexpr std::string_view kEventHeader = "X-Event-Key";
constexpr std::string_view kDeliveryHeader = "X-Request-Id";
constexpr std::string_view kPing = "diagnostics:ping";
constexpr std::size_t kMaxCloneLinks = 20;

void NoteCloneLink(Payload& link, ParsedDelivery& delivery) {
  using Use = SeenRepositoryUrl::Use;
  const std::string_view name = link.Text({"name"}, kMaxNameBytes).value_or("");
  NoteRepositoryUrl(link, {"href"}, name == "ssh" ? Use::kSsh : Use::kClone, delivery);
}

// False when the names could not be those of a repository.
bool NoteRepository(Payload& payload, ParsedDelivery& delivery) {
  payload.EachObject({"repository", "links", "clone"}, kMaxCloneLinks, [&delivery](Payload& link) {
    NoteCloneLink(link, delivery);
  });
  const std::optional<std::string_view> key =
      payload.Text({"repository", "project", "key"}, kMaxNameBytes);
  const std::optional<std::string_view> slug = payload.Text({"repository", "slug"}, kMaxNameBytes);
  if ((key && !IsSafeRelativePath(*key)) || (slug && !IsSafeRelativePath(*slug))) {
    return false;
  }
  if (key && slug) {
    // Older versions send no links: the clone URL ends with these two words.
    delivery.repository_name = std::string(*key).append("/").append(*slug);
  }
  return true;
}

void AddChange(Payload& change, PushedRefs& refs) {
  std::optional<std::string_view> ref = change.Text({"ref", "id"}, kMaxRefBytes);
  const std::optional<std::string_view> older = change.Text({"refId"}, kMaxRefBytes);
  ref = ref ? ref : older;
  refs.Add(ref.value_or(""),
           change.Text({"fromHash"}, kMaxObjectIdBytes),
           change.Text({"toHash"}, kMaxObjectIdBytes).value_or(""));
  static_cast<void>(change.Text({"type"}, kMaxNameBytes));
}

Result<ParsedDelivery, HookAnswer> ReadPush(Payload& payload, ParsedDelivery delivery) {
  const bool safe_name = NoteRepository(payload, delivery);
  std::optional<std::string_view> sender = payload.Text({"actor", "name"}, kMaxNameBytes);
  if (!sender) {
    sender = payload.Text({"actor", "displayName"}, kMaxNameBytes);
  }
  if (!safe_name) {
    return UnusableAnswer("the repository name is not valid");
  }
  if (payload.usable() && !payload.HasObject({"repository"})) {
    return UnusableAnswer("the payload has no repository");
  }
  delivery.sender = OneLine(sender.value_or(""), kMaxMessageWordBytes);
  PushedRefs refs;
  payload.EachObject(
      {"changes"}, kMaxRefUpdates, [&refs](Payload& change) { AddChange(change, refs); });
  return refs.Complete(payload, std::move(delivery));
}

}  // namespace

BitbucketServerProvider::BitbucketServerProvider(const std::vector<Secret>& secrets)
    : SignedBodyProvider({"X-Hub-Signature", "sha256="}, secrets) {}

std::size_t BitbucketServerProvider::MaxBodyBytes() const {
  return kForgeBodyBytes;
}

bool BitbucketServerProvider::IsUnsignedPing(const HookHeaders& headers) const {
  const FoundHeader event = FindHeader(headers, kEventHeader);
  return event.IsSingle() && event.value == kPing && FindHeader(headers, header().name).count == 0;
}

Result<ParsedDelivery, HookAnswer> BitbucketServerProvider::Parse(
    const VerifiedDelivery& delivery) const {
  const auto event = ReadEventHeader(delivery.headers(), kEventHeader);
  if (!event) {
    return event.error();
  }
  const auto id = ReadDeliveryId(delivery.headers(), kDeliveryHeader);
  if (!id) {
    return id.error();
  }
  auto payload = Payload::Read(delivery.body(), {"repository", "repository.links"});
  if (!payload) {
    return payload.error();
  }
  ParsedDelivery parsed;
  parsed.delivery_id = *id;
  parsed.event_name = OneLine(*event, kMaxMessageWordBytes);
  if (*event == "repo:refs_changed") {
    return ReadPush(*payload, std::move(parsed));
  }
  if (*event == kPing) {
    parsed.kind = ParsedDelivery::Kind::kPing;
    return parsed;
  }
  parsed.ignored_because = "the event is not one this webhook acts on";
  return parsed;
}

}  // namespace failgate
