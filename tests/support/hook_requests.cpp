#include "tests/support/hook_requests.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "controller/base/digest.h"
#include "controller/base/durable_file.h"
#include "controller/base/text.h"

namespace failgate {

std::string HookFixture(const std::string& name) {
  return ReadFile(std::string(FAILGATE_HOOK_FIXTURES) + "/" + name);
}

std::string GithubSignature(std::string_view secret, std::string_view body) {
  return "sha256=" + HexEncode(HmacSha256(secret, body));
}

RawDelivery GithubRequest(std::string_view event, std::string body) {
  RawDelivery request;
  request.headers = {{"Content-Type", "application/json"},
                     {"X-GitHub-Event", std::string(event)},
                     {"X-GitHub-Delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"},
                     {"X-Hub-Signature-256", GithubSignature(kHookSecret, body)}};
  request.body = std::move(body);
  return request;
}

RawDelivery GitlabRequest(std::string_view event, std::string body) {
  RawDelivery request;
  request.headers = {{"Content-Type", "application/json"},
                     {"X-Gitlab-Event", std::string(event)},
                     {"Idempotency-Key", "f5c9b4a1-0001"},
                     {"X-Gitlab-Token", std::string(kHookSecret)}};
  request.body = std::move(body);
  return request;
}

RawDelivery Without(RawDelivery request, std::string_view header) {
  const auto gone = [&](const auto& one) { return ToLower(one.first) == ToLower(header); };
  request.headers.erase(std::remove_if(request.headers.begin(), request.headers.end(), gone),
                        request.headers.end());
  return request;
}

RawDelivery With(RawDelivery request, std::string_view header, std::string value) {
  return Plus(Without(std::move(request), header), header, std::move(value));
}

RawDelivery Plus(RawDelivery request, std::string_view header, std::string value) {
  request.headers.emplace_back(header, std::move(value));
  return request;
}

std::unique_ptr<const Provider> MakeProvider(std::string_view word,
                                             const std::vector<std::string>& secrets) {
  std::vector<Secret> kept;
  for (const std::string& secret : secrets) {
    kept.emplace_back(secret);
  }
  return std::move(ProviderByName(word, kept)).value();
}

HookOutcome Receive(const Provider& provider,
                    const RawDelivery& request,
                    const std::string& configured_url) {
  const std::optional<HookAnswer> refused = provider.CheckHeaders(request.headers);
  if (refused) {
    return {refused->status, refused->code, {}};
  }
  const auto verified = provider.Verify(request);
  if (!verified) {
    return {verified.error().status, verified.error().code, {}};
  }
  const auto parsed = provider.Parse(*verified);
  if (!parsed) {
    return {parsed.error().status, parsed.error().code, {}};
  }
  std::vector<RepositoryUrl> configured;
  if (const auto url = ParseRepositoryUrl(configured_url)) {
    configured.push_back(*url);
  }
  ParsedDelivery kept = KeepOnlyConfigured(*parsed, configured);
  switch (kept.kind) {
    case ParsedDelivery::Kind::kPing:
      return {200, "ping", std::move(kept)};
    case ParsedDelivery::Kind::kIgnored:
      return {202, "ignored", std::move(kept)};
    case ParsedDelivery::Kind::kPush:
      return {202, "queued", std::move(kept)};
  }
  return {};
}

}  // namespace failgate
