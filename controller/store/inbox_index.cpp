// From the journal to rows of the database: at start what a former life left, then in batches.
#include <algorithm>
#include <thread>
#include <utility>

#include "controller/base/fail_point.h"
#include "controller/base/log.h"
#include "controller/base/yield_every.h"
#include "controller/store/delivery_table.h"
#include "controller/store/inbox.h"
#include "controller/store/key_table.h"
#include "controller/store/segment_table.h"

namespace failgate {
namespace {

// Larger transactions write fewer pages a row, but the locks of inbox and database are held for
// them, and a thread that answers may wait for this processor: about a millisecond.
constexpr std::size_t kRowsATransaction = 128;
// One long sync would hold up those of the journal, and so would too many.
constexpr int kTransactionsASync = 4;
constexpr std::size_t kRowsATurn = 16;

void InsertQueuedAgain(Connection& connection,
                       const UnindexedDelivery& delivery,
                       bool may_be_known,
                       Milliseconds window) {
  if (delivery.key && may_be_known) {
    // Two of one key in the journal: nobody was answered for the first, whose write failed, and
    // the sender tried again. The later one is the one that was promised.
    const TimePoint since = delivery.stored->delivery.received_at - window;
    const auto known = FindKey(connection, *delivery.key, since);
    if (known && *known != delivery.stored->id) {
      connection.Run("DELETE FROM deliveries WHERE id = ?", {*known});
    }
  }
  DeliveryInsertion(connection).Run(delivery);
  if (delivery.key) {
    const StoredDelivery& stored = *delivery.stored;
    KeyInsertion(connection)
        .Run(stored.place.segment, *delivery.key, stored.id, stored.delivery.received_at);
  }
}

}  // namespace

void Inbox::ReadJournal() {
  auto indexing = indexing_.Lock();
  {
    Session session(database_);
    indexing->done = IndexedUpTo(*session);
  }
  std::vector<UnindexedDelivery> batch;
  std::size_t count = 0;
  const auto store = [&] {
    if (batch.empty()) return;
    const JournalPosition end = batch.back().stored->place.RecordEnd();
    Transaction transaction(database_);
    for (const UnindexedDelivery& delivery : batch) {
      const bool may_be_known = delivery.key && seen_.MayHave(*delivery.key);
      if (delivery.key) seen_.Add(*delivery.key);
      InsertQueuedAgain(*transaction, delivery, may_be_known, options_.duplicate_window);
    }
    AddToSegments(*transaction, batch, KeysOfRows::kInTable);
    SetIndexedUpTo(*transaction, end);
    transaction.Commit();
    indexing->done = end;
    count += batch.size();
    batch.clear();
  };
  journal_.ReadBehind(indexing->done, [&](StoredDelivery stored) {
    const NewDelivery& delivery = stored.delivery;
    database_.NextIdsAfter(stored.id);
    UnindexedDelivery one;
    one.key = KeyOf(delivery.source, delivery.delivery_id, delivery.body_digest);
    one.status = delivery.kind == NewDelivery::Kind::kQueued ? DeliveryStatus::kQueued
                                                             : DeliveryStatus::kIgnored;
    one.stored = std::make_shared<StoredDelivery>(std::move(stored));
    batch.push_back(std::move(one));
    if (batch.size() == kRowsATransaction) store();
  });
  store();
  if (count > 0) {
    log::Info("deliveries were read from the journal", {{"count", std::to_string(count)}});
  }
}

void Inbox::LoadCounts() {
  auto indexing = indexing_.Lock();
  std::map<SourceName, DeliveryNumbers> stored;
  {
    Session session(database_);
    stored = CountRows(*session);
  }
  for (const auto& [source, numbers] : stored) indexing->queued[source] = numbers.queued;
  state_.Lock()->counts.Load(stored);
}

void Inbox::Recover() {
  {
    Transaction transaction(database_);
    transaction->Run("UPDATE deliveries SET status = 'queued' WHERE status = 'processing'");
    transaction.Commit();
  }
  LoadCounts();
}

Inbox::Positions Inbox::Collect() const {
  auto indexing = indexing_.Lock();
  const std::vector<UnindexedDelivery> fresh = std::exchange(written_.Lock()->fresh, {});
  YieldEvery turn(kLightSteps);
  for (const UnindexedDelivery& delivery : fresh) {
    indexing->unindexed.Add(delivery);
    turn.Step();
  }
  return indexing;
}

// Only what is there at the call: a stream of deliveries must not hold a reader up for ever.
void Inbox::IndexAll() const {
  for (std::size_t left = Unindexed(); left > 0;) {
    const std::size_t indexed = Index();
    left = indexed == 0 ? 0 : left - std::min(left, indexed);
  }
}

std::size_t Inbox::Index() const {
  auto indexing = Collect();
  return IndexFirst(indexing, kRowsATransaction, Durability::kLater);
}

std::size_t Inbox::IndexSettled() const {
  std::size_t sum = 0;
  int transactions = 0;
  for (std::size_t left = Unindexed(); left > 0;) {
    // Without a lock: who waits for one, or for this processor, comes first.
    std::this_thread::yield();
    auto indexing = Collect();
    const bool crowded = indexing->unindexed.size() > options_.max_unindexed / 2;
    const std::size_t count = crowded ? kRowsATransaction
                                      : indexing->unindexed.CountSettled(
                                            kRowsATransaction, clock_.Now() - options_.row_delay);
    const bool sync = ++transactions % kTransactionsASync == 0;
    const std::size_t indexed =
        IndexFirst(indexing, count, sync ? Durability::kAtCommit : Durability::kLater);
    sum += indexed;
    left = indexed == 0 ? 0 : left - std::min(left, indexed);
  }
  WriteKeysOfFullSegments();
  return sum;
}

std::size_t Inbox::IndexFirst(Positions& indexing, std::size_t count, Durability durability) const {
  const std::vector<UnindexedDelivery> batch = indexing->unindexed.First(count);
  if (batch.empty()) return 0;
  const JournalPosition end = batch.back().stored->place.RecordEnd();
  FailPoint("delivery-not-indexed");
  {
    // The journal is the truth until this is on the disk, and the position goes with the rows.
    Transaction transaction(database_, durability);
    {
      DeliveryInsertion insertion(*transaction);
      YieldEvery turn(kRowsATurn);
      for (const UnindexedDelivery& delivery : batch) {
        insertion.Run(delivery);
        turn.Step();
      }
    }
    AddToSegments(*transaction, batch, KeysOfRows::kOwed);
    SetIndexedUpTo(*transaction, end);
    transaction.Commit();
  }
  FailPoint("delivery-indexed");
  indexing->done = end;
  for (const UnindexedDelivery& delivery : batch) {
    if (delivery.status == DeliveryStatus::kQueued) {
      ++indexing->queued[delivery.stored->delivery.source];
    }
  }
  indexing->unindexed.DropFirst(batch.size());
  written_.Lock()->unindexed -= batch.size();
  return batch.size();
}

}  // namespace failgate
