#include "tests/support/registry_senders.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace failgate {
namespace {

constexpr const char* kEvents = "application/vnd.docker.distribution.events.v2+json";

}  // namespace

const std::vector<TestRegistry>& TestRegistries() {
  static const std::vector<TestRegistry> registries = {
      {"distribution",
       "Bearer s3cret-of-churn",
       "Bearer s3cret",
       "distribution/push.json",
       kEvents},
      {"harbor", "s3cret-of-churn", "s3cret-of", "harbor/push_artifact.json", "application/json"},
      {"dockerhub",
       "s3cret-0123456789abcdef0123456789abcdef",
       "s3cret-0123456789abcdef0123456789abcdee",
       "dockerhub/push.json",
       "application/json"}};
  return registries;
}

const TestRegistry& TestRegistryOf(std::string_view word) {
  const auto& all = TestRegistries();
  const auto found = std::find_if(
      all.begin(), all.end(), [&](const TestRegistry& one) { return one.word == word; });
  if (found == all.end()) {
    throw std::invalid_argument(std::string(word));
  }
  return *found;
}

RawDelivery ProvenBy(const TestRegistry& registry, const std::string& secret, std::string body) {
  RawDelivery request;
  request.headers = {{"Content-Type", registry.content_type}};
  request.body = std::move(body);
  if (registry.word == "dockerhub") {
    request.path_token = secret;
  } else {
    request.headers.emplace_back("Authorization", secret);
  }
  return request;
}

RawDelivery Proven(const TestRegistry& registry, std::string body) {
  return ProvenBy(registry, registry.secret, std::move(body));
}

std::string HookPathOf(const TestRegistry& registry, const RawDelivery& request) {
  const std::string path = "/hooks/" + registry.word;
  return request.path_token.empty() ? path : path + "/" + request.path_token;
}

HookOutcome ReceiveImage(const TestRegistry& registry,
                         const RawDelivery& request,
                         std::string_view repository) {
  const auto provider = MakeProvider(registry.word, {registry.secret});
  const auto refused = provider->CheckHeaders(request.headers, request.path_token);
  if (refused) {
    return {refused->status, refused->code, {}};
  }
  const auto verified = provider->Verify(request);
  if (!verified) {
    return {verified.error().status, verified.error().code, {}};
  }
  auto parsed = provider->Parse(*verified);
  if (!parsed) {
    return {parsed.error().status, parsed.error().code, {}};
  }
  ParsedDelivery kept = KeepOnlyImage(*std::move(parsed), repository);
  const bool push = kept.kind == ParsedDelivery::Kind::kPush;
  return {202, push ? "queued" : "ignored", std::move(kept)};
}

}  // namespace failgate
