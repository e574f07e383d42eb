// The one push format of our own, for senders that have none: a ref, and little else.
#pragma once

#include <string>
#include <string_view>

#include "controller/base/result.h"
#include "webhooks/delivery.h"
#include "webhooks/event.h"

namespace failgate {

/// Reads {"ref", "before", "after", "deleted", "repository", "sender"}, at the top of the body or
/// under "data" when that is there. `ref` is full. All else is optional: ids as git writes them,
/// `deleted` a flag, `repository` a clone URL that must then be the configured one, `sender` a name
/// for people. A body without a ref, or with a top `type` other than "push" or "….push", is
/// ignored.
[[nodiscard]] Result<ParsedDelivery, HookAnswer> ReadPlainPush(std::string_view body,
                                                               std::string delivery_id);

}  // namespace failgate
