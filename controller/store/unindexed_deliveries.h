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
  /// nullptr when it is not here. Quickest when asked for one after the other.
  [[nodiscard]] UnindexedDelivery* FindId(const std::string& id);
  [[nodiscard]] std::map<SourceName, std::vector<UnindexedDelivery*>> Queued();
  [[nodiscard]] std::vector<UnindexedDelivery> First(std::size_t count) const;
  /// How many of the first `limit` come before one that is open and was received at `since` or
  /// later.
  [[nodiscard]] std::size_t CountSettled(std::size_t limit, TimePoint since) const;
  void DropFirst(std::size_t count);

 private:
  std::deque<UnindexedDelivery> deliveries_;
  std::size_t next_ = 0;  ///< behind the one found last
};

}  // namespace failgate
