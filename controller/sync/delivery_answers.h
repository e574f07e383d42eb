// From one look at a source to what each delivery behind it came to.
#pragma once

#include <vector>

#include "controller/store/run_store.h"
#include "controller/sync/source_sync.h"
#include "controller/sync/taken_deliveries.h"

namespace failgate {

/// Deliveries with the same event and refs share one result; the runs of a branch are asked for
/// once, however many deliveries name it.
[[nodiscard]] std::vector<DeliveryResult> AnswerDeliveries(
    const SourceName& source,
    const std::vector<TakenDelivery>& deliveries,
    const SyncPass& pass,
    const RunStore& runs);

}  // namespace failgate
