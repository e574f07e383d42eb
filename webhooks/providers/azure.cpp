#include "webhooks/providers/azure.h"

#include <string_view>
#include <utility>

#include "controller/base/digest.h"
#include "controller/base/text.h"
#include "webhooks/payload.h"
#include "webhooks/providers/azure_url.h"
#include "webhooks/providers/push_fields.h"
#include "webhooks/request_headers.h"

namespace failgate {
namespace {

constexpr std::string_view kBasic = "basic ";
constexpr std::size_t kMaxProofBytes = 4096;

std::vector<Secret> WithoutFaulty(const std::vector<Secret>& secrets,
                                  const ProviderOptions& options) {
  std::vector<Secret> usable;
  usable.reserve(secrets.size());
  for (const Secret& secret : secrets) {
    usable.push_back(AzureProvider::FaultOf(secret, options) ? Secret() : secret);
  }
  return usable;
}

void NoteUrls(Payload& payload, ParsedDelivery& delivery) {
  using Use = SeenRepositoryUrl::Use;
  NoteRepositoryUrl(payload, {"resource", "repository", "remoteUrl"}, Use::kClone, delivery);
  NoteRepositoryUrl(payload, {"resource", "repository", "sshUrl"}, Use::kSsh, delivery);
  if (delivery.repository_urls.size() == 1 && delivery.repository_urls[0].use == Use::kClone &&
      delivery.repository_urls[0].url) {
    // Only one of its two URLs is sent, and a source may be configured by the other.
    if (const auto ssh = AzureSshUrl(*delivery.repository_urls[0].url)) {
      delivery.repository_urls.push_back(SeenRepositoryUrl{Use::kSsh, *ssh});
    }
  }
}

void AddUpdate(Payload& update, PushedRefs& refs) {
  refs.Add(update.Text({"name"}, kMaxRefBytes).value_or(""),
           update.Text({"oldObjectId"}, kMaxObjectIdBytes),
           update.Text({"newObjectId"}, kMaxObjectIdBytes).value_or(""));
}

Result<ParsedDelivery, HookAnswer> ReadPush(Payload& payload, ParsedDelivery delivery) {
  NoteUrls(payload, delivery);
  const bool safe_name = HasSafeRepositoryName(payload, {"resource", "repository", "name"});
  payload.CheckObjects({"resource", "commits"}, kMaxCommits, {}, 0);
  const std::optional<std::string_view> sender =
      payload.Text({"resource", "pushedBy", "displayName"}, kMaxNameBytes);
  if (!safe_name) {
    return UnusableAnswer("the repository name is not valid");
  }
  delivery.sender = OneLine(sender.value_or(""), kMaxMessageWordBytes);
  // Absent when the subscription was told to send few details: ignored, since what is refused
  // switches the subscription off.
  PushedRefs refs;
  payload.EachObject({"resource", "refUpdates"}, kMaxRefUpdates, [&refs](Payload& update) {
    AddUpdate(update, refs);
  });
  return refs.Complete(payload, std::move(delivery));
}

// The event's own id; with it the number of its notification, should one event be sent twice.
std::string ReadId(Payload& payload) {
  std::string id(payload.Text({"id"}, kMaxNameBytes).value_or(""));
  const std::optional<std::int64_t> notification = payload.Number({"notificationId"});
  if (!id.empty() && notification) {
    id += "-" + std::to_string(*notification);
  }
  return id;
}

}  // namespace

AzureProvider::AzureProvider(const std::vector<Secret>& secrets, const ProviderOptions& options)
    : header_(options.header), verifier_(WithoutFaulty(secrets, options)) {}

std::optional<std::string_view> AzureProvider::FaultOf(const Secret& secret,
                                                       const ProviderOptions& options) {
  const std::size_t colon = secret.Reveal().find(':');
  const bool has_password = colon != std::string::npos && colon + 1 < secret.Reveal().size();
  if (options.header.empty() && !has_password) {
    return "it is not user:password, as Basic authentication needs it";
  }
  return std::nullopt;
}

std::size_t AzureProvider::MaxBodyBytes() const {
  return kForgeBodyBytes;
}

std::optional<std::string> AzureProvider::ReadProof(const HookHeaders& headers) const {
  const FoundHeader found = FindHeader(headers, header_.empty() ? "Authorization" : header_);
  if (!found.IsSingle() || found.value.empty() || found.value.size() > kMaxProofBytes) {
    return std::nullopt;
  }
  if (!header_.empty()) {
    return std::string(found.value);
  }
  if (ToLower(found.value.substr(0, kBasic.size())) != kBasic) {
    return std::nullopt;
  }
  std::optional<std::string> decoded = Base64Decode(found.value.substr(kBasic.size()));
  // A password may hold colons, a user may not: the first one parts them.
  return decoded && decoded->find(':') != std::string::npos ? decoded : std::nullopt;
}

bool AzureProvider::HasWellFormedProof(const HookHeaders& headers) const {
  return ReadProof(headers).has_value();
}

std::optional<std::size_t> AzureProvider::FindSecret(const RawDelivery& delivery) const {
  const std::optional<std::string> proof = ReadProof(delivery.headers);
  return proof ? verifier_.FindToken(*proof) : std::nullopt;
}

Result<ParsedDelivery, HookAnswer> AzureProvider::Parse(const VerifiedDelivery& delivery) const {
  auto payload = Payload::Read(delivery.body(), {"resource", "resource.repository"});
  if (!payload) {
    return payload.error();
  }
  const std::optional<std::string_view> event = payload->Text({"eventType"}, kMaxNameBytes);
  ParsedDelivery parsed;
  parsed.delivery_id = ReadId(*payload);
  if (!payload->usable() || !event || event->empty()) {
    return UnusableAnswer("the payload does not say which event it is about");
  }
  if (!IsDeliveryId(parsed.delivery_id)) {
    return UnusableAnswer("the id of the event is too long or not printable");
  }
  parsed.event_name = OneLine(*event, kMaxMessageWordBytes);
  if (*event == "git.push") {
    return ReadPush(*payload, std::move(parsed));
  }
  parsed.ignored_because = "the event is not one this webhook acts on";
  return parsed;
}

}  // namespace failgate
