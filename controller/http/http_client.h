// One outbound HTTP request, for the command line, reports to other systems, health checks and
// data.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/base/clock.h"

namespace failgate {

/// Headers may carry credentials: neither they nor the body nor the query ever reach an error text.
struct ClientRequest {
  std::string method = "GET";
  std::string url;  ///< http:// or https://, no user info, no fragment; already percent-encoded
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  Milliseconds connect_timeout{5'000};
  Milliseconds timeout{30'000};  ///< for the whole exchange after the name is resolved
  std::size_t max_response_bytes = std::size_t{8} << 20U;
  std::filesystem::path ca_file;  ///< PEM; empty = the system's certificates
};

struct ClientResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  /// The first one of this name, without regard to case.
  [[nodiscard]] std::optional<std::string> Header(std::string_view name) const;
};

/// Any status is a response; redirects are returned, never followed. Certificates and host names
/// are always verified, TLS 1.2 or newer. Throws Error with one line that names method, host and
/// port: kRetry when the network failed or took too long, kNeedsChange for a bad URL or header, a
/// certificate that does not verify, or an answer over max_response_bytes. Blocks; thread-safe.
[[nodiscard]] ClientResponse Fetch(const ClientRequest& request);

/// Where the body of an answer goes while it comes. Both are called from the thread that asks.
struct BodyReceiver {
  /// Told of status and headers before the first piece; false ends the exchange.
  std::function<bool(const ClientResponse& head)> begin;
  /// A piece of the body of a 200; false ends the exchange.
  std::function<bool(std::string_view piece)> piece;
  std::stop_token stop = {};  ///< ends the exchange from another thread, at once
};

/// As Fetch, in constant memory: the body of a 200 goes to `receiver`, however large it is; that of
/// any other answer is in the response. `timeout` is the longest time without a piece, not that of
/// the whole exchange. nullopt: the receiver ended it. What a callback throws is passed on.
[[nodiscard]] std::optional<ClientResponse> FetchInto(const ClientRequest& request,
                                                      const BodyReceiver& receiver);

}  // namespace failgate
