// Building signed and unsigned webhook requests, and the status a provider answers them with.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "webhooks/delivery.h"
#include "webhooks/event.h"
#include "webhooks/provider.h"

namespace failgate {

inline constexpr std::string_view kHookSecret = "s3cret-of-the-churn-hook";

/// A file of tests/data/webhooks, as bytes.
[[nodiscard]] std::string HookFixture(const std::string& name);

[[nodiscard]] std::string GithubSignature(std::string_view secret, std::string_view body);
/// JSON, signed with kHookSecret.
[[nodiscard]] RawDelivery GithubRequest(std::string_view event, std::string body);
/// JSON, with kHookSecret as token.
[[nodiscard]] RawDelivery GitlabRequest(std::string_view event, std::string body);

[[nodiscard]] RawDelivery Without(RawDelivery request, std::string_view header);
/// All occurrences replaced by one.
[[nodiscard]] RawDelivery With(RawDelivery request, std::string_view header, std::string value);
[[nodiscard]] RawDelivery Plus(RawDelivery request, std::string_view header, std::string value);

[[nodiscard]] std::unique_ptr<const Provider> MakeProvider(
    std::string_view word, const std::vector<std::string>& secrets = {std::string(kHookSecret)});

/// What the way through CheckHeaders, Verify, Parse and KeepOnlyConfigured ends in.
struct HookOutcome {
  int status = 0;         ///< 200 ping, 202 queued or ignored, else the refusal
  std::string word;       ///< "queued", "ignored", "ping", or the code of the refusal
  ParsedDelivery parsed;  ///< for 200 and 202
};
[[nodiscard]] HookOutcome Receive(const Provider& provider,
                                  const RawDelivery& request,
                                  const std::string& configured_url);

}  // namespace failgate
