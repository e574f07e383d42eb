#include "controller/store/key_table.h"

#include <utility>

namespace failgate {
namespace {

// SQLite's integers have a sign; only equality matters.
long long Signed(std::uint64_t word) {
  return static_cast<long long>(word);
}

}  // namespace

KeyInsertion::KeyInsertion(Connection& connection)
    : statement_(connection.Prepare(
          "INSERT INTO keys_by_segment (segment, high, low, delivery, received_at) "
          "VALUES (?, ?, ?, ?, ?) ON CONFLICT (segment, high, low) DO UPDATE SET "
          "delivery = excluded.delivery, received_at = excluded.received_at")) {}

void KeyInsertion::Run(long long segment,
                       const DeliveryKey& key,
                       std::string_view delivery,
                       TimePoint received_at) {
  statement_.Run({segment, Signed(key.words[0]), Signed(key.words[1]), delivery, received_at});
}

bool KeyOrder(const DeliveryKey& one, const DeliveryKey& other) {
  return std::pair(Signed(one.words[0]), Signed(one.words[1])) <
         std::pair(Signed(other.words[0]), Signed(other.words[1]));
}

std::optional<std::string> FindKey(Connection& connection,
                                   const DeliveryKey& key,
                                   TimePoint since) {
  // CROSS JOIN keeps the order, and LIMIT ends the walk at the first that is found.
  Rows rows = connection.Query(
      "WITH RECURSIVE newest_first (segment) AS ("
      "  SELECT max(segment) FROM keys_by_segment UNION ALL"
      "  SELECT (SELECT max(segment) FROM keys_by_segment WHERE segment < newest_first.segment)"
      "  FROM newest_first WHERE newest_first.segment IS NOT NULL) "
      "SELECT keys.delivery FROM newest_first CROSS JOIN keys_by_segment AS keys "
      "ON keys.segment = newest_first.segment AND keys.high = ? AND keys.low = ? "
      "WHERE keys.received_at >= ? LIMIT 1",
      {Signed(key.words[0]), Signed(key.words[1]), since});
  if (!rows.Next()) return std::nullopt;
  return rows.Text(0);
}

void EachKey(Connection& connection, const std::function<void(const DeliveryKey&)>& each) {
  Rows rows = connection.Query("SELECT high, low FROM keys_by_segment");
  while (rows.Next()) {
    each(DeliveryKey{{static_cast<std::uint64_t>(rows.Integer(0)),
                      static_cast<std::uint64_t>(rows.Integer(1))}});
  }
}

std::size_t DeleteKeysBefore(Connection& connection, TimePoint time, std::size_t limit) {
  std::size_t deleted = 0;
  for (long long segment = -1; deleted < limit;) {
    {
      Rows next = connection.Query(
          "SELECT segment FROM keys_by_segment WHERE segment > ? ORDER BY segment LIMIT 1",
          {segment});
      if (!next.Next()) return deleted;
      segment = next.Integer(0);
    }
    deleted += static_cast<std::size_t>(connection.Run(
        "DELETE FROM keys_by_segment WHERE segment = ?1 AND (high, low) IN (SELECT high, low FROM "
        "keys_by_segment WHERE segment = ?1 AND received_at < ?2 LIMIT ?3)",
        {segment, time, limit - deleted}));
    Rows left =
        connection.Query("SELECT 1 FROM keys_by_segment WHERE segment = ? LIMIT 1", {segment});
    // Segments are written one after the other: the keys of the next ones are younger still.
    if (left.Next()) return deleted;
  }
  return deleted;
}

}  // namespace failgate
