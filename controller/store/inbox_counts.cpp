#include "controller/store/inbox_counts.h"

namespace failgate {

bool InboxCounts::HasRoom(const SourceName& source, std::size_t body_bytes) const {
  const auto bytes = static_cast<long long>(body_bytes);
  const long long free_rows = static_cast<long long>(limits_.rows) - total_.rows;
  const long long free_bytes = static_cast<long long>(limits_.bytes) - total_.bytes - bytes;
  if (free_rows < 1 || free_bytes < 0) return false;
  const auto own = sources_.find(source);
  if (!limits_.shared || own == sources_.end()) return true;
  const DeliveryNumbers& numbers = own->second;
  return numbers.waiting + numbers.queued < free_rows && numbers.queued_bytes <= free_bytes;
}

void InboxCounts::AddWaiting(const SourceName& source, long long rows, long long bytes) {
  DeliveryNumbers& numbers = sources_[source];
  numbers.waiting += rows;
  numbers.queued_bytes += bytes;
  total_.rows += rows;
  total_.bytes += bytes;
}

void InboxCounts::Add(const SourceName& source,
                      DeliveryStatus status,
                      long long rows,
                      long long bytes) {
  DeliveryNumbers& numbers = sources_[source];
  numbers.Add(status, rows, bytes);
  if (status != DeliveryStatus::kQueued) return;
  total_.rows += rows;
  total_.bytes += bytes;
}

void InboxCounts::Load(const std::map<SourceName, DeliveryNumbers>& stored) {
  sources_ = stored;
  const DeliveryNumbers all = Total();
  total_ = {all.waiting + all.queued, all.queued_bytes};
}

DeliveryNumbers InboxCounts::Total() const {
  DeliveryNumbers total;
  for (const auto& [source, numbers] : sources_) {
    total.waiting += numbers.waiting;
    total.queued += numbers.queued;
    total.queued_bytes += numbers.queued_bytes;
    total.processing += numbers.processing;
    total.done += numbers.done;
    total.ignored += numbers.ignored;
  }
  return total;
}

}  // namespace failgate
