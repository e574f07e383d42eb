// Deliveries that are durable in the journal and not yet rows of the database.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controller/store/delivery_key.h"
#include "controller/store/journal_record.h"

namespace failgate {

struct UnindexedDelivery {
  /// Shared: whoever indexes it reads it without holding up the writer.
  std::shared_ptr<const StoredDelivery> stored;
  std::optional<DeliveryKey> key;
  DeliveryStatus status = DeliveryStatus::kQueued;
  std::string outcome_json;
  std::optional<TimePoint> finished_at;
};

/// In the order of the journal, which is the order of the ids. Not thread-safe.
class UnindexedDeliveries {
 public:
  void Add(UnindexedDelivery delivery);
  [[nodiscard]] std::size_t size() const { return deliveries_.size(); }
  /// nullptr when it is not here.
  [[nodiscard]] UnindexedDelivery* FindId(const std::string& id);
  [[nodiscard]] std::map<SourceName, std::vector<UnindexedDelivery*>> Queued();
  [[nodiscard]] std::vector<UnindexedDelivery> First(std::size_t count) const;
  void DropFirst(std::size_t count);

 private:
  std::deque<UnindexedDelivery> deliveries_;
};

}  // namespace failgate
