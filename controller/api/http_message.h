// What a request and an answer are to the rest of the program; no HTTP library is visible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace failgate {

/// Names compare without regard to case; values are trimmed, otherwise as received.
using HeaderFields = std::vector<std::pair<std::string, std::string>>;

/// ASCII only, as HTTP field names are.
[[nodiscard]] bool EqualsIgnoringCase(std::string_view a, std::string_view b);

/// Everything of a request but its body; framing has been checked (http_head.h) before one exists.
struct RequestHead {
  std::string method;  ///< as sent: "GET", "POST", …
  std::string path;    ///< before '?', not decoded; does not start with '/' for other forms
  std::string query;   ///< after the first '?', not decoded; empty when absent
  HeaderFields headers;
  std::optional<std::uint64_t> content_length;  ///< bytes; absent when chunked or without a body
  bool chunked = false;
  std::string remote_address;  ///< of the peer socket, without port
  bool tls = false;

  /// The value when the header is there exactly once; nullopt when absent or repeated.
  [[nodiscard]] std::optional<std::string> Header(std::string_view name) const;
  [[nodiscard]] std::size_t HeaderCount(std::string_view name) const;
};

struct HttpRequest : RequestHead {
  std::string body;
};

/// The transport adds Content-Length, Date, Connection, and what makes browsers careful: nosniff,
/// no-store, a policy that allows nothing, no referrer.
struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";  ///< empty = no Content-Type header
  std::string body;
  HeaderFields headers;
  bool close = false;  ///< end the connection after this answer
};

/// "Not Found" for 404; "Unknown" for a status this program never sends.
[[nodiscard]] std::string_view ReasonPhrase(int status);

/// The one static text/plain body of a status: "404 Not Found\n".
[[nodiscard]] HttpResponse StatusResponse(int status, HeaderFields headers = {});

}  // namespace failgate
