#include "controller/store/inbox.h"

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <utility>

#include "controller/base/error.h"
#include "controller/base/log.h"
#include "controller/store/key_table.h"

namespace failgate {
namespace {

using Kind = AcceptOutcome::Kind;

// Its bursts of some ten milliseconds must not keep those waiting who answer.
constexpr int kIndexerNice = 10;

InboxCounts::Limits LimitsOf(const Inbox::Options& options) {
  return {options.max_queued_rows, options.max_queued_bytes, options.many_sources};
}

bool IsNew(const AcceptOutcome& outcome) {
  return outcome.kind == Kind::kQueued || outcome.kind == Kind::kIgnored;
}

DeliveryStatus StatusOf(const AcceptOutcome& outcome) {
  return outcome.kind == Kind::kQueued ? DeliveryStatus::kQueued : DeliveryStatus::kIgnored;
}

}  // namespace

Inbox::Inbox(Database& database,
             std::filesystem::path journal_folder,
             Options options,
             const Clock& clock)
    : database_(database),
      options_(options),
      clock_(clock),
      journal_(std::move(journal_folder), options.segment_bytes),
      state_(LimitsOf(options)) {
  LoadKeys();
  ReadJournal();
  LoadCounts();
}

Inbox::~Inbox() {
  Stop();
}

void Inbox::OnQueued(std::function<void()> wake) {
  on_queued_ = std::move(wake);
}

void Inbox::OnAnswering(std::function<std::shared_ptr<void>()> together) {
  together_ = std::move(together);
}

void Inbox::Start() {
  PrepareSegment();
  // Apart from the indexer: in a flood both have to do at once, and a segment that is not prepared
  // in time makes every sync of it slow.
  PeriodicLoop::Options preparing;
  preparing.name = "inbox-segment";
  preparing.period = options_.index_every;
  preparer_ = std::make_unique<PeriodicLoop>(preparing, [this] { PrepareSegment(); });
  PeriodicLoop::Options indexing;
  indexing.name = "inbox-index";
  indexing.period = options_.index_every;
  indexing.rest = options_.index_every / 4;
  indexing.nice = kIndexerNice;
  indexer_ = std::make_unique<PeriodicLoop>(indexing, [this] { IndexSettled(); });
  PeriodicLoop::Options writing;
  writing.name = "inbox";
  writing.short_slices = true;
  writer_ = std::make_unique<PeriodicLoop>(writing, [this] {
    while (Step() > 0) {
    }
  });
}

// Not needed: without it only the syncs are slower, so a full disk must not end the caller.
void Inbox::PrepareSegment() {
  try {
    journal_.PrepareNext();
    prepare_failing_ = false;
  } catch (const std::exception& error) {
    if (!std::exchange(prepare_failing_, true)) {
      log::Warning("no segment of the journal could be written beforehand",
                   {{"cause", error.what()}});
    }
  }
}

void Inbox::Stop() {
  {
    auto state = state_.Lock();
    if (std::exchange(state->stopped, true)) return;
  }
  if (writer_) writer_->Stop();
  while (Step() > 0) {
  }
  if (preparer_) preparer_->Stop();
  if (indexer_) indexer_->Stop();
  try {
    IndexAll();
  } catch (const std::exception& error) {
    log::Warning("deliveries stay in the journal only until the next start",
                 {{"cause", error.what()}});
  }
}

void Inbox::Accept(NewDelivery delivery, std::function<void(AcceptOutcome)> done) {
  Collect(std::move(delivery), std::move(done));
  Write();
}

void Inbox::Collect(NewDelivery delivery, std::function<void(AcceptOutcome)> done) {
  bool accepted = false;
  {
    auto state = state_.Lock();
    if (!state->stopped && state->counts.HasRoom(delivery.source, delivery.body.size())) {
      accepted = true;
      const auto bytes = static_cast<long long>(delivery.body.size());
      SourceName source = delivery.source;
      state->counts.AddWaiting(source, 1, bytes);
      state->waiting.push_back(Waiting{std::move(delivery),
                                       std::move(done),
                                       std::move(source),
                                       bytes,
                                       std::nullopt,
                                       AcceptOutcome()});
    }
  }
  if (!accepted) done(AcceptOutcome{Kind::kFull, ""});
}

void Inbox::Write() {
  if (writer_ && !state_.Lock()->waiting.empty()) writer_->Wake();
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
  return batch;
}

std::size_t Inbox::Step() {
  std::vector<Waiting> batch = TakeBatch();
  if (batch.empty()) return 0;
  Settle(batch, WriteBatch(batch));
  // In a flood a segment is full within one period of the preparer.
  if (preparer_ && journal_.WantsNext()) preparer_->Wake();
  const bool queued = std::any_of(batch.begin(), batch.end(), [](const Waiting& waiting) {
    return waiting.outcome.kind == Kind::kQueued;
  });
  {
    const std::shared_ptr<void> together = together_ ? together_() : nullptr;
    for (Waiting& waiting : batch) waiting.done(std::move(waiting.outcome));
  }
  if (queued && on_queued_) on_queued_();
  return batch.size();
}

std::vector<UnindexedDelivery> Inbox::WriteBatch(std::vector<Waiting>& batch) {
  try {
    while (Unindexed() >= options_.max_unindexed) Index();
    GiveIds(batch);
    std::vector<UnindexedDelivery> written = Append(batch);
    if (failing_) log::Info("webhook deliveries can be stored again");
    failing_ = false;
    return written;
  } catch (const std::exception& error) {
    // One line when it begins, not one for each sender that tries again.
    if (!failing_) log::Error("storing webhook deliveries failed", {{"cause", error.what()}});
    failing_ = true;
    for (Waiting& waiting : batch) waiting.outcome = AcceptOutcome();
    return {};
  }
}

// Known ones cost no disk: a sender that repeats itself cannot fill it.
void Inbox::GiveIds(std::vector<Waiting>& batch) {
  std::unordered_map<DeliveryKey, std::string, DeliveryKeyHash> of_batch;
  for (Waiting& waiting : batch) {
    const NewDelivery& delivery = waiting.delivery;
    waiting.key = KeyOf(delivery.source, delivery.delivery_id, delivery.body_digest);
    std::optional<std::string> known = KnownDelivery(waiting);
    if (!known && waiting.key) {
      const auto found = of_batch.find(*waiting.key);
      if (found != of_batch.end()) known = found->second;
    }
    if (known) {
      waiting.outcome = AcceptOutcome{Kind::kDuplicate, std::move(*known)};
      continue;
    }
    const bool queued = delivery.kind == NewDelivery::Kind::kQueued;
    waiting.outcome = AcceptOutcome{queued ? Kind::kQueued : Kind::kIgnored,
                                    database_.NextId(delivery.received_at)};
    if (waiting.key) of_batch.emplace(*waiting.key, waiting.outcome.id);
  }
}

std::optional<std::string> Inbox::KnownDelivery(const Waiting& waiting) const {
  if (!waiting.key || !seen_.MayHave(*waiting.key)) return std::nullopt;
  const TimePoint since = waiting.delivery.received_at - options_.duplicate_window;
  // In this order: it is in the database before it leaves the memory.
  std::optional<std::string> known = written_.Lock()->keys.Find(*waiting.key, since);
  if (known) return known;
  ReadSession session(database_);
  return FindKey(*session, *waiting.key, since);
}

std::vector<UnindexedDelivery> Inbox::Append(std::vector<Waiting>& batch) {
  std::vector<DeliveryJournal::Entry> entries;
  for (const Waiting& waiting : batch) {
    if (IsNew(waiting.outcome)) entries.push_back({waiting.outcome.id, waiting.delivery});
  }
  const std::vector<BodyPlace> places = journal_.Append(entries);
  std::vector<UnindexedDelivery> written;
  written.reserve(places.size());
  for (Waiting& waiting : batch) {
    if (!IsNew(waiting.outcome)) continue;
    auto stored = std::make_shared<StoredDelivery>();
    stored->id = waiting.outcome.id;
    std::string().swap(waiting.delivery.body);
    stored->delivery = std::move(waiting.delivery);
    stored->body_bytes = static_cast<std::size_t>(waiting.body_bytes);
    stored->place = places.at(written.size());
    written.push_back(
        {std::move(stored), waiting.key, StatusOf(waiting.outcome), "", std::nullopt});
    if (waiting.key) seen_.Add(*waiting.key);
  }
  return written;
}

// Counted first: whoever takes one out of the list takes it out of the numbers too.
void Inbox::Settle(const std::vector<Waiting>& batch, std::vector<UnindexedDelivery> written) {
  {
    auto state = state_.Lock();
    for (const Waiting& waiting : batch) {
      state->counts.AddWaiting(waiting.source, -1, -waiting.body_bytes);
      if (!IsNew(waiting.outcome)) continue;
      state->counts.Add(waiting.source, StatusOf(waiting.outcome), 1, waiting.body_bytes);
    }
  }
  auto all = written_.Lock();
  all->unindexed += written.size();
  for (UnindexedDelivery& delivery : written) {
    const StoredDelivery& stored = *delivery.stored;
    if (delivery.key) {
      all->keys.Add(stored.place.segment, *delivery.key, {stored.id, stored.delivery.received_at});
    }
    all->fresh.push_back(std::move(delivery));
  }
}

}  // namespace failgate
