// Any bytes as they come from a socket: read at once and byte by byte, a request is the same, and
// what was accepted is framed in one way only. Its target also goes through routes and queries.
#include <algorithm>
#include <string>
#include <vector>

#include "controller/api/connection_request.h"
#include "controller/api/router.h"
#include "controller/base/percent_encoding.h"
#include "controller/base/text.h"
#include "tests/fuzz/require.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxHead = 2048;
constexpr std::uint64_t kMaxBody = 4096;

struct Outcome {
  enum class Kind { kIncomplete, kRefused, kRequest };
  Kind kind = Kind::kIncomplete;
  int status = 0;
  HttpRequest request;
  std::size_t consumed = 0;
};

/// Shows the bytes as a connection does: what was received so far and not consumed yet, `stride`
/// bytes more each time.
class Feed {
 public:
  Feed(std::string_view bytes, std::size_t stride)
      : bytes_(bytes), stride_(stride), end_(std::min(stride, bytes.size())) {}
  [[nodiscard]] std::string_view visible() const { return bytes_.substr(begin_, end_ - begin_); }
  void Consume(std::size_t count) {
    Require(count <= end_ - begin_);
    begin_ += count;
  }
  [[nodiscard]] bool More() {
    if (end_ == bytes_.size()) {
      return false;
    }
    end_ = std::min(end_ + stride_, bytes_.size());
    return true;
  }
  [[nodiscard]] std::size_t consumed() const { return begin_; }

 private:
  std::string_view bytes_;
  std::size_t stride_;
  std::size_t begin_ = 0;
  std::size_t end_;
};

Outcome RefusedBy(const RequestReader& reader) {
  const int status = reader.refusal_status();
  Require(status == 400 || status == 413 || status == 431 || status == 503);
  Outcome outcome;
  outcome.kind = Outcome::Kind::kRefused;
  outcome.status = status;
  return outcome;
}

Outcome ReadRequest(std::string_view bytes, std::size_t stride) {
  BodyBudget budget(std::size_t{2} * kMaxBody);
  RequestReader::Limits limits;
  limits.max_head_bytes = kMaxHead;
  limits.max_chunk_extension_bytes = 64;
  RequestReader reader(limits, budget);
  Feed feed(bytes, stride);
  auto progress = reader.ReadHead(feed.visible());
  while (progress.step == RequestReader::Step::kNeedMore) {
    if (!feed.More()) {
      return {};
    }
    progress = reader.ReadHead(feed.visible());
  }
  if (progress.step == RequestReader::Step::kRefused) {
    return RefusedBy(reader);
  }
  feed.Consume(progress.consumed);
  RequestReader::Step step = reader.AcceptBody(kMaxBody);
  while (step == RequestReader::Step::kNeedMore || step == RequestReader::Step::kHead) {
    progress = reader.ReadBody(feed.visible());
    feed.Consume(progress.consumed);
    step = progress.step;
    if (step == RequestReader::Step::kNeedMore && !feed.More()) {
      return {};
    }
  }
  if (step == RequestReader::Step::kRefused) {
    return RefusedBy(reader);
  }
  Outcome outcome;
  outcome.kind = Outcome::Kind::kRequest;
  outcome.request = reader.TakeRequest();
  outcome.consumed = feed.consumed();
  return outcome;
}

/// A request is the same request whatever the pieces it came in. A refusal may come a few bytes
/// later, for the reader does not look at a rest too short to end a body.
void RequireSame(const Outcome& a, const Outcome& b) {
  Require((a.kind == Outcome::Kind::kRequest) == (b.kind == Outcome::Kind::kRequest));
  Require(a.consumed == b.consumed);
  Require(a.request.method == b.request.method && a.request.path == b.request.path);
  Require(a.request.query == b.request.query && a.request.headers == b.request.headers);
  Require(a.request.body == b.request.body);
}

void RequireFraming(const HttpRequest& request) {
  Require(request.body.size() <= kMaxBody);
  Require(request.HeaderCount("Content-Length") <= 1);
  Require(request.HeaderCount("Transfer-Encoding") == 0 ||
          request.HeaderCount("Content-Length") == 0);
  Require(request.chunked || request.body.size() == request.content_length.value_or(0));
  for (const auto& header : request.headers) {
    Require(!header.first.empty());
    Require(header.second.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
  }
}

void FuzzTarget(std::string_view method, std::string_view path, std::string_view query) {
  static const RouteTable routes = [] {
    RouteTable table;
    table.Add("POST", "/hooks/{source}");
    table.Add("GET", "/api/v1/projects/{project}");
    table.Add("GET", "/files/{path...}");
    return table;
  }();
  const RouteTable::Match match = routes.Find(method, path);
  for (const auto& parameter : match.parameters) {
    Require(!parameter.second.empty() && IsUtf8(parameter.second));
    Require(parameter.second != "." && parameter.second != "..");
    Require(parameter.first == "path" || parameter.second.find('/') == std::string::npos);
  }
  const Result<QueryParameters> parsed = ParseQuery(query);
  if (parsed) {
    for (const auto& parameter : parsed->all()) {
      Require(!parameter.first.empty() && IsUtf8(parameter.second));
    }
  }
  const auto decoded = PercentDecode(path);
  if (decoded) {
    Require(PercentDecode(PercentEncode(*decoded)) == decoded);
  }
}

}  // namespace
}  // namespace failgate

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using failgate::Outcome;
  const std::string_view bytes = failgate::TextOf(data, size);
  const Outcome whole = failgate::ReadRequest(bytes, size + 1);
  failgate::RequireSame(whole, failgate::ReadRequest(bytes, 1));
  failgate::RequireSame(whole, failgate::ReadRequest(bytes, 7));
  if (whole.kind == Outcome::Kind::kRequest) {
    failgate::RequireFraming(whole.request);
    failgate::FuzzTarget(whole.request.method, whole.request.path, whole.request.query);
  }
  failgate::FuzzTarget("GET", bytes, bytes);
  return 0;
}
