#include "controller/store/delivery_table.h"

#include <fmt/format.h>

#include "controller/base/text.h"
#include "controller/store/json_columns.h"
#include "controller/store/words.h"

namespace failgate {
namespace {

constexpr const char* kIndexedKey = "journal.indexed";
// Headers stand in the journal, those of former versions in the column.
constexpr const char* kNoHeaders = "[]";

std::string Select(std::string_view rest) {
  return std::string(
             "SELECT id, source, provider, delivery_id, event_name, body_digest, body_bytes, "
             "headers, remote_address, received_at, status, ignored_because, refs, outcome, "
             "finished_at, replays FROM deliveries ") +
         std::string(rest);
}

DeliveryRecord RecordOf(const Rows& rows) {
  DeliveryRecord record;
  record.id = rows.Text(0);
  record.source = SourceName(rows.Text(1));
  record.provider = rows.Text(2);
  record.delivery_id = rows.Text(3);
  record.event_name = rows.Text(4);
  record.body_digest = rows.Text(5);
  record.body_bytes = static_cast<std::size_t>(rows.Integer(6));
  record.headers = DecodeHeaders(rows.Text(7));
  record.remote_address = rows.Text(8);
  record.received_at = rows.Time(9);
  record.status = MustParse(ParseDeliveryStatus(rows.Text(10)), "deliveries.status");
  record.ignored_because = rows.Text(11);
  record.refs = DecodeRefs(rows.Text(12));
  record.outcome_json = rows.Text(13);
  record.finished_at = rows.OptionalTime(14);
  record.replays = static_cast<int>(rows.Integer(15));
  return record;
}

}  // namespace

DeliveryInsertion::DeliveryInsertion(Connection& connection)
    : statement_(connection.Prepare(
          "INSERT INTO deliveries (id, source, provider, delivery_id, event_name, body_digest, "
          "body_bytes, segment, position, stored_bytes, head_bytes, headers, remote_address, "
          "received_at, status, ignored_because, refs, outcome, finished_at) "
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
          "ON CONFLICT (id) DO NOTHING")) {}

void DeliveryInsertion::Run(const UnindexedDelivery& one) {
  const StoredDelivery& stored = *one.stored;
  const NewDelivery& delivery = stored.delivery;
  statement_.Run({stored.id,
                  delivery.source,
                  delivery.provider,
                  delivery.delivery_id,
                  delivery.event_name,
                  delivery.body_digest,
                  stored.body_bytes,
                  stored.place.segment,
                  stored.place.offset,
                  stored.place.stored_bytes,
                  stored.place.head_bytes,
                  kNoHeaders,
                  delivery.remote_address,
                  delivery.received_at,
                  Word(one.status),
                  delivery.ignored_because,
                  EncodeRefs(delivery.refs),
                  one.outcome_json,
                  one.finished_at});
}

JournalPosition IndexedUpTo(Connection& connection) {
  Rows rows = connection.Query("SELECT value FROM meta WHERE key = ?", {kIndexedKey});
  if (!rows.Next()) return {};
  const std::vector<std::string> parts = Split(rows.Text(0), ' ');
  Check(parts.size() == 2, "the position in the journal is two numbers");
  const std::optional<long long> segment = ParseNonNegative(parts[0]);
  const std::optional<long long> offset = ParseNonNegative(parts[1]);
  Check(segment && offset, "the position in the journal is two numbers");
  return {*segment, *offset};
}

void SetIndexedUpTo(Connection& connection, JournalPosition position) {
  connection.Run(
      "INSERT INTO meta (key, value) VALUES (?, ?) "
      "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
      {kIndexedKey, fmt::format("{} {}", position.segment, position.offset)});
}

std::vector<DeliveryRow> TakeQueuedRows(Connection& connection,
                                        const SourceName& source,
                                        std::size_t limit) {
  std::vector<DeliveryRow> taken;
  std::vector<std::string> ids;
  Rows rows = connection.Query(
      "SELECT id, refs, body_bytes FROM deliveries WHERE source = ? AND status = 'queued' "
      "ORDER BY id LIMIT ?",
      {source, limit});
  while (rows.Next()) {
    ids.push_back(rows.Text(0));
    taken.push_back({{ids.back(), source, DecodeRefs(rows.Text(1))}, rows.Integer(2)});
  }
  connection.Run(
      "UPDATE deliveries SET status = 'processing' WHERE id IN (SELECT value FROM json_each(?))",
      {EncodeTexts(ids)});
  return taken;
}

std::optional<StoredBody> FindBody(Connection& connection, const std::string& id) {
  Rows rows = connection.Query(
      "SELECT segment, position, stored_bytes, head_bytes, body_bytes, body_digest FROM deliveries "
      "WHERE id = ?",
      {id});
  if (!rows.Next()) return std::nullopt;
  StoredBody body;
  body.place = {rows.Integer(0), rows.Integer(1), rows.Integer(2), rows.Integer(3)};
  body.body_bytes = static_cast<std::size_t>(rows.Integer(4));
  body.digest = rows.Text(5);
  return body;
}

std::map<SourceName, DeliveryNumbers> CountRows(Connection& connection) {
  std::map<SourceName, DeliveryNumbers> numbers;
  Rows rows = connection.Query(
      "SELECT source, status, count(*), sum(body_bytes) FROM deliveries GROUP BY source, status");
  while (rows.Next()) {
    numbers[SourceName(rows.Text(0))].Add(
        MustParse(ParseDeliveryStatus(rows.Text(1)), "deliveries.status"),
        rows.Integer(2),
        rows.Integer(3));
  }
  return numbers;
}

std::vector<DeliveryRecord> ListRows(Connection& connection, const DeliveryFilter& filter) {
  const std::string_view status = filter.status ? Word(*filter.status) : std::string_view();
  Rows rows = connection.Query(
      Select("WHERE (?1 = '' OR source = ?1) AND (?2 = '' OR status = ?2) AND (?3 = '' OR id < ?3) "
             "ORDER BY id DESC LIMIT ?4"),
      {filter.source, status, filter.before, filter.limit});
  std::vector<DeliveryRecord> records;
  while (rows.Next()) records.push_back(RecordOf(rows));
  return records;
}

std::optional<DeliveryRecord> FindRow(Connection& connection, const std::string& id) {
  Rows rows = connection.Query(Select("WHERE id = ?"), {id});
  if (!rows.Next()) return std::nullopt;
  return RecordOf(rows);
}

}  // namespace failgate
