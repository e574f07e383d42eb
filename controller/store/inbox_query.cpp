// What the inbox answers and changes row by row; inbox.cpp holds the way in.
#include <set>
#include <utility>

#include "controller/base/digest.h"
#include "controller/base/error.h"
#include "controller/store/delivery_row.h"
#include "controller/store/inbox.h"
#include "controller/store/json_columns.h"
#include "controller/store/words.h"

namespace failgate {
namespace {

std::vector<DeliveryRecord> AllOf(Rows rows) {
  std::vector<DeliveryRecord> records;
  while (rows.Next()) records.push_back(DeliveryOf(rows));
  return records;
}

long long BodyBytes(Connection& connection, const std::string& id) {
  Rows rows = connection.Query("SELECT body_bytes FROM deliveries WHERE id = ?", {id});
  return rows.Next() ? rows.Integer(0) : 0;
}

}  // namespace

std::string SelectDeliveries(std::string_view rest) {
  return std::string(
             "SELECT id, source, provider, delivery_id, event_name, body_sha256, body_bytes, "
             "headers, remote_address, received_at, status, ignored_because, refs, outcome, "
             "finished_at, replays FROM deliveries ") +
         std::string(rest);
}

DeliveryRecord DeliveryOf(const Rows& rows) {
  DeliveryRecord record;
  record.id = rows.Text(0);
  record.source = SourceName(rows.Text(1));
  record.provider = rows.Text(2);
  record.delivery_id = rows.Text(3);
  record.event_name = rows.Text(4);
  record.body_sha256 = rows.Text(5);
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

std::vector<QueuedDelivery> Inbox::TakeQueued(std::size_t limit,
                                              const std::set<SourceName>& except) {
  std::vector<std::string> left_out;
  for (const SourceName& source : except) left_out.push_back(source.text());
  std::vector<QueuedDelivery> taken;
  std::vector<std::string> ids;
  long long bytes = 0;
  {
    Transaction transaction(database_);
    Rows rows = transaction->Query(
        "SELECT id, source, refs, body_bytes FROM deliveries WHERE status = 'queued' AND source "
        "NOT IN (SELECT value FROM json_each(?)) ORDER BY id LIMIT ?",
        {EncodeTexts(left_out), limit});
    while (rows.Next()) {
      taken.push_back({rows.Text(0), SourceName(rows.Text(1)), DecodeRefs(rows.Text(2))});
      ids.push_back(taken.back().id);
      bytes += rows.Integer(3);
    }
    if (!taken.empty()) {
      transaction->Run(
          "UPDATE deliveries SET status = 'processing' WHERE id IN (SELECT value FROM "
          "json_each(?))",
          {EncodeTexts(ids)});
      transaction.Commit();
    }
  }
  CountQueued(-static_cast<long long>(taken.size()), -bytes);
  return taken;
}

void Inbox::MarkDone(const std::vector<DeliveryResult>& results) {
  if (results.empty()) return;
  Transaction transaction(database_);
  for (const DeliveryResult& result : results) {
    transaction->Run(
        "UPDATE deliveries SET status = 'done', outcome = ?, finished_at = ? WHERE status = "
        "'processing' AND id IN (SELECT value FROM json_each(?))",
        {result.outcome_json, clock_.Now(), EncodeTexts(result.ids)});
  }
  transaction.Commit();
}

void Inbox::GiveBack(const std::vector<std::string>& ids) {
  long long rows = 0;
  long long bytes = 0;
  {
    Transaction transaction(database_);
    for (const std::string& id : ids) {
      const int changed = transaction->Run(
          "UPDATE deliveries SET status = 'queued' WHERE id = ? AND status = 'processing'", {id});
      if (changed == 0) continue;
      ++rows;
      bytes += BodyBytes(*transaction, id);
    }
    transaction.Commit();
  }
  CountQueued(rows, bytes);
}

std::vector<DeliveryRecord> Inbox::List(const DeliveryFilter& filter) const {
  const std::string_view status = filter.status ? Word(*filter.status) : std::string_view();
  Session session(database_);
  return AllOf(session->Query(
      SelectDeliveries("WHERE (?1 = '' OR source = ?1) AND (?2 = '' OR status = ?2) AND (?3 = '' "
                       "OR id < ?3) ORDER BY id DESC LIMIT ?4"),
      {filter.source, status, filter.before, filter.limit}));
}

std::optional<DeliveryRecord> Inbox::Show(const std::string& id) const {
  Session session(database_);
  Rows rows = session->Query(SelectDeliveries("WHERE id = ?"), {id});
  if (!rows.Next()) return std::nullopt;
  return DeliveryOf(rows);
}

std::optional<std::string> Inbox::Body(const std::string& id) const {
  BodyPlace place;
  std::size_t body_bytes = 0;
  std::string sha256;
  {
    Session session(database_);
    Rows rows = session->Query(
        "SELECT segment, position, stored_bytes, body_bytes, body_sha256 FROM deliveries WHERE id "
        "= ?",
        {id});
    if (!rows.Next()) return std::nullopt;
    place.segment = rows.Integer(0);
    place.offset = rows.Integer(1);
    place.stored_bytes = rows.Integer(2);
    body_bytes = static_cast<std::size_t>(rows.Integer(3));
    sha256 = rows.Text(4);
  }
  std::string body = bodies_.Read(place, body_bytes);
  if (Sha256Hex(body) != sha256) {
    throw Error(Remedy::kNeedsChange, "the stored body of delivery " + id + " is damaged");
  }
  return body;
}

bool Inbox::Replay(const std::string& id) {
  long long bytes = 0;
  {
    Transaction transaction(database_);
    const int changed = transaction->Run(
        "UPDATE deliveries SET status = 'queued', outcome = '', finished_at = NULL, "
        "replays = replays + 1 WHERE id = ? AND status IN ('done', 'ignored')",
        {id});
    if (changed == 0) {
      return transaction->Query("SELECT 1 FROM deliveries WHERE id = ?", {id}).Next();
    }
    bytes = BodyBytes(*transaction, id);
    transaction.Commit();
  }
  CountQueued(1, bytes);
  if (on_queued_) on_queued_();
  return true;
}

InboxStatistics Inbox::Statistics() const {
  InboxStatistics statistics;
  {
    auto state = state_.Lock();
    statistics.waiting = state->waiting.size() + state->writing_rows;
  }
  Session session(database_);
  {
    Rows rows = session->Query("SELECT status, count(*) FROM deliveries GROUP BY status");
    while (rows.Next()) {
      const auto count = static_cast<std::size_t>(rows.Integer(1));
      switch (MustParse(ParseDeliveryStatus(rows.Text(0)), "deliveries.status")) {
        case DeliveryStatus::kQueued:
          statistics.queued = count;
          break;
        case DeliveryStatus::kProcessing:
          statistics.processing = count;
          break;
        case DeliveryStatus::kDone:
          statistics.done = count;
          break;
        case DeliveryStatus::kIgnored:
          statistics.ignored = count;
          break;
      }
    }
  }
  Rows oldest = session->Query(
      "SELECT received_at FROM deliveries WHERE status = 'queued' ORDER BY id LIMIT 1");
  if (oldest.Next()) statistics.oldest_queued = oldest.Time(0);
  return statistics;
}

void Inbox::Prune() {
  const TimePoint now = clock_.Now();
  const long long end = bodies_.Writing();
  {
    Transaction transaction(database_);
    transaction->Run(
        "DELETE FROM deliveries WHERE status IN ('done', 'ignored') AND received_at < ?",
        {now - options_.keep});
    transaction->Run("DELETE FROM delivery_keys WHERE received_at < ?",
                     {now - options_.duplicate_window});
    transaction.Commit();
  }
  std::set<long long> used;
  {
    Session session(database_);
    Rows rows = session->Query("SELECT DISTINCT segment FROM deliveries");
    while (rows.Next()) used.insert(rows.Integer(0));
  }
  bodies_.RemoveUnused(used, end);
}

}  // namespace failgate
