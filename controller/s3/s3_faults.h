// Why S3 refused, in a sentence that says what to do. Pure.
#pragma once

#include <string>

#include "controller/base/error.h"
#include "controller/config/server_file.h"
#include "controller/http/http_client.h"

namespace failgate {

/// It asks to come again later: too many requests, or a fault of its own.
[[nodiscard]] bool IsS3Busy(const ClientResponse& response);

/// `doing` says what was asked for, "listing s3://acme/sales". kRetry where the same request may
/// succeed later. Never repeats what the server wrote but its code and the bucket's region.
[[nodiscard]] Error S3Fault(const BucketSettings& bucket,
                            const std::string& doing,
                            const ClientResponse& response);

}  // namespace failgate
