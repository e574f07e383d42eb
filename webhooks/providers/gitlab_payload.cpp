#include "webhooks/providers/gitlab_payload.h"

#include <string>
#include <utility>

#include "controller/base/text.h"
#include "webhooks/payload.h"
#include "webhooks/provider.h"
#include "webhooks/providers/push_fields.h"

namespace failgate {
namespace {

constexpr std::string_view kEventHeader = "X-Gitlab-Event";
constexpr std::string_view kPush = "push";
constexpr std::string_view kTagPush = "tag_push";

void NoteUrls(Payload& payload, ParsedDelivery& delivery) {
  using Use = SeenRepositoryUrl::Use;
  NoteRepositoryUrl(payload, {"project", "git_http_url"}, Use::kClone, delivery);
  NoteRepositoryUrl(payload, {"project", "git_ssh_url"}, Use::kSsh, delivery);
  NoteRepositoryUrl(payload, {"project", "web_url"}, Use::kPage, delivery);
  const bool has_project_urls = !delivery.repository_urls.empty();
  // The older object is read for its shape always, and counts only where the newer one is missing.
  ParsedDelivery older;
  NoteRepositoryUrl(payload, {"repository", "git_http_url"}, Use::kClone, older);
  NoteRepositoryUrl(payload, {"repository", "git_ssh_url"}, Use::kSsh, older);
  NoteRepositoryUrl(payload, {"repository", "homepage"}, Use::kPage, older);
  if (!has_project_urls) {
    delivery.repository_urls = std::move(older.repository_urls);
  }
}

Result<ParsedDelivery, HookAnswer> ReadPush(Payload& payload, ParsedDelivery delivery) {
  NoteUrls(payload, delivery);
  const bool safe_name = HasSafeRepositoryName(payload, {"project", "path_with_namespace"});
  static_cast<void>(payload.Number({"project", "id"}));
  static_cast<void>(payload.Number({"project_id"}));
  static_cast<void>(payload.Number({"total_commits_count"}));
  std::optional<std::string_view> sender = payload.Text({"user_name"}, kMaxNameBytes);
  if (!sender) {
    sender = payload.Text({"user_username"}, kMaxNameBytes);
  }
  if (!safe_name) {
    return UnusableAnswer("the repository name is not valid");
  }
  delivery.sender = OneLine(sender.value_or(""), kMaxMessageWordBytes);
  return CompletePush(payload, std::move(delivery));
}

}  // namespace

Result<ParsedDelivery, HookAnswer> ParseGitlab(const VerifiedDelivery& delivery,
                                               std::string_view id_header) {
  const auto event = ReadEventHeader(delivery.headers(), kEventHeader);
  if (!event) {
    return event.error();
  }
  const auto id = ReadDeliveryId(delivery.headers(), id_header);
  if (!id) {
    return id.error();
  }
  auto payload = Payload::Read(delivery.body(), {"project", "repository"});
  if (!payload) {
    return payload.error();
  }
  ParsedDelivery parsed;
  parsed.delivery_id = *id;
  parsed.event_name = OneLine(*event, kMaxMessageWordBytes);
  const bool push_hook = *event == "Push Hook";
  const bool tag_hook = *event == "Tag Push Hook";
  if (!push_hook && !tag_hook && *event != "System Hook") {
    parsed.ignored_because = "the event is not one this webhook acts on";
    return parsed;
  }
  std::optional<std::string_view> kind = payload->Text({"object_kind"}, kMaxNameBytes);
  const std::optional<std::string_view> name = payload->Text({"event_name"}, kMaxNameBytes);
  kind = kind ? kind : name;
  if ((push_hook && kind != kPush) || (tag_hook && kind != kTagPush)) {
    return UnusableAnswer("the payload is not of the kind its event header names");
  }
  if (kind != kPush && kind != kTagPush) {
    parsed.ignored_because = "the event is not one this webhook acts on";
    return parsed;
  }
  return ReadPush(*payload, std::move(parsed));
}

}  // namespace failgate
