// AWS Signature Version 4: who asks, shown by an HMAC over what is asked. Pure.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/secret.h"

namespace failgate {

using TextPairs = std::vector<std::pair<std::string, std::string>>;

/// What is signed of a request. For S3 a path is percent-encoded once and never normalised.
struct SignedParts {
  std::string method;
  std::string path;            ///< as it is sent: "/sales/a%20b.csv"
  std::string query;           ///< of CanonicalQuery
  TextPairs headers;           ///< names in small letters; host and x-amz-date among them
  std::string payload_sha256;  ///< 64 hex digits of the body's bytes
};

struct SigningScope {
  std::string region;
  std::string service;  ///< "s3"
  TimePoint at;         ///< the same as in x-amz-date
};

struct SigningCredentials {
  std::string access_key;
  Secret secret_key;
};

/// "20130524T000000Z", for x-amz-date.
[[nodiscard]] std::string AmzDate(TimePoint at);
/// Names and values percent-encoded and sorted: what is signed, and to be sent just so.
[[nodiscard]] std::string CanonicalQuery(const TextPairs& parameters);
/// Slashes stay.
[[nodiscard]] std::string CanonicalPath(std::string_view path);
/// The value of the header Authorization.
[[nodiscard]] std::string SignatureV4(const SignedParts& request,
                                      const SigningScope& scope,
                                      const SigningCredentials& credentials);

}  // namespace failgate
