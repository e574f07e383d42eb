// What the inbox answers about its deliveries.
#include <algorithm>

#include "controller/base/error.h"
#include "controller/base/log.h"
#include "controller/store/body_digest.h"
#include "controller/store/delivery_table.h"
#include "controller/store/inbox.h"

namespace failgate {

std::vector<DeliveryRecord> Inbox::List(const DeliveryFilter& filter) const {
  IndexAll();
  ReadSession session(database_);
  return ListRows(*session, filter);
}

std::optional<DeliveryRecord> Inbox::Show(const std::string& id) const {
  IndexAll();
  std::optional<DeliveryRecord> record;
  std::optional<StoredBody> stored;
  {
    ReadSession session(database_);
    record = FindRow(*session, id);
    stored = FindBody(*session, id);
  }
  if (!record || !stored || stored->place.head_bytes == 0) return record;
  try {
    record->headers = journal_.ReadDelivery(stored->place).delivery.headers;
  } catch (const Error& error) {
    // What became of the delivery can be told all the same.
    log::Warning("the headers of a delivery cannot be read",
                 {{"delivery", id}, {"cause", error.what()}});
  }
  return record;
}

std::optional<std::string> Inbox::Body(const std::string& id) const {
  IndexAll();
  std::optional<StoredBody> stored;
  {
    ReadSession session(database_);
    stored = FindBody(*session, id);
  }
  if (!stored) return std::nullopt;
  std::string body = journal_.Read(stored->place, stored->body_bytes);
  if (!IsDigestOfBody(stored->digest, body)) {
    throw Error(Remedy::kNeedsChange, "the stored body of delivery " + id + " is damaged");
  }
  return body;
}

InboxStatistics Inbox::Statistics() const {
  InboxStatistics statistics;
  {
    auto state = state_.Lock();
    statistics.all = state->counts.Total();
    statistics.sources = state->counts.sources();
  }
  statistics.unindexed = static_cast<long long>(Unindexed());
  statistics.journal_bytes = journal_.folder().Bytes();
  IndexAll();
  ReadSession session(database_);
  for (const auto& [source, numbers] : statistics.sources) {
    Rows oldest = session->Query(
        "SELECT received_at FROM deliveries WHERE source = ? AND status = 'queued' "
        "ORDER BY id LIMIT 1",
        {source});
    if (!oldest.Next()) continue;
    const TimePoint at = oldest.Time(0);
    statistics.oldest_queued = std::min(at, statistics.oldest_queued.value_or(at));
  }
  return statistics;
}

}  // namespace failgate
