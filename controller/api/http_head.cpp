#include "controller/api/http_head.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

namespace failgate {
namespace {

constexpr std::size_t kMaxFields = 100;
constexpr std::size_t kUsualFields = 16;
constexpr std::size_t kMaxLengthDigits = 18;  // below 2^63
constexpr std::array<std::string_view, 9> kMethods = {
    "GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"};
// A second one of these is read by one program and not by another.
constexpr std::array<std::string_view, 6> kSingleFields = {
    "Host", "Content-Length", "Transfer-Encoding", "Content-Type", "Authorization", "Expect"};

bool IsTokenCharacter(char c) {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) {
    return true;
  }
  return c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool IsValueCharacter(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
}

bool IsTargetCharacter(char c) {
  return c > 0x20 && c < 0x7f && c != '#';
}

bool IsHostCharacter(char c) {
  return IsTokenCharacter(c) || c == ':' || c == '[' || c == ']';
}

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

std::string_view TrimBlanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
    text.remove_prefix(1);
  }
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
    text.remove_suffix(1);
  }
  return text;
}

/// Takes the line before the next CR LF off `text`; HeadScanner has made sure that there is one.
std::string_view TakeLine(std::string_view& text) {
  const std::size_t end = text.find("\r\n");
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
  return line;
}

bool ParseRequestLine(std::string_view line, ParsedHead& parsed) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    return false;
  }
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (std::find(kMethods.begin(), kMethods.end(), method) == kMethods.end() || target.empty() ||
      !std::all_of(target.begin(), target.end(), IsTargetCharacter) ||
      (version != "HTTP/1.1" && version != "HTTP/1.0")) {
    return false;
  }
  parsed.http_1_1 = version == "HTTP/1.1";
  parsed.head.method = method;
  const std::size_t question = target.find('?');
  parsed.head.path = target.substr(0, question);
  if (question != std::string_view::npos) {
    parsed.head.query = target.substr(question + 1);
  }
  return true;
}

bool ParseField(std::string_view line, HeaderFields& fields) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) {
    return false;
  }
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = line.substr(colon + 1);
  if (!std::all_of(name.begin(), name.end(), IsTokenCharacter) ||
      !std::all_of(value.begin(), value.end(), IsValueCharacter)) {
    return false;
  }
  fields.emplace_back(name, TrimBlanks(value));
  return true;
}

/// "a, B ,c" holds "b".
bool ListHolds(std::string_view list, std::string_view token) {
  while (true) {
    const std::size_t comma = list.find(',');
    if (EqualsIgnoringCase(TrimBlanks(list.substr(0, comma)), token)) {
      return true;
    }
    if (comma == std::string_view::npos) {
      return false;
    }
    list.remove_prefix(comma + 1);
  }
}

bool ApplyLength(std::string_view value, ParsedHead& parsed) {
  if (value.empty() || value.size() > kMaxLengthDigits ||
      !std::all_of(value.begin(), value.end(), IsDigit)) {
    return false;
  }
  std::uint64_t length = 0;
  std::from_chars(value.data(), value.data() + value.size(), length);
  parsed.head.content_length = length;
  return true;
}

bool ApplyField(std::string_view name, std::string_view value, ParsedHead& parsed) {
  if (EqualsIgnoringCase(name, "Content-Length")) {
    return ApplyLength(value, parsed);
  }
  if (EqualsIgnoringCase(name, "Transfer-Encoding")) {
    parsed.head.chunked = EqualsIgnoringCase(value, "chunked");
    return parsed.head.chunked && parsed.http_1_1;
  }
  if (EqualsIgnoringCase(name, "Host")) {
    return !value.empty() && std::all_of(value.begin(), value.end(), IsHostCharacter);
  }
  if (EqualsIgnoringCase(name, "Expect")) {
    parsed.expectation = EqualsIgnoringCase(value, "100-continue")
                             ? ParsedHead::Expectation::kContinue
                             : ParsedHead::Expectation::kOther;
  } else if (EqualsIgnoringCase(name, "Connection") && ListHolds(value, "keep-alive")) {
    parsed.keep_alive = true;
  }
  return true;
}

/// Everything that needs all fields at once; one pass, as heads are short.
bool FieldsAgree(ParsedHead& parsed) {
  std::array<int, kSingleFields.size()> seen{};
  bool closes = false;
  parsed.keep_alive = parsed.http_1_1;
  for (const auto& [name, value] : parsed.head.headers) {
    for (std::size_t i = 0; i < kSingleFields.size(); ++i) {
      if (EqualsIgnoringCase(name, kSingleFields.at(i)) && ++seen.at(i) > 1) {
        return false;
      }
    }
    if (!ApplyField(name, value, parsed)) {
      return false;
    }
    closes = closes || (EqualsIgnoringCase(name, "Connection") && ListHolds(value, "close"));
  }
  parsed.keep_alive = parsed.keep_alive && !closes;
  const bool has_host = seen.front() == 1;
  return (has_host || !parsed.http_1_1) &&
         !(parsed.head.chunked && parsed.head.content_length.has_value());
}

}  // namespace

HeadScanner::Progress HeadScanner::Scan(std::string_view bytes) {
  const std::size_t end = std::min(bytes.size(), max_bytes_);
  while (position_ < end) {
    const char c = bytes[position_];
    const bool after_cr = position_ > line_begin_ && bytes[position_ - 1] == '\r';
    if (c == '\0' || (c == '\n') != after_cr) {
      return Progress::kBad;
    }
    ++position_;
    if (c == '\n') {
      if (position_ - line_begin_ == 2) {
        return Progress::kComplete;
      }
      line_begin_ = position_;
    }
  }
  return bytes.size() >= max_bytes_ ? Progress::kTooLarge : Progress::kMore;
}

std::variant<ParsedHead, HeadFault> ParseHead(std::string_view head) {
  ParsedHead parsed;
  parsed.head.headers.reserve(kUsualFields);
  if (!ParseRequestLine(TakeLine(head), parsed)) {
    return HeadFault{400};
  }
  while (true) {
    const std::string_view line = TakeLine(head);
    if (line.empty()) {
      break;
    }
    if (parsed.head.headers.size() == kMaxFields) {
      return HeadFault{431};
    }
    // A line that starts with a blank continues the one before for some, not for others.
    if (line.front() == ' ' || line.front() == '\t' || !ParseField(line, parsed.head.headers)) {
      return HeadFault{400};
    }
  }
  if (!FieldsAgree(parsed)) {
    return HeadFault{400};
  }
  if (!parsed.http_1_1) {
    parsed.expectation = ParsedHead::Expectation::kNone;  // RFC 9110 §10.1.1
  }
  return parsed;
}

}  // namespace failgate
