#include "webhooks/providers/dockerhub.h"

#include <algorithm>
#include <string>
#include <utility>

#include "controller/base/text.h"
#include "webhooks/payload.h"
#include "webhooks/providers/push_fields.h"
#include "webhooks/providers/registry_event.h"

namespace failgate {
namespace {

constexpr std::size_t kMinTokenBytes = 32;
constexpr std::size_t kMaxTokenBytes = 512;

bool IsTokenCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

std::vector<Secret> WithoutFaulty(const std::vector<Secret>& secrets) {
  std::vector<Secret> usable;
  usable.reserve(secrets.size());
  for (const Secret& secret : secrets) {
    usable.push_back(DockerhubProvider::FaultOf(secret, {}) ? Secret() : secret);
  }
  return usable;
}

}  // namespace

DockerhubProvider::DockerhubProvider(const std::vector<Secret>& secrets)
    : verifier_(WithoutFaulty(secrets)) {}

std::optional<std::string_view> DockerhubProvider::FaultOf(const Secret& secret,
                                                           const ProviderOptions& /*options*/) {
  const std::string& token = secret.Reveal();
  if (token.size() < kMinTokenBytes || token.size() > kMaxTokenBytes ||
      !std::all_of(token.begin(), token.end(), IsTokenCharacter)) {
    return "it is not 32 or more letters, digits, '-' and '_', as a token in a path must be: "
           "openssl rand -hex 32";
  }
  return std::nullopt;
}

bool DockerhubProvider::KnowsPathToken(std::string_view token) const {
  return token.size() <= kMaxTokenBytes && verifier_.FindToken(token).has_value();
}

std::optional<std::size_t> DockerhubProvider::FindSecret(const RawDelivery& delivery) const {
  return verifier_.FindToken(delivery.path_token);
}

Result<ParsedDelivery, HookAnswer> DockerhubProvider::Parse(
    const VerifiedDelivery& delivery) const {
  auto payload = Payload::Read(delivery.body(), {"push_data", "repository"});
  if (!payload) {
    return payload.error();
  }
  const auto repository = payload->Text({"repository", "repo_name"}, kMaxImageNameBytes);
  const auto tag = payload->Text({"push_data", "tag"}, kMaxImageNameBytes);
  const auto pusher = payload->Text({"push_data", "pusher"}, kMaxNameBytes);
  if (!payload->usable() || !repository || repository->empty()) {
    return UnusableAnswer("the payload does not say which image was pushed");
  }
  ParsedDelivery parsed;
  parsed.event_name = "push";
  parsed.sender = OneLine(pusher.value_or(""), kMaxMessageWordBytes);
  std::vector<ImagePush> pushes;
  AddImagePush(*repository, tag.value_or(""), pushes);
  return WithImagePushes(std::move(parsed), std::move(pushes), "what was pushed has no tag");
}

}  // namespace failgate
