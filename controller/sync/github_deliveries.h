// What GitHub's API tells of the deliveries of a webhook, and which of them to ask for again. Pure.
// Source: docs.github.com, REST API, repository webhooks (2022-11-28).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/result.h"

namespace failgate {

/// One try of GitHub to send a delivery; tries of one delivery have one guid.
struct GithubAttempt {
  std::int64_t id = 0;
  std::string guid;
  std::string event;
  TimePoint at{};
  bool succeeded = false;  ///< answered 2xx
  bool redelivery = false;
};

/// GET /repos/OWNER/NAME/hooks/ID/deliveries. Refused: not the shape that is documented.
[[nodiscard]] Result<std::vector<GithubAttempt>> ReadGithubAttempts(std::string_view json);

/// The id of the hook of GET /repos/OWNER/NAME/hooks that sends to `url`; nullopt when none does.
[[nodiscard]] Result<std::optional<std::int64_t>> FindGithubHook(std::string_view json,
                                                                 std::string_view url);

/// The `cursor` of the rel="next" address in a Link header; nullopt on the last page. Nothing else
/// of that address is used.
[[nodiscard]] std::optional<std::string> NextGithubCursor(std::string_view link);

/// GitHub sends again what is younger than this.
inline constexpr Milliseconds kGithubRedeliveryWindow = std::chrono::hours(24 * 3);
/// Of tries one look asks for.
inline constexpr std::size_t kMaxRedeliveriesAtOnce = 50;

/// The newest try of each push no try of which succeeded, oldest first, at most
/// kMaxRedeliveriesAtOnce: not older than GitHub's window, not younger than a minute (it may be
/// under way), and not asked for three times already.
[[nodiscard]] std::vector<std::int64_t> ChooseRedeliveries(
    const std::vector<GithubAttempt>& attempts, TimePoint now);

/// Where the API of the forge of a clone URL answers: https://api.github.com, or /api/v3 of a
/// server of one's own. nullopt for a URL that is not https.
[[nodiscard]] std::optional<std::string> GithubApiOf(std::string_view clone_url);
/// "OWNER/NAME" of a clone URL.
[[nodiscard]] std::optional<std::string> GithubRepositoryOf(std::string_view clone_url);

}  // namespace failgate
