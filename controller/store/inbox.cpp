#include "controller/store/inbox.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "controller/base/error.h"
#include "controller/base/log.h"
#include "controller/store/json_columns.h"

namespace failgate {
namespace {

using Kind = AcceptOutcome::Kind;

long long SizeOf(const NewDelivery& delivery) {
  return static_cast<long long>(delivery.body.size());
}

std::optional<std::string> KnownDelivery(Connection& connection,
                                         const NewDelivery& delivery,
                                         Milliseconds window) {
  // Without the sender's id equal bodies may be different pushes (back and forth).
  if (delivery.delivery_id.empty()) return std::nullopt;
  Rows rows = connection.Query(
      "SELECT delivery FROM delivery_keys WHERE source = ? AND delivery_id = ? AND body_sha256 = ? "
      "AND received_at >= ?",
      {delivery.source, delivery.delivery_id, delivery.body_sha256, delivery.received_at - window});
  if (!rows.Next()) return std::nullopt;
  return rows.Text(0);
}

void InsertKey(Connection& connection, const NewDelivery& delivery, const std::string& id) {
  if (delivery.delivery_id.empty()) return;
  connection.Run(
      "INSERT INTO delivery_keys (source, delivery_id, body_sha256, delivery, received_at) "
      "VALUES (?, ?, ?, ?, ?) ON CONFLICT (source, delivery_id, body_sha256) DO UPDATE SET "
      "delivery = excluded.delivery, received_at = excluded.received_at",
      {delivery.source, delivery.delivery_id, delivery.body_sha256, id, delivery.received_at});
}

void InsertDelivery(Connection& connection,
                    const NewDelivery& delivery,
                    const std::string& id,
                    const BodyPlace& place) {
  const DeliveryStatus status = delivery.kind == NewDelivery::Kind::kQueued
                                    ? DeliveryStatus::kQueued
                                    : DeliveryStatus::kIgnored;
  connection.Run(
      "INSERT INTO deliveries (id, source, provider, delivery_id, event_name, body_sha256, "
      "body_bytes, segment, position, stored_bytes, headers, remote_address, received_at, status, "
      "ignored_because, refs) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {id,
       delivery.source,
       delivery.provider,
       delivery.delivery_id,
       delivery.event_name,
       delivery.body_sha256,
       delivery.body.size(),
       place.segment,
       place.offset,
       place.stored_bytes,
       EncodeHeaders(delivery.headers),
       delivery.remote_address,
       delivery.received_at,
       Word(status),
       delivery.ignored_because,
       EncodeRefs(delivery.refs)});
}

}  // namespace

Inbox::Inbox(Database& database,
             std::filesystem::path body_folder,
             Options options,
             const Clock& clock)
    : database_(database),
      options_(options),
      clock_(clock),
      bodies_(std::move(body_folder), options.segment_bytes) {
  Session session(database_);
  Rows rows = session->Query(
      "SELECT count(*), coalesce(sum(body_bytes), 0) FROM deliveries WHERE status = 'queued'");
  if (rows.Next()) CountQueued(rows.Integer(0), rows.Integer(1));
}

Inbox::~Inbox() {
  Stop();
}

void Inbox::OnQueued(std::function<void()> wake) {
  on_queued_ = std::move(wake);
}

void Inbox::Recover() {
  long long rows_back = 0;
  long long bytes_back = 0;
  {
    Transaction transaction(database_);
    {
      Rows rows = transaction->Query(
          "SELECT count(*), coalesce(sum(body_bytes), 0) FROM deliveries "
          "WHERE status = 'processing'");
      if (rows.Next()) {
        rows_back = rows.Integer(0);
        bytes_back = rows.Integer(1);
      }
    }
    transaction->Run("UPDATE deliveries SET status = 'queued' WHERE status = 'processing'");
    transaction.Commit();
  }
  CountQueued(rows_back, bytes_back);
}

void Inbox::Start() {
  PeriodicLoop::Options options;
  options.name = "inbox";
  writer_ = std::make_unique<PeriodicLoop>(options, [this] {
    while (Step() > 0) {
    }
  });
}

void Inbox::Stop() {
  {
    auto state = state_.Lock();
    if (std::exchange(state->stopped, true)) return;
  }
  if (writer_) writer_->Stop();
  while (Step() > 0) {
  }
}

bool Inbox::IsFull(const State& state, const NewDelivery& delivery) const {
  const long long rows = state.queued_rows + static_cast<long long>(state.waiting.size());
  const long long bytes = state.queued_bytes + state.waiting_bytes + SizeOf(delivery);
  return rows >= static_cast<long long>(options_.max_queued_rows) ||
         bytes > static_cast<long long>(options_.max_queued_bytes);
}

void Inbox::Accept(NewDelivery delivery, std::function<void(AcceptOutcome)> done) {
  bool accepted = false;
  bool first = false;
  {
    auto state = state_.Lock();
    if (!state->stopped && !IsFull(*state, delivery)) {
      accepted = true;
      first = state->waiting.empty();
      state->waiting_bytes += SizeOf(delivery);
      state->waiting.push_back(Waiting{std::move(delivery), std::move(done), AcceptOutcome()});
    }
  }
  if (!accepted) {
    done(AcceptOutcome{Kind::kFull, ""});
    return;
  }
  // Whoever found the list empty wakes the writer; the others are taken along.
  if (first && writer_) writer_->Wake();
}

std::vector<Inbox::Waiting> Inbox::TakeBatch() {
  std::vector<Waiting> batch;
  auto state = state_.Lock();
  if (state->waiting.size() <= options_.max_batch_rows) {
    batch.swap(state->waiting);
  } else {
    const auto end = state->waiting.begin() + static_cast<long>(options_.max_batch_rows);
    batch.assign(std::make_move_iterator(state->waiting.begin()), std::make_move_iterator(end));
    state->waiting.erase(state->waiting.begin(), end);
  }
  for (const Waiting& waiting : batch) {
    state->waiting_bytes -= SizeOf(waiting.delivery);
    state->queued_bytes += SizeOf(waiting.delivery);
  }
  state->queued_rows += static_cast<long long>(batch.size());
  state->writing_rows = batch.size();
  return batch;
}

std::size_t Inbox::Step() {
  std::vector<Waiting> batch = TakeBatch();
  if (batch.empty()) return 0;
  WriteBatch(batch);
  long long rows_not_queued = 0;
  long long bytes_not_queued = 0;
  for (const Waiting& waiting : batch) {
    if (waiting.outcome.kind == Kind::kQueued) continue;
    ++rows_not_queued;
    bytes_not_queued += SizeOf(waiting.delivery);
  }
  CountQueued(-rows_not_queued, -bytes_not_queued);
  for (Waiting& waiting : batch) waiting.done(std::move(waiting.outcome));
  state_.Lock()->writing_rows = 0;
  if (on_queued_ && rows_not_queued < static_cast<long long>(batch.size())) on_queued_();
  return batch.size();
}

void Inbox::WriteBatch(std::vector<Waiting>& batch) {
  try {
    FindDuplicates(batch);
    std::vector<std::string_view> bodies;
    for (const Waiting& waiting : batch) {
      if (waiting.outcome.kind != Kind::kDuplicate) bodies.emplace_back(waiting.delivery.body);
    }
    if (!bodies.empty()) InsertRows(batch, bodies_.Append(bodies));
    if (failing_) log::Info("webhook deliveries can be stored again");
    failing_ = false;
  } catch (const std::exception& error) {
    // One line when it begins, not one for each sender that tries again.
    if (!failing_) log::Error("storing webhook deliveries failed", {{"cause", error.what()}});
    failing_ = true;
    for (Waiting& waiting : batch) waiting.outcome = AcceptOutcome();
  }
}

// Known ones cost no disk: a sender that repeats itself cannot fill it.
void Inbox::FindDuplicates(std::vector<Waiting>& batch) {
  Session session(database_);
  for (Waiting& waiting : batch) {
    std::optional<std::string> known =
        KnownDelivery(*session, waiting.delivery, options_.duplicate_window);
    if (known) waiting.outcome = AcceptOutcome{Kind::kDuplicate, std::move(*known)};
  }
}

void Inbox::InsertRows(std::vector<Waiting>& batch, const std::vector<BodyPlace>& places) {
  std::size_t next_place = 0;
  Transaction transaction(database_);
  for (Waiting& waiting : batch) {
    if (waiting.outcome.kind == Kind::kDuplicate) continue;
    const BodyPlace& place = places.at(next_place++);
    const NewDelivery& delivery = waiting.delivery;
    // Asked again: the first of two may be in this very batch.
    std::optional<std::string> known =
        KnownDelivery(*transaction, delivery, options_.duplicate_window);
    if (known) {
      waiting.outcome = AcceptOutcome{Kind::kDuplicate, std::move(*known)};
      continue;
    }
    const std::string id = database_.NextId(delivery.received_at);
    InsertKey(*transaction, delivery, id);
    InsertDelivery(*transaction, delivery, id, place);
    const bool queued = delivery.kind == NewDelivery::Kind::kQueued;
    waiting.outcome = AcceptOutcome{queued ? Kind::kQueued : Kind::kIgnored, id};
  }
  transaction.Commit();
}

void Inbox::CountQueued(long long rows, long long bytes) {
  auto state = state_.Lock();
  state->queued_rows += rows;
  state->queued_bytes += bytes;
}

}  // namespace failgate
