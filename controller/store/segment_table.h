// The table of the journal's segments: which ids each one holds, so that its deliveries are found
// without an index over all of them. Every function runs inside the session or transaction of its
// caller.
#pragma once

#include <vector>

#include "controller/store/database.h"
#include "controller/store/unindexed_deliveries.h"

namespace failgate {

/// To be called with the deliveries that become rows, in the transaction that makes them.
void AddToSegments(Connection& connection, const std::vector<UnindexedDelivery>& deliveries);
/// Whether there is a row of a delivery that lies in this segment.
[[nodiscard]] bool HasRows(Connection& connection, long long segment);
/// Deletes at most `limit` rows of deliveries in this segment that are done or ignored; answers
/// source and status of each.
[[nodiscard]] Rows DeleteClosedRows(Connection& connection, long long segment, std::size_t limit);
/// When the segment is gone.
void ForgetSegment(Connection& connection, long long segment);

}  // namespace failgate
