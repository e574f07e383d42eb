// From the log to what the reconciler shall keep: each release with the deploy files it was judged
// by.
#pragma once

#include <vector>

#include "controller/promotion/situation.h"
#include "controller/reconcile/order.h"

namespace failgate {

/// One order a pair for which something was decided and not given up. The steps come out of the
/// decision's own record, never from what main says now: a changed file is a new deployment, not
/// healing. A pair whose decision or record cannot be read is left out (and logged).
[[nodiscard]] std::vector<Order> BuildOrders(const Situation& situation, const LogView& log);

/// The release that ran well before and is gone back to when `state`'s order fails; nullptr when
/// there is none.
[[nodiscard]] const HistoryEntry* WayBack(const EnvironmentState& state);

}  // namespace failgate
