#include "webhooks/provider.h"

#include <algorithm>
#include <array>
#include <utility>

#include "controller/base/text.h"
#include "webhooks/providers/github.h"
#include "webhooks/providers/gitlab.h"
#include "webhooks/request_headers.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxDeliveryIdBytes = 128;
constexpr std::string_view kGithub = "github";
constexpr std::string_view kGitlab = "gitlab";

bool IsDeliveryIdByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

}  // namespace

std::optional<HookAnswer> Provider::CheckHeaders(const HookHeaders& headers) const {
  const FoundHeader type = FindHeader(headers, "Content-Type");
  if (type.count > 1 || FindHeader(headers, "Authorization").count > 1) {
    return MalformedAnswer("a header that must be single is repeated");
  }
  const FoundHeader encoding = FindHeader(headers, "Content-Encoding");
  if (encoding.count > 1 || (encoding.count == 1 && ToLower(encoding.value) != "identity")) {
    return UnsupportedTypeAnswer("compressed bodies are not accepted");
  }
  const BodyType body = type.IsSingle() ? ReadBodyType(type.value) : BodyType::kUnsupported;
  if (body == BodyType::kUnsupported || (body == BodyType::kForm && !AcceptsForms())) {
    return UnsupportedTypeAnswer("the content type is not one this webhook accepts");
  }
  if (!HasSecret()) {
    return NoSecretAnswer();
  }
  if (!HasWellFormedProof(headers)) {
    return UnauthenticatedAnswer();
  }
  return std::nullopt;
}

Result<VerifiedDelivery, HookAnswer> Provider::Verify(RawDelivery delivery) const {
  std::optional<HookAnswer> refused = CheckHeaders(delivery.headers);
  if (refused) {
    return *std::move(refused);
  }
  const std::optional<std::size_t> secret_index = FindSecret(delivery);
  if (!secret_index) {
    return UnauthenticatedAnswer();
  }
  return VerifiedDelivery(std::move(delivery), *secret_index);
}

const std::vector<std::string>& ProviderWords() {
  static const std::vector<std::string> words = {"github",
                                                 "gitlab",
                                                 "gitlab-signed",
                                                 "gitea",
                                                 "bitbucket",
                                                 "bitbucket-server",
                                                 "azure",
                                                 "standard",
                                                 "generic"};
  return words;
}

std::optional<Refusal> RefuseProvider(std::string_view word) {
  if (word == kGithub || word == kGitlab) {
    return std::nullopt;
  }
  const std::vector<std::string>& words = ProviderWords();
  if (std::find(words.begin(), words.end(), word) != words.end()) {
    return Refusal{"provider_not_available",
                   "provider " + std::string(word) +
                       " is not available in this version of failgate: use github or gitlab"};
  }
  const std::optional<std::string> nearest = NearestWord(word, words);
  return Refusal{"provider_unknown",
                 "provider " + OneLine(word, 64) + " is not known" +
                     (nearest ? ": did you mean " + *nearest + "?" : ": use github or gitlab")};
}

Result<std::unique_ptr<const Provider>> ProviderByName(std::string_view word,
                                                       const std::vector<Secret>& secrets) {
  std::optional<Refusal> refused = RefuseProvider(word);
  if (refused) {
    return *std::move(refused);
  }
  if (word == kGithub) {
    return std::unique_ptr<const Provider>(std::make_unique<GithubProvider>(secrets));
  }
  return std::unique_ptr<const Provider>(std::make_unique<GitlabProvider>(secrets));
}

Result<std::string_view, HookAnswer> ReadEventHeader(const HookHeaders& headers,
                                                     std::string_view name) {
  const FoundHeader event = FindHeader(headers, name);
  if (!event.IsSingle() || event.value.empty()) {
    return MalformedAnswer("the header that names the event is missing or repeated");
  }
  return event.value;
}

Result<std::string, HookAnswer> ReadDeliveryId(const HookHeaders& headers, std::string_view name) {
  const FoundHeader id = FindHeader(headers, name);
  if (id.count > 1 || id.value.size() > kMaxDeliveryIdBytes ||
      !std::all_of(id.value.begin(), id.value.end(), IsDeliveryIdByte)) {
    return MalformedAnswer("the delivery id is repeated, too long or not printable");
  }
  return std::string(id.value);
}

}  // namespace failgate
