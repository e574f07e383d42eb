// The way out of the inbox: who handles which delivery, and what it came to.
#include <algorithm>
#include <utility>

#include "controller/base/yield_every.h"
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
  std::map<SourceName, Moved> moved;
  for (DeliveryRow& row : rows) {
    const SourceName& source = row.delivery.source;
    --indexing->queued[source];
    --shares[source];
    moved[source].AddOne(row.body_bytes);
    taken.push_back(std::move(row.delivery));
  }
  Move(moved, DeliveryStatus::kQueued, DeliveryStatus::kProcessing);
}

void Inbox::TakeUnindexed(Positions& indexing,
                          std::map<SourceName, std::size_t>& shares,
                          std::vector<QueuedDelivery>& taken) {
  std::map<SourceName, Moved> moved;
  for (const auto& [source, deliveries] : indexing->unindexed.Queued()) {
    const auto share = shares.find(source);
    if (share == shares.end()) continue;
    Moved& of_source = moved[source];
    YieldEvery turn(kLightSteps);
    for (std::size_t i = 0; i < std::min(share->second, deliveries.size()); ++i) {
      turn.Step();
      UnindexedDelivery& delivery = *deliveries[i];
      delivery.status = DeliveryStatus::kProcessing;
      taken.push_back({delivery.stored->id, source, delivery.stored->delivery.refs});
      of_source.AddOne(static_cast<long long>(delivery.stored->body_bytes));
    }
  }
  Move(moved, DeliveryStatus::kQueued, DeliveryStatus::kProcessing);
}

void Inbox::Move(const std::map<SourceName, Moved>& moved,
                 DeliveryStatus from,
                 DeliveryStatus to) const {
  auto state = state_.Lock();
  for (const auto& [source, sum] : moved) {
    state->counts.Add(source, from, -sum.rows, -sum.bytes);
    state->counts.Add(source, to, sum.rows, sum.bytes);
  }
}

void Inbox::MarkDone(const std::vector<DeliveryResult>& results) {
  auto indexing = Collect();
  const TimePoint now = clock_.Now();
  std::map<SourceName, Moved> moved;
  std::vector<DeliveryResult> of_rows;
  YieldEvery turn(kLightSteps);
  for (const DeliveryResult& result : results) {
    DeliveryResult rest{{}, result.outcome_json};
    for (const std::string& id : result.ids) {
      turn.Step();
      UnindexedDelivery* delivery = indexing->unindexed.FindId(id);
      if (delivery == nullptr) {
        rest.ids.push_back(id);
      } else if (delivery->status == DeliveryStatus::kProcessing) {
        delivery->status = DeliveryStatus::kDone;
        delivery->outcome_json = result.outcome_json;
        delivery->finished_at = now;
        moved[delivery->stored->delivery.source].AddOne(0);
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
      while (rows.Next()) moved[SourceName(rows.Text(0))].AddOne(0);
    }
    transaction.Commit();
  }
  Move(moved, DeliveryStatus::kProcessing, DeliveryStatus::kDone);
}

void Inbox::GiveBack(const std::vector<std::string>& ids) {
  IndexAll();
  auto indexing = indexing_.Lock();
  std::map<SourceName, Moved> moved;
  {
    Transaction transaction(database_);
    Rows rows = transaction->Query(
        "UPDATE deliveries SET status = 'queued' WHERE status = 'processing' AND id IN (SELECT "
        "value FROM json_each(?)) RETURNING source, body_bytes",
        {EncodeTexts(ids)});
    while (rows.Next()) moved[SourceName(rows.Text(0))].AddOne(rows.Integer(1));
    transaction.Commit();
  }
  for (const auto& [source, sum] : moved) indexing->queued[source] += sum.rows;
  Move(moved, DeliveryStatus::kProcessing, DeliveryStatus::kQueued);
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
    Move({{record->source, {1, static_cast<long long>(record->body_bytes)}}},
         record->status,
         DeliveryStatus::kQueued);
  }
  if (on_queued_) on_queued_();
  return true;
}

}  // namespace failgate
