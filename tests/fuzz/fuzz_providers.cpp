// Every provider but the two with targets of their own: a right proof over anything. The first byte
// chooses the provider.
#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "controller/base/digest.h"
#include "tests/fuzz/hook_input.h"
#include "tests/fuzz/require.h"

namespace {

using failgate::HexEncode;
using failgate::HmacSha256;
using failgate::HookHeaders;

constexpr const char* kKey = "key of the fuzzer";
constexpr const char* kUser = "user:password of the fuzzer";
constexpr const char* kStandardKey = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr const char* kPathToken = "path-token-of-the-fuzzer-0123456789";
constexpr const char* kRegistryEvents = "application/vnd.docker.distribution.events.v2+json";
constexpr long long kNow = 1614265330;

std::string Mac(const std::string& body) {
  return HexEncode(HmacSha256(kKey, body));
}

HookHeaders Standard(const std::string& body) {
  static const std::string key =
      failgate::Base64Decode(std::string(kStandardKey).substr(6)).value_or("");
  const std::string time = std::to_string(kNow);
  const std::string mac = HmacSha256(key, "1." + time + "." + body);
  return {{"webhook-id", "1"},
          {"webhook-timestamp", time},
          {"webhook-signature", "v1," + failgate::Base64Encode(mac)}};
}

HookHeaders SignedGitlab(const std::string& body, unsigned variant) {
  constexpr std::array<const char*, 3> kEvents = {"Push Hook", "Tag Push Hook", "System Hook"};
  HookHeaders headers = Standard(body);
  headers.emplace_back("X-Gitlab-Event", kEvents.at(variant % kEvents.size()));
  return headers;
}

HookHeaders Gitea(const std::string& body, unsigned variant) {
  constexpr std::array<const char*, 3> kEvents = {"push", "delete", "create"};
  return {{"X-Gitea-Event", kEvents.at(variant % kEvents.size())},
          {"X-Gitea-Delivery", "1"},
          {"X-Gitea-Signature", Mac(body)}};
}

HookHeaders Bitbucket(const std::string& body, unsigned variant) {
  return {{"X-Event-Key", variant % 4 < 3 ? "repo:push" : "pullrequest:created"},
          {"X-Request-UUID", "1"},
          {"X-Hub-Signature", "sha256=" + Mac(body)}};
}

HookHeaders BitbucketServer(const std::string& body, unsigned variant) {
  return {{"X-Event-Key", variant % 4 < 3 ? "repo:refs_changed" : "diagnostics:ping"},
          {"X-Request-Id", "1"},
          {"X-Hub-Signature", "sha256=" + Mac(body)}};
}

HookHeaders Azure(const std::string& /*body*/, unsigned /*variant*/) {
  return {{"Authorization", "Basic " + failgate::Base64Encode(kUser)}};
}

HookHeaders StandardOf(const std::string& body, unsigned /*variant*/) {
  return Standard(body);
}

HookHeaders Generic(const std::string& body, unsigned /*variant*/) {
  return {{"X-Signature", "sha256=" + Mac(body)}};
}

HookHeaders Authorized(const std::string& /*body*/, unsigned /*variant*/) {
  return {{"Authorization", kKey}};
}

HookHeaders Sonar(const std::string& body, unsigned /*variant*/) {
  return {{"X-Sonar-Webhook-HMAC-SHA256", Mac(body)}};
}

HookHeaders Mlflow(const std::string& body, unsigned /*variant*/) {
  const std::string time = std::to_string(kNow);
  const std::string mac = HmacSha256(kKey, "1." + time + "." + body);
  return {{"X-MLflow-Delivery-Id", "1"},
          {"X-MLflow-Timestamp", time},
          {"X-MLflow-Signature", "v1," + failgate::Base64Encode(mac)}};
}

HookHeaders None(const std::string& /*body*/, unsigned /*variant*/) {
  return {};
}

struct Target {
  std::unique_ptr<const failgate::Provider> provider;
  HookHeaders (*headers)(const std::string& body, unsigned variant);
  const char* type = "application/json";
};

// In the order of the digits that seeds begin with.
const std::vector<Target>& Targets() {
  static const std::vector<Target> targets = [] {
    const auto make = [](const char* word, const char* secret) {
      return std::move(failgate::ProviderByName(word, {failgate::Secret(secret)})).value();
    };
    std::vector<Target> all;
    all.push_back(Target{make("gitlab-signed", kStandardKey), &SignedGitlab});
    all.push_back(Target{make("gitea", kKey), &Gitea});
    all.push_back(Target{make("bitbucket", kKey), &Bitbucket});
    all.push_back(Target{make("bitbucket-server", kKey), &BitbucketServer});
    all.push_back(Target{make("azure", kUser), &Azure});
    all.push_back(Target{make("standard", kStandardKey), &StandardOf});
    all.push_back(Target{make("generic", kKey), &Generic});
    all.push_back(Target{make("distribution", kKey), &Authorized, kRegistryEvents});
    all.push_back(Target{make("harbor", kKey), &Authorized});
    all.push_back(Target{make("dockerhub", kPathToken), &None});
    all.push_back(Target{make("sonar", kKey), &Sonar});
    all.push_back(Target{make("mlflow", kKey), &Mlflow});
    return all;
  }();
  return targets;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const unsigned chosen = (static_cast<unsigned>(data[0]) + 256U - unsigned{'0'}) % 256U;
  const Target& target = Targets()[chosen % Targets().size()];
  const failgate::HookInput input = failgate::SplitHookInput(data + 1, size - 1);
  failgate::RawDelivery request;
  request.headers = target.headers(input.body, input.variant);
  request.headers.emplace_back("Content-Type", target.type);
  request.path_token = kPathToken;  // others have no use for it
  request.body = input.body;
  request.received_at = failgate::TimePoint(std::chrono::seconds(kNow));
  failgate::FuzzVerified(*target.provider, request);
  if (input.variant % 16 == 15) {
    failgate::FuzzHeaders(*target.provider, request, input.body);
  }
  return 0;
}
