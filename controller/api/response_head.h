// The bytes in front of an answer's body.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "controller/api/http_message.h"
#include "controller/base/clock.h"

namespace failgate {

struct ResponseFraming {
  std::optional<std::size_t> content_length;  ///< absent for a stream: it ends with the connection
  bool keep_alive = false;
  bool http_1_1 = true;  ///< what the client speaks
};

/// Status line and header fields with the empty line. 204 and 304 carry no length.
[[nodiscard]] std::string SerializeResponseHead(const HttpResponse& response,
                                                const ResponseFraming& framing,
                                                std::string_view http_date);
/// No name or value could end its line or start another; statuses are 200-599.
[[nodiscard]] bool IsSendable(const HttpResponse& response);
/// "Mon, 23 Nov 2026 09:00:00 GMT" (RFC 9110 §5.6.7).
[[nodiscard]] std::string FormatHttpDate(TimePoint time);

}  // namespace failgate
