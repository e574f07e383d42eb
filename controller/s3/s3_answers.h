// What S3 answers: pages of a listing, and why it refuses. Pure; the bytes may be anybody's.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/result.h"

namespace failgate {

/// An object as it is listed: bytes, without reading them, are known by their ETag.
struct S3Object {
  std::string key;
  long long size = 0;
  std::string etag;   ///< as it came, with its quotes
  TimePoint written;  ///< to the second on AWS
  bool operator==(const S3Object&) const = default;
};

struct S3Page {
  std::vector<S3Object> objects;
  std::optional<std::string> next;  ///< the token of the page behind it
};

/// The answer of ListObjectsV2. Refusal s3_unreadable: it is no such answer, not well formed, or
/// lacks what each object has. Keys are decoded when the answer says that they are encoded.
[[nodiscard]] Result<S3Page> ReadS3Page(std::string_view xml);

/// The answer to a refused request; empty where it says nothing.
struct S3Refusal {
  std::string code;    ///< "NoSuchBucket"; letters and digits only
  std::string region;  ///< where the bucket is, when it is not where it was asked for
};
[[nodiscard]] S3Refusal ReadS3Refusal(std::string_view xml);

/// "Wed, 21 Oct 2015 07:28:00 GMT" of the header Last-Modified; nullopt for anything else.
[[nodiscard]] std::optional<TimePoint> ParseHttpDate(std::string_view text);

/// An ETag that can be sent back in a header: printable, at most 200 bytes.
[[nodiscard]] bool IsETag(std::string_view text);

}  // namespace failgate
