#include "controller/store/segment_table.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

namespace failgate {

void AddToSegments(Connection& connection,
                   const std::vector<UnindexedDelivery>& deliveries,
                   KeysOfRows keys) {
  std::map<long long, std::pair<std::string_view, std::string_view>> ids;
  for (const UnindexedDelivery& delivery : deliveries) {
    const std::string_view id = delivery.stored->id;
    auto& [first, last] = ids.try_emplace(delivery.stored->place.segment, id, id).first->second;
    first = std::min(first, id);
    last = std::max(last, id);
  }
  for (const auto& [segment, range] : ids) {
    connection.Run(
        "INSERT INTO journal_segments (segment, first, last, keyed) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (segment) DO UPDATE SET first = min(first, excluded.first), "
        "last = max(last, excluded.last)",
        {segment, range.first, range.second, keys == KeysOfRows::kInTable});
  }
}

std::vector<long long> SegmentsWithoutKeys(Connection& connection) {
  std::vector<long long> segments;
  Rows rows = connection.Query("SELECT segment FROM journal_segments WHERE keyed = 0");
  while (rows.Next()) segments.push_back(rows.Integer(0));
  return segments;
}

void SetKeyed(Connection& connection, long long segment) {
  connection.Run("UPDATE journal_segments SET keyed = 1 WHERE segment = ?", {segment});
}

KeyedDeliveries KeysOfSegment(Connection& connection, long long segment) {
  KeyedDeliveries keys;
  Rows rows = connection.Query(
      "SELECT source, delivery_id, body_digest, id, received_at FROM journal_segments AS known "
      "JOIN deliveries ON deliveries.id BETWEEN known.first AND known.last "
      "AND deliveries.segment = known.segment WHERE known.segment = ? ORDER BY id",
      {segment});
  while (rows.Next()) {
    const auto key = KeyOf(SourceName(rows.Text(0)), rows.Text(1), rows.Text(2));
    if (key) keys.insert_or_assign(*key, KeyedDelivery{rows.Text(3), rows.Time(4)});
  }
  return keys;
}

bool HasRows(Connection& connection, long long segment) {
  return connection
      .Query(
          "SELECT 1 FROM journal_segments AS known JOIN deliveries ON deliveries.id BETWEEN "
          "known.first AND known.last AND deliveries.segment = known.segment "
          "WHERE known.segment = ? LIMIT 1",
          {segment})
      .Next();
}

Rows DeleteClosedRows(Connection& connection, long long segment, std::size_t limit) {
  return connection.Query(
      "DELETE FROM deliveries WHERE id IN (SELECT deliveries.id FROM journal_segments AS known "
      "JOIN deliveries ON deliveries.id BETWEEN known.first AND known.last "
      "AND deliveries.segment = known.segment "
      "WHERE known.segment = ? AND deliveries.status IN ('done', 'ignored') LIMIT ?) "
      "RETURNING source, status",
      {segment, limit});
}

void ForgetSegment(Connection& connection, long long segment) {
  connection.Run("DELETE FROM journal_segments WHERE segment = ?", {segment});
}

}  // namespace failgate
