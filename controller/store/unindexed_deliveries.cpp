#include "controller/store/unindexed_deliveries.h"

#include <algorithm>
#include <utility>

namespace failgate {

void UnindexedDeliveries::Add(UnindexedDelivery delivery) {
  deliveries_.push_back(std::move(delivery));
}

UnindexedDelivery* UnindexedDeliveries::FindId(const std::string& id) {
  const auto found = std::lower_bound(deliveries_.begin(),
                                      deliveries_.end(),
                                      id,
                                      [](const UnindexedDelivery& one, const std::string& wanted) {
                                        return one.stored->id < wanted;
                                      });
  return found == deliveries_.end() || found->stored->id != id ? nullptr : &*found;
}

std::map<SourceName, std::vector<UnindexedDelivery*>> UnindexedDeliveries::Queued() {
  std::map<SourceName, std::vector<UnindexedDelivery*>> queued;
  for (UnindexedDelivery& delivery : deliveries_) {
    if (delivery.status == DeliveryStatus::kQueued) {
      queued[delivery.stored->delivery.source].push_back(&delivery);
    }
  }
  return queued;
}

std::vector<UnindexedDelivery> UnindexedDeliveries::First(std::size_t count) const {
  const auto end =
      deliveries_.begin() + static_cast<std::ptrdiff_t>(std::min(count, deliveries_.size()));
  return {deliveries_.begin(), end};
}

void UnindexedDeliveries::DropFirst(std::size_t count) {
  deliveries_.erase(deliveries_.begin(), deliveries_.begin() + static_cast<std::ptrdiff_t>(count));
}

}  // namespace failgate
