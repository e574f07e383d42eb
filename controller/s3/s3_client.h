// Reading a bucket: what is there, and the bytes of one object.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "controller/base/clock.h"
#include "controller/base/result.h"
#include "controller/config/secret_reference.h"
#include "controller/config/server_file.h"
#include "controller/http/http_client.h"
#include "controller/s3/s3_answers.h"
#include "controller/s3/sigv4.h"

namespace failgate {

/// Not thread-safe. Credentials are read at each request and go to the one endpoint; no redirect is
/// followed. A server that is busy is asked again a few times, later each time. Throws Error that
/// names bucket and object and says what to do: kRetry when it cannot be reached or stays busy,
/// kNeedsChange when it refuses. Never a secret in its text.
class S3Client {
 public:
  /// FetchInto in production, a fake server in tests.
  using Sender =
      std::function<std::optional<ClientResponse>(const ClientRequest&, const BodyReceiver&)>;
  /// Waits before a busy server is asked again.
  using Pause = std::function<void(Milliseconds)>;
  S3Client(BucketSettings bucket,
           EnvironmentLookup environment,
           const Clock& clock,
           Pause pause,
           Sender send = FetchInto);

  struct Listing {
    std::string prefix;      ///< of keys, the bucket's prefix included
    bool flat = false;       ///< only keys without a '/' behind the prefix
    std::string token = {};  ///< S3Page::next of the page before
    int most = 0;            ///< objects; 0 = as many as the server puts into a page (1000)
    std::stop_token stop = {};
  };
  /// One page; keys all begin with the prefix. Throws when it was stopped.
  [[nodiscard]] S3Page List(const Listing& listing) const;

  /// nullopt: there is none.
  [[nodiscard]] std::optional<S3Object> Head(const std::string& key,
                                             const std::stop_token& stop = {}) const;

  struct Reading {
    std::string key;
    std::string etag = {};  ///< only these bytes; empty = whatever is there
    long long most = 0;     ///< an object that is larger is refused before a byte is read
    std::stop_token stop = {};
    std::function<void(std::string_view)> sink = {};  ///< may be called though it fails afterwards
  };
  /// What was read, whole. Refusals: object_missing; object_changed: it is another one than `etag`,
  /// or larger than `most`; stopped. When a sink was called and something fails, what it got is
  /// good for nothing.
  [[nodiscard]] Result<S3Object> Read(const Reading& reading) const;

 private:
  [[nodiscard]] ClientRequest RequestTo(const std::string& method,
                                        const std::string& key,
                                        const TextPairs& parameters) const;
  /// Asks until it is not busy.
  [[nodiscard]] std::optional<ClientResponse> Ask(const std::function<ClientRequest()>& make,
                                                  const BodyReceiver& receiver,
                                                  const std::string& doing) const;

  const BucketSettings bucket_;
  const EnvironmentLookup environment_;
  const Clock& clock_;
  const Pause pause_;
  const Sender send_;
};

}  // namespace failgate
