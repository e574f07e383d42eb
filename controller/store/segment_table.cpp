#include "controller/store/segment_table.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

namespace failgate {

void AddToSegments(Connection& connection, const std::vector<UnindexedDelivery>& deliveries) {
  std::map<long long, std::pair<std::string_view, std::string_view>> ids;
  for (const UnindexedDelivery& delivery : deliveries) {
    const std::string_view id = delivery.stored->id;
    auto& [first, last] = ids.try_emplace(delivery.stored->place.segment, id, id).first->second;
    first = std::min(first, id);
    last = std::max(last, id);
  }
  for (const auto& [segment, range] : ids) {
    connection.Run(
        "INSERT INTO journal_segments (segment, first, last) VALUES (?, ?, ?) "
        "ON CONFLICT (segment) DO UPDATE SET first = min(first, excluded.first), "
        "last = max(last, excluded.last)",
        {segment, range.first, range.second});
  }
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
