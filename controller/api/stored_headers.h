// What the journal keeps of a delivery's headers.
#pragma once

#include "controller/store/delivery_record.h"
#include "webhooks/delivery.h"

namespace failgate {

/// What of a request's headers is stored: those that say what was sent, never what proves it.
[[nodiscard]] HeaderList StoredHeaders(const HookHeaders& headers);

}  // namespace failgate
