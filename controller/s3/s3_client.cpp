#include "controller/s3/s3_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/base/digest.h"
#include "controller/base/error.h"
#include "controller/base/periodic_loop.h"
#include "controller/base/text.h"
#include "controller/s3/s3_faults.h"

namespace failgate {
namespace {

constexpr int kOk = 200;
constexpr int kNotFound = 404;
constexpr int kPreconditionFailed = 412;
/// A page holds a thousand keys of a thousand bytes at most, three times as long when encoded.
constexpr std::size_t kMaxAnswer = std::size_t{8} << 20U;
/// The end of the program waits for an answer.
constexpr Milliseconds kAnswer{10'000};
/// Of an object: without a byte.
constexpr Milliseconds kSilence{30'000};
constexpr int kTries = 4;
constexpr Milliseconds kFirstPause{200};
constexpr Milliseconds kLongestPause{3'000};
constexpr std::size_t kShown = 200;

Secret SecretOf(const SecretReference& reference, const EnvironmentLookup& environment) {
  Result<Secret> secret = ReadSecret(reference, environment);
  if (!secret) throw Error(Remedy::kNeedsChange, "asking S3: " + secret.error().text);
  return *std::move(secret);
}

/// An access key is no secret, but what goes into a header must not break out of it.
std::string AccessKey(const Secret& secret) {
  const std::string& key = secret.Reveal();
  const bool plain = std::all_of(
      key.begin(), key.end(), [](char c) { return c > 0x20 && c < 0x7f && c != ',' && c != '/'; });
  if (!plain) {
    throw Error(Remedy::kNeedsChange,
                "asking S3: the access key has a character that none has: check access_key");
  }
  return key;
}

/// The body is what is kept in memory.
BodyReceiver IntoBody(std::string& body, const std::stop_token& stop) {
  BodyReceiver receiver;
  receiver.stop = stop;
  receiver.begin = [&body](const ClientResponse&) {
    body.clear();
    return true;
  };
  receiver.piece = [&body](std::string_view piece) {
    if (piece.size() > kMaxAnswer - body.size()) {
      throw Error(Remedy::kNeedsChange,
                  fmt::format("S3 answered more than {} bytes to a listing", kMaxAnswer));
    }
    body.append(piece);
    return true;
  };
  return receiver;
}

std::optional<S3Object> ObjectOf(const std::string& key, const ClientResponse& head) {
  const auto size = ParseNonNegative(head.Header("content-length").value_or(""));
  const auto written = ParseHttpDate(head.Header("last-modified").value_or(""));
  const std::string etag = head.Header("etag").value_or("");
  if (!size || !written || !IsETag(etag)) return std::nullopt;
  return S3Object{key, *size, etag, *written};
}

}  // namespace

S3Client::S3Client(BucketSettings bucket,
                   EnvironmentLookup environment,
                   const Clock& clock,
                   Pause pause,
                   Sender send)
    : bucket_(std::move(bucket)),
      environment_(std::move(environment)),
      clock_(clock),
      pause_(std::move(pause)),
      send_(std::move(send)) {}

ClientRequest S3Client::RequestTo(const std::string& method,
                                  const std::string& key,
                                  const TextPairs& parameters) const {
  const std::size_t scheme = bucket_.endpoint.find("//") + 2;
  const std::string host =
      (bucket_.path_style ? "" : bucket_.bucket + ".") + bucket_.endpoint.substr(scheme);
  SignedParts parts;
  parts.method = method;
  parts.path = CanonicalPath((bucket_.path_style ? "/" + bucket_.bucket : "") + "/" + key);
  parts.query = CanonicalQuery(parameters);
  parts.payload_sha256 = Sha256Hex("");
  const TimePoint now = clock_.Now();
  parts.headers = {
      {"host", host}, {"x-amz-content-sha256", parts.payload_sha256}, {"x-amz-date", AmzDate(now)}};
  ClientRequest request;
  request.method = method;
  request.url = bucket_.endpoint.substr(0, scheme) + host + parts.path +
                (parts.query.empty() ? "" : "?" + parts.query);
  request.timeout = kAnswer;
  request.max_response_bytes = kMaxAnswer;
  request.ca_file = bucket_.ca.value_or(std::filesystem::path());
  if (bucket_.access_key && bucket_.secret_key) {
    if (bucket_.session_token) {
      parts.headers.emplace_back("x-amz-security-token",
                                 SecretOf(*bucket_.session_token, environment_).Reveal());
    }
    const SigningCredentials credentials{AccessKey(SecretOf(*bucket_.access_key, environment_)),
                                         SecretOf(*bucket_.secret_key, environment_)};
    const std::string signature =
        SignatureV4(parts, SigningScope{bucket_.region, "s3", now}, credentials);
    request.headers = parts.headers;
    request.headers.emplace_back("authorization", signature);
  } else {
    request.headers = {{"host", host}};
  }
  request.headers.emplace_back("user-agent", "failgate");
  return request;
}

std::optional<ClientResponse> S3Client::Ask(const std::function<ClientRequest()>& make,
                                            const BodyReceiver& receiver,
                                            const std::string& doing) const {
  for (int attempt = 1;; ++attempt) {
    if (receiver.stop.stop_requested()) return std::nullopt;
    std::optional<ClientResponse> response;
    try {
      // Made anew each time: a signature is good for minutes only.
      response = send_(make(), receiver);
    } catch (const Error&) {
      RethrowWithContext(doing);
    }
    if (!response || !IsS3Busy(*response) || attempt == kTries) return response;
    pause_(Backoff(kFirstPause, kLongestPause, attempt - 1));
  }
}

S3Page S3Client::List(const Listing& listing) const {
  const std::string doing =
      fmt::format("listing s3://{}/{}", bucket_.bucket, OneLine(listing.prefix, kShown));
  TextPairs parameters = {{"list-type", "2"}, {"encoding-type", "url"}, {"prefix", listing.prefix}};
  if (listing.most > 0) parameters.emplace_back("max-keys", std::to_string(listing.most));
  if (listing.flat) parameters.emplace_back("delimiter", "/");
  if (!listing.token.empty()) parameters.emplace_back("continuation-token", listing.token);
  std::string body;
  const auto response =
      Ask([&] { return RequestTo("GET", "", parameters); }, IntoBody(body, listing.stop), doing);
  if (!response || response->status != kOk) {
    throw response ? S3Fault(bucket_, doing, *response)
                   : Error(Remedy::kRetry, doing + ": the program ends");
  }
  Result<S3Page> page = ReadS3Page(body);
  if (!page) throw Error(Remedy::kNeedsChange, doing + ": " + page.error().text);
  for (const S3Object& object : page->objects) {
    if (object.key.compare(0, listing.prefix.size(), listing.prefix) != 0) {
      throw Error(
          Remedy::kNeedsChange,
          fmt::format(
              "{}: S3 listed \"{}\", which was not asked for", doing, OneLine(object.key, kShown)));
    }
  }
  return *std::move(page);
}

std::optional<S3Object> S3Client::Head(const std::string& key, const std::stop_token& stop) const {
  const std::string doing =
      fmt::format("looking at s3://{}/{}", bucket_.bucket, OneLine(key, kShown));
  std::string body;
  const auto response =
      Ask([&] { return RequestTo("HEAD", key, {}); }, IntoBody(body, stop), doing);
  if (response && response->status == kNotFound) return std::nullopt;
  if (!response || response->status != kOk) {
    throw response ? S3Fault(bucket_, doing, *response)
                   : Error(Remedy::kRetry, doing + ": the program ends");
  }
  const auto object = ObjectOf(key, *response);
  if (!object) {
    throw Error(Remedy::kNeedsChange,
                doing + ": S3 does not say its size, ETag and time: check the endpoint");
  }
  return object;
}

Result<S3Object> S3Client::Read(const Reading& reading) const {
  const std::string name = fmt::format("\"{}\"", OneLine(reading.key, kShown));
  const std::string doing =
      fmt::format("reading s3://{}/{}", bucket_.bucket, OneLine(reading.key, kShown));
  std::optional<S3Object> object;
  std::optional<Refusal> refused;
  long long done = 0;
  BodyReceiver receiver;
  receiver.stop = reading.stop;
  receiver.begin = [&](const ClientResponse& head) {
    if (head.status != kOk) return true;
    done = 0;
    object = ObjectOf(reading.key, head);
    if (!object) {
      throw Error(Remedy::kNeedsChange,
                  doing + ": S3 does not say its size, ETag and time: check the endpoint");
    }
    // Who ignores If-Match is found out too.
    if (!reading.etag.empty() && object->etag != reading.etag) {
      refused = Refusal{"object_changed", name + " changed since it was looked at"};
    } else if (object->size > reading.most) {
      refused = Refusal{"object_changed", fmt::format("{} has {} bytes", name, object->size)};
    }
    return !refused;
  };
  receiver.piece = [&](std::string_view piece) {
    done += static_cast<long long>(piece.size());
    if (done > object->size) return true;  // told below; the connection ends it
    reading.sink(piece);
    return true;
  };
  const auto make = [&] {
    ClientRequest request = RequestTo("GET", reading.key, {});
    request.timeout = kSilence;
    if (!reading.etag.empty()) request.headers.emplace_back("if-match", reading.etag);
    return request;
  };
  const auto response = Ask(make, receiver, doing);
  if (refused) return *refused;
  if (!response) return Refusal{"stopped", "the program ends"};
  if (response->status == kPreconditionFailed) {
    return Refusal{"object_changed", name + " changed since it was looked at"};
  }
  if (response->status == kNotFound && ReadS3Refusal(response->body).code != "NoSuchBucket") {
    return Refusal{"object_missing", name + " is not there"};
  }
  if (response->status != kOk) throw S3Fault(bucket_, doing, *response);
  if (done != object->size) {
    throw Error(Remedy::kRetry, fmt::format("{}: {} bytes came of {}", doing, done, object->size));
  }
  return *object;
}

}  // namespace failgate
