#include "webhooks/providers/push_fields.h"

#include <utility>

#include "controller/base/ids.h"

namespace failgate {
namespace {

// GitHub sends at most 3,000.
constexpr std::size_t kMaxPathsPerCommit = 10000;

}  // namespace

void NoteRepositoryUrl(Payload& payload,
                       Payload::Path path,
                       SeenRepositoryUrl::Use use,
                       ParsedDelivery& delivery) {
  const std::optional<std::string_view> url = payload.Text(path, kMaxUrlBytes);
  if (url && !url->empty()) {
    delivery.repository_urls.push_back(SeenRepositoryUrl{use, ParseRepositoryUrl(*url)});
  }
}

bool HasSafeRepositoryName(Payload& payload, Payload::Path path) {
  const std::optional<std::string_view> name = payload.Text(path, kMaxNameBytes);
  return !name || IsSafeRelativePath(*name);
}

void PushedRefs::Add(std::string_view ref,
                     std::optional<std::string_view> before,
                     std::optional<std::string_view> after) {
  RefReading reading = ReadRefUpdate(ref, before, after);
  switch (reading.kind) {
    case RefReading::Kind::kUnusable:
      unusable_because_ = reading.reason;
      break;
    case RefReading::Kind::kIgnored:
      ignored_because_ = reading.reason;
      break;
    case RefReading::Kind::kUpdate:
      updates_.push_back(std::move(reading.update));
      break;
  }
}

Result<ParsedDelivery, HookAnswer> PushedRefs::Complete(const Payload& payload,
                                                        ParsedDelivery delivery) {
  if (!payload.usable()) {
    return UnusableAnswer("a field of the payload has the wrong type or is too large");
  }
  if (unusable_because_) {
    return UnusableAnswer(*unusable_because_);
  }
  if (updates_.empty()) {
    delivery.kind = ParsedDelivery::Kind::kIgnored;
    delivery.ignored_because = std::string(ignored_because_.value_or("the push moves no ref"));
    return delivery;
  }
  if (delivery.repository_urls.empty() && delivery.repository_name.empty() &&
      !delivery.any_repository) {
    return UnusableAnswer("the payload has no repository URL");
  }
  delivery.kind = ParsedDelivery::Kind::kPush;
  delivery.ref_updates = std::move(updates_);
  return delivery;
}

Result<ParsedDelivery, HookAnswer> CompletePush(Payload& payload, ParsedDelivery delivery) {
  const std::optional<std::string_view> ref = payload.Text({"ref"}, kMaxRefBytes);
  const std::optional<std::string_view> before = payload.Text({"before"}, kMaxObjectIdBytes);
  const std::optional<std::string_view> after = payload.Text({"after"}, kMaxObjectIdBytes);
  payload.CheckObjects(
      {"commits"}, kMaxCommits, {"added", "modified", "removed"}, kMaxPathsPerCommit);
  if (payload.usable() && (!ref || !after)) {
    return UnusableAnswer("the payload has no ref or no after");
  }
  PushedRefs refs;
  refs.Add(ref.value_or(""), before, after);
  return refs.Complete(payload, std::move(delivery));
}

}  // namespace failgate
