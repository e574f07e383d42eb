// Keys of deliveries: in memory while their segment grows, then in the database, a whole segment in
// the order of the table. Row by row they would touch nearly every page of the table each time.
#include <algorithm>
#include <thread>

#include "controller/base/yield_every.h"
#include "controller/store/inbox.h"
#include "controller/store/key_table.h"
#include "controller/store/segment_table.h"

namespace failgate {
namespace {

// Short transactions: whoever answers waits for the same lock.
constexpr std::size_t kKeysATransaction = 512;
constexpr std::size_t kKeysATurn = 32;

using Entry = KeyedDeliveries::value_type;

std::vector<const Entry*> InOrder(const KeyedDeliveries& keys) {
  std::vector<const Entry*> sorted;
  sorted.reserve(keys.size());
  for (const Entry& entry : keys) sorted.push_back(&entry);
  std::sort(sorted.begin(), sorted.end(), [](const Entry* one, const Entry* other) {
    return KeyOrder(one->first, other->first);
  });
  return sorted;
}

}  // namespace

// Unfinished it is done again: a key that is there already only gets the same delivery again.
void Inbox::WriteKeys(long long segment, const KeyedDeliveries& keys) const {
  const std::vector<const Entry*> sorted = InOrder(keys);
  auto next = sorted.begin();
  do {
    // Without a lock: who waits for one, or for this processor, comes first.
    std::this_thread::yield();
    Transaction transaction(database_, Durability::kLater);
    const auto left = static_cast<std::size_t>(sorted.end() - next);
    const auto end = next + static_cast<std::ptrdiff_t>(std::min(left, kKeysATransaction));
    KeyInsertion insertion(*transaction);
    YieldEvery turn(kKeysATurn);
    for (; next != end; ++next) {
      const auto& [key, delivery] = **next;
      insertion.Run(segment, key, delivery.id, delivery.received_at);
      turn.Step();
    }
    if (next == sorted.end()) SetKeyed(*transaction, segment);
    transaction.Commit();
  } while (next != sorted.end());
}

void Inbox::WriteKeysOfFullSegments() const {
  const long long end = indexing_.Lock()->done.segment;
  while (true) {
    const auto segment = written_.Lock()->keys.OldestBefore(end);
    if (!segment) return;
    WriteKeys(segment->number, *segment->keys);
    written_.Lock()->keys.Drop(segment->number);
  }
}

// A former life may have ended before its last segments were full.
void Inbox::LoadKeys() {
  std::vector<long long> owed;
  {
    Session session(database_);
    owed = SegmentsWithoutKeys(*session);
  }
  for (const long long segment : owed) {
    KeyedDeliveries keys;
    {
      Session session(database_);
      keys = KeysOfSegment(*session, segment);
    }
    WriteKeys(segment, keys);
  }
  Session session(database_);
  EachKey(*session, [this](const DeliveryKey& key) { seen_.Add(key); });
}

}  // namespace failgate
