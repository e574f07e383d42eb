// The run or delivery that a path names, by its whole id or by the first characters of it.
#pragma once

#include "controller/api/api_routes.h"
#include "controller/api/services.h"
#include "controller/base/result.h"

namespace failgate {

/// The one run whose id is {run} or begins with it (7 characters or more), among those the token
/// may see. The error is what to send: 404 when there is none, 422 when there are several.
[[nodiscard]] Result<Run, HttpResponse> NamedRun(const ApiServices& services, const ApiCall& call);
/// The same for {delivery}.
[[nodiscard]] Result<DeliveryRecord, HttpResponse> NamedDelivery(const ApiServices& services,
                                                                 const ApiCall& call);

}  // namespace failgate
