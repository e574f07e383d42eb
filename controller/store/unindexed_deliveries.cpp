#include "controller/store/unindexed_deliveries.h"

#include <algorithm>
#include <utility>

#include "controller/base/yield_every.h"

namespace failgate {

void UnindexedDeliveries::Add(UnindexedDelivery delivery) {
  deliveries_.push_back(std::move(delivery));
}

UnindexedDelivery* UnindexedDeliveries::FindId(const std::string& id) {
  if (next_ < deliveries_.size() && deliveries_[next_].stored->id == id) {
    return &deliveries_[next_++];
  }
  const auto found = std::lower_bound(deliveries_.begin(),
                                      deliveries_.end(),
                                      id,
                                      [](const UnindexedDelivery& one, const std::string& wanted) {
                                        return one.stored->id < wanted;
                                      });
  if (found == deliveries_.end() || found->stored->id != id) return nullptr;
  next_ = static_cast<std::size_t>(found - deliveries_.begin()) + 1;
  return &*found;
}

std::map<SourceName, std::vector<UnindexedDelivery*>> UnindexedDeliveries::Queued() {
  std::map<SourceName, std::vector<UnindexedDelivery*>> queued;
  YieldEvery turn(kLightSteps);
  for (UnindexedDelivery& delivery : deliveries_) {
    turn.Step();
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

std::size_t UnindexedDeliveries::CountSettled(std::size_t limit, TimePoint since) const {
  const auto end =
      deliveries_.begin() + static_cast<std::ptrdiff_t>(std::min(limit, deliveries_.size()));
  const auto open = std::find_if(deliveries_.begin(), end, [since](const UnindexedDelivery& one) {
    const bool closed =
        one.status == DeliveryStatus::kDone || one.status == DeliveryStatus::kIgnored;
    return !closed && one.stored->delivery.received_at >= since;
  });
  return static_cast<std::size_t>(open - deliveries_.begin());
}

void UnindexedDeliveries::DropFirst(std::size_t count) {
  deliveries_.erase(deliveries_.begin(), deliveries_.begin() + static_cast<std::ptrdiff_t>(count));
  next_ = 0;
}

}  // namespace failgate
