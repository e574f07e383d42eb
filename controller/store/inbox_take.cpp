// The way out of the inbox: who handles which delivery, and what it came to.
#include <algorithm>
#include <utility>

#include "controller/store/delivery_table.h"
#include "controller/store/inbox.h"
#include "controller/store/json_columns.h"

namespace failgate {
namespace {

// Each source gets what it has, up to an equal part of the limit; what small ones leave goes to the
// others.
std::map<SourceName, std::size_t> SharesOf(const std::map<SourceName, long long>& queued,
                                           std::size_t limit) {
  std::vector<std::pair<long long, SourceName>> smallest_first;
  for (const auto& [source, count] : queued) {
    if (count > 0) smallest_first.emplace_back(count, source);
  }
  std::sort(smallest_first.begin(), smallest_first.end());
  std::map<SourceName, std::size_t> shares;
  for (std::size_t i = 0; i < smallest_first.size(); ++i) {
    const auto& [count, source] = smallest_first[i];
    const std::size_t part = std::max<std::size_t>(limit / (smallest_first.size() - i), 1);
    const std::size_t share = std::min({static_cast<std::size_t>(count), part, limit});
    if (share > 0) shares[source] = share;
    limit -= share;
  }
  return shares;
}

}  // namespace

std::vector<QueuedDelivery> Inbox::TakeQueued(std::size_t limit,
                                              const std::set<SourceName>& except) {
  auto indexing = Collect();
  std::map<SourceName, long long> queued = indexing->queued;
  for (const auto& [source, deliveries] : indexing->unindexed.Queued()) {
    queued[source] += static_cast<long long>(deliveries.size());
  }
  for (const SourceName& source : except) queued.erase(source);
  std::map<SourceName, std::size_t> shares = SharesOf(queued, limit);
  std::vector<QueuedDelivery> taken;
  TakeRows(indexing, shares, taken);
  TakeUnindexed(indexing, shares, taken);
  return taken;
}

// Rows are older than what is only in the journal.
void Inbox::TakeRows(Positions& indexing,
                     std::map<SourceName, std::size_t>& shares,
                     std::vector<QueuedDelivery>& taken) {
  const bool any = std::any_of(shares.begin(), shares.end(), [&](const auto& share) {
    return indexing->queued[share.first] > 0;
  });
  if (!any) return;
  std::vector<DeliveryRow> rows;
  {
    Transaction transaction(database_);
    for (const auto& [source, share] : shares) {
      if (indexing->queued[source] == 0) continue;
      for (DeliveryRow& row : TakeQueuedRows(*transaction, source, share)) {
        rows.push_back(std::move(row));
      }
    }
    transaction.Commit();
  }
  for (DeliveryRow& row : rows) {
    const SourceName& source = row.delivery.source;
    --indexing->queued[source];
    --shares[source];
    Move(source, DeliveryStatus::kQueued, DeliveryStatus::kProcessing, row.body_bytes);
    taken.push_back(std::move(row.delivery));
  }
}

void Inbox::TakeUnindexed(Positions& indexing,
                          std::map<SourceName, std::size_t>& shares,
                          std::vector<QueuedDelivery>& taken) {
  for (const auto& [source, deliveries] : indexing->unindexed.Queued()) {
    const auto share = shares.find(source);
    if (share == shares.end()) continue;
    for (std::size_t i = 0; i < std::min(share->second, deliveries.size()); ++i) {
      UnindexedDelivery& delivery = *deliveries[i];
      delivery.status = DeliveryStatus::kProcessing;
      taken.push_back({delivery.stored->id, source, delivery.stored->delivery.refs});
      Move(source,
           DeliveryStatus::kQueued,
           DeliveryStatus::kProcessing,
           static_cast<long long>(delivery.stored->body_bytes));
    }
  }
}

void Inbox::Move(const SourceName& source,
                 DeliveryStatus from,
                 DeliveryStatus to,
                 long long bytes) const {
  auto state = state_.Lock();
  state->counts.Add(source, from, -1, -bytes);
  state->counts.Add(source, to, 1, bytes);
}

void Inbox::MarkDone(const std::vector<DeliveryResult>& results) {
  auto indexing = Collect();
  const TimePoint now = clock_.Now();
  std::vector<SourceName> moved;
  std::vector<DeliveryResult> of_rows;
  for (const DeliveryResult& result : results) {
    DeliveryResult rest{{}, result.outcome_json};
    for (const std::string& id : result.ids) {
      UnindexedDelivery* delivery = indexing->unindexed.FindId(id);
      if (delivery == nullptr) {
        rest.ids.push_back(id);
      } else if (delivery->status == DeliveryStatus::kProcessing) {
        delivery->status = DeliveryStatus::kDone;
        delivery->outcome_json = result.outcome_json;
        delivery->finished_at = now;
        moved.push_back(delivery->stored->delivery.source);
      }
    }
    if (!rest.ids.empty()) of_rows.push_back(std::move(rest));
  }
  if (!of_rows.empty()) {
    Transaction transaction(database_);
    for (const DeliveryResult& result : of_rows) {
      Rows rows = transaction->Query(
          "UPDATE deliveries SET status = 'done', outcome = ?, finished_at = ? WHERE status = "
          "'processing' AND id IN (SELECT value FROM json_each(?)) RETURNING source",
          {result.outcome_json, now, EncodeTexts(result.ids)});
      while (rows.Next()) moved.emplace_back(rows.Text(0));
    }
    transaction.Commit();
  }
  for (const SourceName& source : moved) {
    Move(source, DeliveryStatus::kProcessing, DeliveryStatus::kDone, 0);
  }
}

void Inbox::GiveBack(const std::vector<std::string>& ids) {
  IndexAll();
  auto indexing = indexing_.Lock();
  std::vector<std::pair<SourceName, long long>> moved;
  {
    Transaction transaction(database_);
    Rows rows = transaction->Query(
        "UPDATE deliveries SET status = 'queued' WHERE status = 'processing' AND id IN (SELECT "
        "value FROM json_each(?)) RETURNING source, body_bytes",
        {EncodeTexts(ids)});
    while (rows.Next()) moved.emplace_back(rows.Text(0), rows.Integer(1));
    transaction.Commit();
  }
  for (const auto& [source, bytes] : moved) {
    ++indexing->queued[source];
    Move(source, DeliveryStatus::kProcessing, DeliveryStatus::kQueued, bytes);
  }
}

bool Inbox::Replay(const std::string& id) {
  IndexAll();
  {
    auto indexing = indexing_.Lock();
    Transaction transaction(database_);
    const std::optional<DeliveryRecord> record = FindRow(*transaction, id);
    if (!record) return false;
    const bool open =
        record->status == DeliveryStatus::kQueued || record->status == DeliveryStatus::kProcessing;
    if (open) return true;
    transaction->Run(
        "UPDATE deliveries SET status = 'queued', outcome = '', finished_at = NULL, "
        "replays = replays + 1 WHERE id = ?",
        {id});
    transaction.Commit();
    ++indexing->queued[record->source];
    Move(record->source,
         record->status,
         DeliveryStatus::kQueued,
         static_cast<long long>(record->body_bytes));
  }
  if (on_queued_) on_queued_();
  return true;
}

}  // namespace failgate
