// How long deliveries are kept: by age, and by what the journal takes on the disk.
#include <fmt/format.h>

#include "controller/base/error.h"
#include "controller/store/delivery_table.h"
#include "controller/store/inbox.h"
#include "controller/store/key_table.h"
#include "controller/store/segment_table.h"
#include "controller/store/words.h"

namespace failgate {
namespace {

// Short transactions: whoever answers the API waits for the same lock.
constexpr std::size_t kRowsATransaction = 500;

// The ids of a time and later are not less than this (UUID 7: 48 bits of milliseconds first).
std::string FirstIdOf(TimePoint time) {
  const auto milliseconds = static_cast<unsigned long long>(time.time_since_epoch().count());
  return fmt::format("{:08x}-{:04x}", milliseconds >> 16U, milliseconds & 0xFFFFU);
}

std::vector<std::pair<SourceName, DeliveryStatus>> AllOf(Rows rows) {
  std::vector<std::pair<SourceName, DeliveryStatus>> deleted;
  while (rows.Next()) {
    deleted.emplace_back(rows.Text(0),
                         MustParse(ParseDeliveryStatus(rows.Text(1)), "deliveries.status"));
  }
  return deleted;
}

}  // namespace

void Inbox::Prune() {
  IndexAll();
  DeleteOldRows();
  DeleteOldSegments();
}

void Inbox::CountDeleted(const Deleted& deleted) {
  auto state = state_.Lock();
  for (const auto& [source, status] : deleted) state->counts.Add(source, status, -1, 0);
}

void Inbox::DeleteOldRows() {
  const TimePoint now = clock_.Now();
  for (std::size_t count = kRowsATransaction; count == kRowsATransaction;) {
    Deleted deleted;
    {
      Transaction transaction(database_);
      deleted = AllOf(transaction->Query(
          "DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries WHERE id < ? AND status "
          "IN ('done', 'ignored') ORDER BY id LIMIT ?) RETURNING source, status",
          {FirstIdOf(now - options_.keep), kRowsATransaction}));
      if (!deleted.empty()) transaction.Commit();
    }
    CountDeleted(deleted);
    count = deleted.size();
  }
  for (std::size_t count = kRowsATransaction; count == kRowsATransaction;) {
    Transaction transaction(database_);
    count = DeleteKeysBefore(*transaction, now - options_.duplicate_window, kRowsATransaction);
    if (count > 0) transaction.Commit();
  }
}

// Segments behind the database's position are being written or still to be read: they stay.
void Inbox::DeleteOldSegments() {
  const long long end = indexing_.Lock()->done.segment;
  const JournalFolder& folder = journal_.folder();
  long long bytes = folder.Bytes();
  for (const long long segment : folder.Segments()) {
    if (segment >= end) return;
    if (bytes > options_.max_journal_bytes) DeleteClosedRows(segment);
    {
      Session session(database_);
      if (HasRows(*session, segment)) continue;
    }
    bytes -= folder.BytesOf(segment);
    folder.Remove(segment);
    Session session(database_);
    ForgetSegment(*session, segment);
  }
}

void Inbox::DeleteClosedRows(long long segment) {
  for (std::size_t count = kRowsATransaction; count == kRowsATransaction;) {
    Deleted deleted;
    {
      Transaction transaction(database_);
      deleted = AllOf(failgate::DeleteClosedRows(*transaction, segment, kRowsATransaction));
      if (!deleted.empty()) transaction.Commit();
    }
    CountDeleted(deleted);
    count = deleted.size();
  }
}

}  // namespace failgate
