// The table of deliveries; for the sources of the inbox only. Every function
// runs inside the session or transaction of its caller.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "controller/store/database.h"
#include "controller/store/delivery_record.h"
#include "controller/store/unindexed_deliveries.h"

namespace failgate {

class DeliveryInsertion {
 public:
  explicit DeliveryInsertion(Connection& connection);
  /// One that is there already stays as it is. Its key is the caller's to write.
  void Run(const UnindexedDelivery& one);

 private:
  Statement statement_;
};
/// Up to where the journal is in these tables; the beginning when nothing is.
[[nodiscard]] JournalPosition IndexedUpTo(Connection& connection);
void SetIndexedUpTo(Connection& connection, JournalPosition position);

struct DeliveryRow {
  QueuedDelivery delivery;
  long long body_bytes = 0;
};
/// The oldest queued ones of a source, `processing` now.
[[nodiscard]] std::vector<DeliveryRow> TakeQueuedRows(Connection& connection,
                                                      const SourceName& source,
                                                      std::size_t limit);

/// Where and what the body is.
struct StoredBody {
  BodyPlace place;
  std::size_t body_bytes = 0;
  std::string digest;
};
[[nodiscard]] std::optional<StoredBody> FindBody(Connection& connection, const std::string& id);

/// How many there are, by source.
[[nodiscard]] std::map<SourceName, DeliveryNumbers> CountRows(Connection& connection);
[[nodiscard]] std::vector<DeliveryRecord> ListRows(Connection& connection,
                                                   const DeliveryFilter& filter);
[[nodiscard]] std::optional<DeliveryRecord> FindRow(Connection& connection, const std::string& id);

}  // namespace failgate
