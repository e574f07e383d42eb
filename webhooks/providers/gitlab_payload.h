// The events of GitLab, whichever way their sender is proven.
#pragma once

#include <string_view>

#include "controller/base/result.h"
#include "webhooks/delivery.h"
#include "webhooks/event.h"

namespace failgate {

/// "Push Hook" and "Tag Push Hook" are pushes, and so are system hooks of those kinds; every other
/// event is ignored. `id_header` carries the delivery id. Source: docs.gitlab.com, "Webhook events"
/// and "System hooks".
[[nodiscard]] Result<ParsedDelivery, HookAnswer> ParseGitlab(const VerifiedDelivery& delivery,
                                                             std::string_view id_header);

}  // namespace failgate
