// The raw head of a request, judged byte by byte before any parser sees it: whoever stands in front
// of us must have framed it the same way. Rows 1-11, 27 and 46 of the hostile input table.
#pragma once

#include <cstddef>
#include <string_view>
#include <variant>

#include "controller/api/http_message.h"

namespace failgate {

/// Finds the end of a head in a growing buffer. Not thread-safe.
class HeadScanner {
 public:
  enum class Progress { kMore, kComplete, kBad, kTooLarge };
  explicit HeadScanner(std::size_t max_bytes) : max_bytes_(max_bytes) {}
  /// `bytes`: everything received of this request so far; each byte is looked at once. kBad as soon
  /// as a line does not end CR LF or a NUL comes.
  Progress Scan(std::string_view bytes);
  /// Of kComplete: the head with its empty line.
  [[nodiscard]] std::size_t size() const { return position_; }

 private:
  std::size_t max_bytes_;
  std::size_t position_ = 0;
  std::size_t line_begin_ = 0;
};

struct ParsedHead {
  enum class Expectation { kNone, kContinue, kOther };
  RequestHead head;  ///< without remote_address and tls
  bool http_1_1 = true;
  bool keep_alive = true;
  Expectation expectation = Expectation::kNone;
};

struct HeadFault {
  int status = 400;  ///< 400 or 431
};

/// `head`: up to and including the empty line. Refused, all with 400 unless said: unknown methods
/// and versions, blanks anywhere but where RFC 9112 wants one, a line that starts with a blank, a
/// name that is no token, control characters, Host not exactly once (HTTP/1.1), two Content-Length,
/// Content-Type or Authorization, a length that is not 1-18 digits, a Transfer-Encoding other than
/// one "chunked", both of them; more than 100 fields (431).
[[nodiscard]] std::variant<ParsedHead, HeadFault> ParseHead(std::string_view head);

}  // namespace failgate
