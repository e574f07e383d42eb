#include "controller/api/connection_request.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <limits>
#include <optional>
#include <string>
#include <utility>

namespace failgate {
namespace {

namespace beast = boost::beast;
using ErrorCode = beast::error_code;
using beast::http::error;

constexpr std::size_t kFirstReservation = std::size_t{16} << 10U;
constexpr std::size_t kMaxChunkSizeLine = 64;  // digits and line ends, with room to spare
constexpr std::size_t kShortestChunkedRest = 5;
constexpr std::uint32_t kBeastHeadSlack = 1024;

/// Beast frames the body; the fields were taken from the raw head. It keeps none of its own.
class FramingParser final : public beast::http::basic_parser<true> {
 public:
  explicit FramingParser(std::size_t max_extension) : max_extension_(max_extension) {}

  std::string body;
  bool extension_too_long = false;

 private:
  using View = beast::string_view;

  void on_request_impl(beast::http::verb, View, View, int, ErrorCode& ec) override { ec = {}; }
  void on_response_impl(int, View, int, ErrorCode& ec) override { ec = error::bad_version; }
  void on_field_impl(beast::http::field, View, View, ErrorCode& ec) override {
    ec = {};
    if (body_begun_) {
      // Trailer fields would join the head after admission; no sender of ours needs them.
      ec = error::bad_field;
    }
  }
  void on_header_impl(ErrorCode& ec) override {
    ec = {};
    body_begun_ = true;
  }
  void on_body_init_impl(boost::optional<std::uint64_t> const&, ErrorCode& ec) override { ec = {}; }
  std::size_t on_body_impl(View bytes, ErrorCode& ec) override {
    ec = {};
    body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_chunk_header_impl(std::uint64_t, View extension, ErrorCode& ec) override {
    ec = {};
    extension_too_long = extension.size() > max_extension_;
    if (extension_too_long) {
      ec = error::bad_chunk_extension;
    }
  }
  std::size_t on_chunk_body_impl(std::uint64_t, View bytes, ErrorCode& ec) override {
    return on_body_impl(bytes, ec);
  }
  void on_finish_impl(ErrorCode& ec) override { ec = {}; }

  std::size_t max_extension_;
  bool body_begun_ = false;
};

/// What Beast leaves unread between chunks is part of a line; it waits for CR and never sees a bare
/// LF.
bool LineEndsAreWhole(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const bool after_cr = i > 0 && bytes[i - 1] == '\r';
    if ((bytes[i] == '\n') != after_cr) {
      return false;
    }
  }
  return true;
}

boost::asio::const_buffer AsBuffer(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}

}  // namespace

struct RequestReader::State {
  State(Limits l, BodyBudget& budget)
      : limits(std::move(l)),
        scanner(limits.max_head_bytes),
        parser(limits.max_chunk_extension_bytes),
        reservation(budget) {}
  Limits limits;
  HeadScanner scanner;
  FramingParser parser;
  BodyReservation reservation;
  ParsedHead parsed;
  std::uint64_t max_body = 0;  ///< what this body may come to: declared, or the cap of chunks
  int refusal = 0;
};

RequestReader::RequestReader(Limits limits, BodyBudget& budget)
    : state_(std::make_unique<State>(std::move(limits), budget)) {}
RequestReader::~RequestReader() = default;
RequestReader::RequestReader(RequestReader&&) noexcept = default;
RequestReader& RequestReader::operator=(RequestReader&&) noexcept = default;

RequestReader::Progress RequestReader::Refuse(int status) {
  state_->refusal = status;
  return {Step::kRefused, 0};
}

RequestReader::Progress RequestReader::ReadHead(std::string_view bytes) {
  switch (state_->scanner.Scan(bytes)) {
    case HeadScanner::Progress::kMore:
      return {};
    case HeadScanner::Progress::kBad:
      return Refuse(400);
    case HeadScanner::Progress::kTooLarge:
      return Refuse(431);
    case HeadScanner::Progress::kComplete:
      break;
  }
  const std::string_view raw = bytes.substr(0, state_->scanner.size());
  auto parsed = ParseHead(raw);
  if (const auto* fault = std::get_if<HeadFault>(&parsed)) {
    return Refuse(fault->status);
  }
  state_->parsed = std::move(*std::get_if<ParsedHead>(&parsed));
  FramingParser& parser = state_->parser;
  parser.header_limit(static_cast<std::uint32_t>(state_->limits.max_head_bytes) + kBeastHeadSlack);
  parser.body_limit(boost::none);  // known only after admission
  ErrorCode ec;
  const std::size_t consumed = parser.put(AsBuffer(raw), ec);
  // Two readers that disagree about a head are how requests are smuggled.
  const RequestHead& head = state_->parsed.head;
  if (ec || consumed != raw.size() || !parser.is_header_done() ||
      parser.chunked() != head.chunked ||
      (head.content_length.has_value() && parser.content_length() != *head.content_length)) {
    return Refuse(400);
  }
  return {Step::kHead, raw.size()};
}

RequestReader::Step RequestReader::AcceptBody(std::uint64_t max_body_bytes) {
  if (!has_body()) {
    return Step::kDone;
  }
  const std::optional<std::uint64_t>& declared = state_->parsed.head.content_length;
  state_->max_body = declared.value_or(max_body_bytes);
  if (state_->max_body > max_body_bytes ||
      state_->max_body > std::numeric_limits<std::size_t>::max() / 2) {
    return Refuse(413).step;
  }
  const std::uint64_t first = declared.value_or(0);
  if (!Reserve(first > kSmallBodyBytes
                   ? static_cast<std::size_t>(first)
                   : std::min(kFirstReservation, static_cast<std::size_t>(first)))) {
    return Refuse(503).step;
  }
  state_->parser.body_limit(max_body_bytes);
  state_->parser.eager(true);
  return Step::kNeedMore;
}

bool RequestReader::Reserve(std::size_t bytes) {
  State& s = *state_;
  while (!s.reservation.GrowTo(bytes)) {
    if (bytes > kSmallBodyBytes || !s.limits.make_room || !s.limits.make_room()) {
      return false;
    }
  }
  s.parser.body.reserve(bytes);
  return true;
}

bool RequestReader::GrowBy(std::size_t more) {
  const State& s = *state_;
  const std::size_t needed = s.parser.body.size() + more;
  if (needed <= s.reservation.bytes() || s.reservation.bytes() >= s.max_body) {
    return true;
  }
  const std::size_t wanted = std::max({needed, 2 * s.reservation.bytes(), kFirstReservation});
  return Reserve(static_cast<std::size_t>(std::min<std::uint64_t>(wanted, s.max_body)));
}

RequestReader::Progress RequestReader::ReadBody(std::string_view bytes) {
  State& s = *state_;
  // The shortest rest of a chunked body is "0\r\n\r\n"; Beast asserts that it never sees less of
  // one.
  if (bytes.empty() || (s.parsed.head.chunked && bytes.size() < kShortestChunkedRest)) {
    return {};
  }
  if (!GrowBy(bytes.size())) {
    return Refuse(503);
  }
  ErrorCode ec;
  const std::size_t consumed = s.parser.put(AsBuffer(bytes), ec);
  if (ec && ec != error::need_more) {
    return Refuse(ec == error::body_limit || s.parser.extension_too_long ? 413 : 400);
  }
  if (s.parser.is_done()) {
    return {Step::kDone, consumed};
  }
  const std::string_view rest = bytes.substr(consumed);
  if (!LineEndsAreWhole(rest)) {
    return Refuse(400);
  }
  if (rest.size() > s.limits.max_chunk_extension_bytes + kMaxChunkSizeLine) {
    return Refuse(413);
  }
  return {Step::kNeedMore, consumed};
}

int RequestReader::refusal_status() const {
  return state_->refusal;
}
ParsedHead& RequestReader::head() {
  return state_->parsed;
}
bool RequestReader::has_body() const {
  return !state_->parser.is_done();
}

HttpRequest RequestReader::TakeRequest() {
  HttpRequest request;
  static_cast<RequestHead&>(request) = std::move(state_->parsed.head);
  request.body = std::move(state_->parser.body);
  return request;
}

}  // namespace failgate
