#include "webhooks/providers/bitbucket.h"

#include <string>
#include <string_view>
#include <utility>

#include "controller/base/text.h"
#include "webhooks/payload.h"
#include "webhooks/providers/push_fields.h"

namespace failgate {
namespace {

constexpr std::string_view kEventHeader = "X-Event-Key";
constexpr std::string_view kDeliveryHeader = "X-Request-UUID";

// One side of a change: which ref, and where it is. Absent for the side that is null.
struct RefSide {
  std::string ref;
  std::string_view hash;
};

std::optional<RefSide> ReadSide(Payload& change, std::string_view side) {
  if (!change.HasObject({side})) {
    return std::nullopt;
  }
  const std::string_view type = change.Text({side, "type"}, kMaxNameBytes).value_or("");
  const std::string_view name = change.Text({side, "name"}, kMaxRefBytes).value_or("");
  const std::string_view hash =
      change.Text({side, "target", "hash"}, kMaxObjectIdBytes).value_or("");
  std::string ref(name);
  if (type == "branch") {
    ref = "refs/heads/" + ref;
  } else if (type == "tag") {
    ref = "refs/tags/" + ref;
  } else {
    ref = "refs/other/" + ref;  // bookmarks and the like: neither branch nor tag
  }
  return RefSide{std::move(ref), hash};
}

void AddChange(Payload& change, PushedRefs& refs) {
  const std::optional<RefSide> before = ReadSide(change, "old");
  const std::optional<RefSide> after = ReadSide(change, "new");
  // Read for their shape only.
  static_cast<void>(change.Flag({"created"}));
  static_cast<void>(change.Flag({"closed"}));
  static_cast<void>(change.Flag({"forced"}));
  static_cast<void>(change.Flag({"truncated"}));
  change.CheckObjects({"commits"}, kMaxCommits, {}, 0);
  if (!before && !after) {
    return;
  }
  refs.Add(after ? after->ref : before->ref,
           before ? before->hash : kNoObject,
           after ? after->hash : kNoObject);
}

Result<ParsedDelivery, HookAnswer> ReadPush(Payload& payload, ParsedDelivery delivery) {
  // There is no clone URL: the page lies at its path.
  NoteRepositoryUrl(
      payload, {"repository", "links", "html", "href"}, SeenRepositoryUrl::Use::kPage, delivery);
  const bool safe_name = HasSafeRepositoryName(payload, {"repository", "full_name"});
  std::optional<std::string_view> sender = payload.Text({"actor", "nickname"}, kMaxNameBytes);
  if (!sender) {
    sender = payload.Text({"actor", "display_name"}, kMaxNameBytes);
  }
  if (!safe_name) {
    return UnusableAnswer("the repository name is not valid");
  }
  if (payload.usable() && !payload.HasObject({"push"})) {
    return UnusableAnswer("the payload has no push");
  }
  delivery.sender = OneLine(sender.value_or(""), kMaxMessageWordBytes);
  PushedRefs refs;
  payload.EachObject(
      {"push", "changes"}, kMaxRefUpdates, [&refs](Payload& change) { AddChange(change, refs); });
  return refs.Complete(payload, std::move(delivery));
}

}  // namespace

BitbucketProvider::BitbucketProvider(const std::vector<Secret>& secrets)
    : SignedBodyProvider({"X-Hub-Signature", "sha256="}, secrets) {}

std::size_t BitbucketProvider::MaxBodyBytes() const {
  return kSmallBodyBytes;  // nothing above 256 KB is sent
}

Result<ParsedDelivery, HookAnswer> BitbucketProvider::Parse(
    const VerifiedDelivery& delivery) const {
  const auto event = ReadEventHeader(delivery.headers(), kEventHeader);
  if (!event) {
    return event.error();
  }
  const auto id = ReadDeliveryId(delivery.headers(), kDeliveryHeader);
  if (!id) {
    return id.error();
  }
  auto payload = Payload::Read(delivery.body(), {"repository", "repository.links", "push"});
  if (!payload) {
    return payload.error();
  }
  ParsedDelivery parsed;
  parsed.delivery_id = *id;
  parsed.event_name = OneLine(*event, kMaxMessageWordBytes);
  if (*event == "repo:push") {
    return ReadPush(*payload, std::move(parsed));
  }
  parsed.ignored_because = "the event is not one this webhook acts on";
  return parsed;
}

}  // namespace failgate
