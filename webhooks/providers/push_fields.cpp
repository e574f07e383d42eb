#include "webhooks/providers/push_fields.h"

#include <utility>

#include "controller/base/ids.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxRefBytes = 255;
constexpr std::size_t kMaxObjectIdBytes = 64;
// GitHub sends at most 2,048 commits and 3,000 paths each, the others far less; twice that and
// some.
constexpr std::size_t kMaxCommits = 5000;
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

Result<ParsedDelivery, HookAnswer> CompletePush(Payload& payload, ParsedDelivery delivery) {
  const std::optional<std::string_view> ref = payload.Text({"ref"}, kMaxRefBytes);
  const std::optional<std::string_view> before = payload.Text({"before"}, kMaxObjectIdBytes);
  const std::optional<std::string_view> after = payload.Text({"after"}, kMaxObjectIdBytes);
  payload.CheckObjects(
      {"commits"}, kMaxCommits, {"added", "modified", "removed"}, kMaxPathsPerCommit);
  if (!payload.usable()) {
    return UnusableAnswer("a field of the payload has the wrong type or is too large");
  }
  if (!ref || !after) {
    return UnusableAnswer("the payload has no ref or no after");
  }
  if (delivery.repository_urls.empty()) {
    return UnusableAnswer("the payload has no repository URL");
  }
  RefReading reading = ReadRefUpdate(*ref, before, *after);
  switch (reading.kind) {
    case RefReading::Kind::kUnusable:
      return UnusableAnswer(reading.reason);
    case RefReading::Kind::kIgnored:
      delivery.kind = ParsedDelivery::Kind::kIgnored;
      delivery.ignored_because = std::string(reading.reason);
      return delivery;
    case RefReading::Kind::kUpdate:
      break;
  }
  delivery.kind = ParsedDelivery::Kind::kPush;
  delivery.ref_updates.push_back(std::move(reading.update));
  return delivery;
}

}  // namespace failgate
