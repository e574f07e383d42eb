// The table of the journal's segments: which ids each one holds, so that its deliveries are found
// without an index over all of them, and whether the table of keys has the keys of all of them.
// Every function runs inside the session or transaction of its caller.
#pragma once

#include <cstddef>
#include <vector>

#include "controller/store/database.h"
#include "controller/store/unindexed_deliveries.h"

namespace failgate {

enum class KeysOfRows {
  kInTable,  ///< written in the same transaction
  kOwed,     ///< SetKeyed comes later
};
/// To be called with the deliveries that become rows, in the transaction that makes them. A segment
/// stays what it was first said to be.
void AddToSegments(Connection& connection,
                   const std::vector<UnindexedDelivery>& deliveries,
                   KeysOfRows keys);
/// Segments whose keys are owed.
[[nodiscard]] std::vector<long long> SegmentsWithoutKeys(Connection& connection);
void SetKeyed(Connection& connection, long long segment);
/// The keys of a segment's rows, computed again.
[[nodiscard]] KeyedDeliveries KeysOfSegment(Connection& connection, long long segment);
/// Whether there is a row of a delivery that lies in this segment.
[[nodiscard]] bool HasRows(Connection& connection, long long segment);
/// Deletes at most `limit` rows of deliveries in this segment that are done or ignored; answers
/// source and status of each.
[[nodiscard]] Rows DeleteClosedRows(Connection& connection, long long segment, std::size_t limit);
/// When the segment is gone.
void ForgetSegment(Connection& connection, long long segment);

}  // namespace failgate
