#include "webhooks/provider.h"

#include <algorithm>
#include <array>
#include <utility>

#include "controller/base/text.h"
#include "webhooks/providers/azure.h"
#include "webhooks/providers/bitbucket.h"
#include "webhooks/providers/bitbucket_server.h"
#include "webhooks/providers/distribution.h"
#include "webhooks/providers/dockerhub.h"
#include "webhooks/providers/generic.h"
#include "webhooks/providers/gitea.h"
#include "webhooks/providers/github.h"
#include "webhooks/providers/gitlab.h"
#include "webhooks/providers/gitlab_signed.h"
#include "webhooks/providers/harbor.h"
#include "webhooks/providers/mlflow.h"
#include "webhooks/providers/sonar.h"
#include "webhooks/providers/standard.h"
#include "webhooks/request_headers.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxDeliveryIdBytes = 128;

using Made = std::unique_ptr<const Provider>;

enum class SenderKind { kForge, kRegistry, kAnalyser, kModelRegistry };

struct Sender {
  std::string_view word;
  Made (*make)(const std::vector<Secret>& secrets, const ProviderOptions& options);
  /// nullptr: any secret will do.
  std::optional<std::string_view> (*fault)(const Secret& secret, const ProviderOptions& options);
  SenderKind kind = SenderKind::kForge;
};

template <typename Known>
Made Make(const std::vector<Secret>& secrets, const ProviderOptions& /*options*/) {
  return std::make_unique<Known>(secrets);
}

template <typename Known>
Made MakeWithOptions(const std::vector<Secret>& secrets, const ProviderOptions& options) {
  return std::make_unique<Known>(secrets, options);
}

constexpr std::array<Sender, 14> kSenders = {{
    {"github", &Make<GithubProvider>, nullptr},
    {"gitlab", &Make<GitlabProvider>, nullptr},
    {"gitlab-signed", &Make<GitlabSignedProvider>, &StandardSignedProvider::FaultOf},
    {"gitea", &Make<GiteaProvider>, nullptr},
    {"bitbucket", &Make<BitbucketProvider>, nullptr},
    {"bitbucket-server", &Make<BitbucketServerProvider>, nullptr},
    {"azure", &MakeWithOptions<AzureProvider>, &AzureProvider::FaultOf},
    {"standard", &Make<StandardProvider>, &StandardSignedProvider::FaultOf},
    {"generic", &MakeWithOptions<GenericProvider>, nullptr},
    {"distribution", &Make<DistributionProvider>, nullptr, SenderKind::kRegistry},
    {"harbor", &Make<HarborProvider>, nullptr, SenderKind::kRegistry},
    {"dockerhub", &Make<DockerhubProvider>, &DockerhubProvider::FaultOf, SenderKind::kRegistry},
    {"sonar", &Make<SonarProvider>, nullptr, SenderKind::kAnalyser},
    {"mlflow", &Make<MlflowProvider>, nullptr, SenderKind::kModelRegistry},
}};

const Sender* FindSender(std::string_view word) {
  const auto* const found = std::find_if(
      kSenders.begin(), kSenders.end(), [&](const Sender& one) { return one.word == word; });
  return found == kSenders.end() ? nullptr : found;
}

std::vector<std::string> WordsOf(SenderKind kind) {
  std::vector<std::string> words;
  for (const Sender& sender : kSenders) {
    if (sender.kind == kind) {
      words.emplace_back(sender.word);
    }
  }
  return words;
}

bool IsDeliveryIdByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

}  // namespace

std::optional<HookAnswer> Provider::CheckHeaders(const HookHeaders& headers,
                                                 std::string_view path_token) const {
  const FoundHeader type = FindHeader(headers, "Content-Type");
  if (type.count > 1 || FindHeader(headers, "Authorization").count > 1) {
    return MalformedAnswer("a header that must be single is repeated");
  }
  const FoundHeader encoding = FindHeader(headers, "Content-Encoding");
  if (encoding.count > 1 || (encoding.count == 1 && ToLower(encoding.value) != "identity")) {
    return UnsupportedTypeAnswer("compressed bodies are not accepted");
  }
  const BodyType body = type.IsSingle() ? TypeOf(type.value) : BodyType::kUnsupported;
  if (body == BodyType::kUnsupported || (body == BodyType::kForm && !AcceptsForms())) {
    return UnsupportedTypeAnswer("the content type is not one this webhook accepts");
  }
  if (!HasSecret()) {
    return NoSecretAnswer();
  }
  if (IsUnsignedPing(headers)) {
    return PongAnswer();
  }
  if (!HasWellFormedProof(headers) || (TakesPathToken() && !KnowsPathToken(path_token))) {
    return UnauthenticatedAnswer();
  }
  return std::nullopt;
}

Result<VerifiedDelivery, HookAnswer> Provider::Verify(RawDelivery delivery) const {
  std::optional<HookAnswer> refused = CheckHeaders(delivery.headers, delivery.path_token);
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
  static const std::vector<std::string> words = WordsOf(SenderKind::kForge);
  return words;
}

const std::vector<std::string>& RegistryProviderWords() {
  static const std::vector<std::string> words = WordsOf(SenderKind::kRegistry);
  return words;
}

Result<std::unique_ptr<const Provider>> ProviderByName(std::string_view word,
                                                       const std::vector<Secret>& secrets,
                                                       const ProviderOptions& options) {
  if (const Sender* const sender = FindSender(word)) {
    return sender->make(secrets, options);
  }
  const std::vector<std::string>& words = ProviderWords();
  const std::optional<std::string> nearest = NearestWord(word, words);
  return Refusal{"provider_unknown",
                 "provider " + OneLine(word, 64) + " is not known: " +
                     (nearest ? "did you mean " + *nearest + "?" : "use " + Join(words, ", "))};
}

std::optional<std::string_view> FaultOfSecret(std::string_view word,
                                              const Secret& secret,
                                              const ProviderOptions& options) {
  const Sender* const sender = FindSender(word);
  return sender != nullptr && sender->fault != nullptr ? sender->fault(secret, options)
                                                       : std::nullopt;
}

Result<std::string_view, HookAnswer> ReadEventHeader(const HookHeaders& headers,
                                                     std::string_view name) {
  const FoundHeader event = FindHeader(headers, name);
  if (!event.IsSingle() || event.value.empty()) {
    return MalformedAnswer("the header that names the event is missing or repeated");
  }
  return event.value;
}

bool IsDeliveryId(std::string_view text) {
  return text.size() <= kMaxDeliveryIdBytes &&
         std::all_of(text.begin(), text.end(), IsDeliveryIdByte);
}

Result<std::string, HookAnswer> ReadDeliveryId(const HookHeaders& headers, std::string_view name) {
  const FoundHeader id = FindHeader(headers, name);
  if (id.count > 1 || !IsDeliveryId(id.value)) {
    return MalformedAnswer("the delivery id is repeated, too long or not printable");
  }
  return std::string(id.value);
}

}  // namespace failgate
