#include "controller/store/event_queue.h"

#include <algorithm>
#include <array>

#include "controller/base/error.h"
#include "controller/store/json_columns.h"
#include "controller/store/words.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxDeliveries = 100;
constexpr const char* kColumns =
    "SELECT id, source, ref, trigger_word, deliveries, first_at, latest_at, attempts, not_before "
    "FROM events ";

int Strength(EventTrigger trigger) {
  switch (trigger) {
    case EventTrigger::kPoll:
      return 0;
    case EventTrigger::kSchedule:
    case EventTrigger::kData:
      return 1;
    case EventTrigger::kDelivery:
      return 2;
    case EventTrigger::kManual:
      return 3;
  }
  return 0;
}

struct StoredEvent {
  Event event;
  TimePoint not_before;
};

StoredEvent EventOf(const Rows& rows) {
  StoredEvent stored;
  stored.event.id = rows.Text(0);
  stored.event.source = SourceName(rows.Text(1));
  stored.event.ref = rows.Text(2);
  stored.event.trigger = MustParse(ParseEventTrigger(rows.Text(3)), "events.trigger_word");
  stored.event.deliveries = DecodeTexts(rows.Text(4));
  stored.event.first_at = rows.Time(5);
  stored.event.latest_at = rows.Time(6);
  stored.event.attempts = static_cast<int>(rows.Integer(7));
  stored.not_before = rows.Time(8);
  return stored;
}

std::vector<Event> AllOf(Rows rows) {
  std::vector<Event> events;
  while (rows.Next()) events.push_back(EventOf(rows).event);
  return events;
}

// The queued row takes over what `other` knows; its id stays.
void Join(StoredEvent& queued, const StoredEvent& other) {
  Event& event = queued.event;
  if (Strength(other.event.trigger) > Strength(event.trigger)) event.trigger = other.event.trigger;
  for (const std::string& id : other.event.deliveries) {
    if (std::find(event.deliveries.begin(), event.deliveries.end(), id) == event.deliveries.end()) {
      event.deliveries.push_back(id);
    }
  }
  if (event.deliveries.size() > kMaxDeliveries) {
    event.deliveries.erase(event.deliveries.begin(),
                           event.deliveries.end() - static_cast<long>(kMaxDeliveries));
  }
  event.first_at = std::min(event.first_at, other.event.first_at);
  event.latest_at = std::max(event.latest_at, other.event.latest_at);
  event.attempts = std::max(event.attempts, other.event.attempts);
}

std::optional<StoredEvent> QueuedRow(Connection& connection,
                                     const SourceName& source,
                                     const std::string& ref) {
  Rows rows = connection.Query(
      std::string(kColumns) + "WHERE source = ? AND ref = ? AND state = 'queued'", {source, ref});
  if (!rows.Next()) return std::nullopt;
  return EventOf(rows);
}

void Save(Connection& connection, const StoredEvent& stored) {
  const Event& event = stored.event;
  connection.Run(
      "INSERT INTO events (id, source, ref, trigger_word, state, deliveries, first_at, latest_at, "
      "not_before, attempts) VALUES (?, ?, ?, ?, 'queued', ?, ?, ?, ?, ?) ON CONFLICT (id) DO "
      "UPDATE SET trigger_word = excluded.trigger_word, state = 'queued', deliveries = "
      "excluded.deliveries, first_at = excluded.first_at, latest_at = excluded.latest_at, "
      "not_before = excluded.not_before, attempts = excluded.attempts",
      {event.id,
       event.source,
       event.ref,
       Word(event.trigger),
       EncodeTexts(event.deliveries),
       event.first_at,
       event.latest_at,
       stored.not_before,
       event.attempts});
}

// A claimed row becomes queued again, or part of the row that was queued meanwhile.
void Requeue(Connection& connection, StoredEvent claimed) {
  std::optional<StoredEvent> queued =
      QueuedRow(connection, claimed.event.source, claimed.event.ref);
  if (!queued) {
    Save(connection, claimed);
    return;
  }
  connection.Run("DELETE FROM events WHERE id = ?", {claimed.event.id});
  Join(*queued, claimed);
  queued->not_before = std::max(queued->not_before, claimed.not_before);
  // Someone who asks by hand is not made to wait for the back-off of earlier failures.
  if (queued->event.trigger == EventTrigger::kManual &&
      claimed.event.trigger != EventTrigger::kManual) {
    queued->not_before = TimePoint();
  }
  Save(connection, *queued);
}

std::optional<StoredEvent> ClaimedRow(Connection& connection, const std::string& id) {
  Rows rows = connection.Query(std::string(kColumns) + "WHERE id = ? AND state = 'claimed'", {id});
  if (!rows.Next()) return std::nullopt;
  return EventOf(rows);
}

/// A person was told that it will be looked at. Everything else is asked again after a power cut:
/// what a delivery asked for is in its journal until it is done, and polls come by themselves.
Durability DurabilityOf(const std::vector<EventWish>& wishes) {
  const bool promised = std::any_of(wishes.begin(), wishes.end(), [](const EventWish& wish) {
    return wish.trigger == EventTrigger::kManual;
  });
  return promised ? Durability::kAtCommit : Durability::kLater;
}

}  // namespace

std::string_view Word(EventTrigger trigger) {
  switch (trigger) {
    case EventTrigger::kDelivery:
      return "delivery";
    case EventTrigger::kPoll:
      return "poll";
    case EventTrigger::kManual:
      return "manual";
    case EventTrigger::kSchedule:
      return "schedule";
    case EventTrigger::kData:
      return "data";
  }
  return "";
}

std::optional<EventTrigger> ParseEventTrigger(std::string_view word) {
  constexpr std::array kAll = {EventTrigger::kDelivery,
                               EventTrigger::kPoll,
                               EventTrigger::kManual,
                               EventTrigger::kSchedule,
                               EventTrigger::kData};
  return FindWord<EventTrigger>(kAll, word);
}

EventQueue::EventQueue(Database& database, const Clock& clock)
    : database_(database), clock_(clock) {}

std::string EventQueue::Enqueue(const SourceName& source,
                                const std::string& ref,
                                EventTrigger trigger,
                                const std::vector<std::string>& deliveries) {
  return EnqueueAll({EventWish{source, ref, trigger, deliveries}}).front();
}

std::vector<std::string> EventQueue::EnqueueAll(const std::vector<EventWish>& wishes) {
  std::vector<std::string> ids;
  if (wishes.empty()) return ids;
  const TimePoint now = clock_.Now();
  Transaction transaction(database_, DurabilityOf(wishes));
  for (const EventWish& wish : wishes) {
    StoredEvent added;
    added.event.id = database_.NextId(now);
    added.event.source = wish.source;
    added.event.ref = wish.ref;
    added.event.trigger = wish.trigger;
    const auto surplus = static_cast<std::ptrdiff_t>(
        wish.deliveries.size() - std::min(wish.deliveries.size(), kMaxDeliveries));
    added.event.deliveries.assign(wish.deliveries.begin() + surplus, wish.deliveries.end());
    added.event.first_at = now;
    added.event.latest_at = now;
    std::optional<StoredEvent> queued = QueuedRow(*transaction, wish.source, wish.ref);
    if (queued) {
      Join(*queued, added);
      // News that somebody sent is worth a try now; a poll waits for the back-off.
      if (Strength(wish.trigger) >= Strength(EventTrigger::kDelivery)) {
        queued->not_before = TimePoint();
      }
    }
    const StoredEvent& saved = queued ? *queued : added;
    Save(*transaction, saved);
    ids.push_back(saved.event.id);
  }
  transaction.Commit();
  return ids;
}

std::vector<SourceName> EventQueue::DueSources() const {
  std::vector<SourceName> sources;
  Session session(database_);
  Rows rows = session->Query(
      "SELECT source, min(first_at) AS oldest FROM events WHERE state = 'queued' AND not_before <= "
      "? GROUP BY source ORDER BY oldest, source",
      {clock_.Now()});
  while (rows.Next()) sources.emplace_back(rows.Text(0));
  return sources;
}

std::vector<Event> EventQueue::Claim(const SourceName& source, std::size_t limit) {
  Transaction transaction(database_, Durability::kLater);
  std::vector<Event> events = AllOf(transaction->Query(
      std::string(kColumns) + "WHERE source = ? AND state = 'queued' AND not_before <= ? "
                              "ORDER BY first_at, id LIMIT ?",
      {source, clock_.Now(), limit}));
  for (const Event& event : events) {
    transaction->Run("UPDATE events SET state = 'claimed' WHERE id = ?", {event.id});
  }
  if (!events.empty()) transaction.Commit();
  return events;
}

void EventQueue::Done(const std::vector<Event>& events) {
  Transaction transaction(database_, Durability::kLater);
  for (const Event& event : events) {
    transaction->Run("DELETE FROM events WHERE id = ? AND state = 'claimed'", {event.id});
  }
  transaction.Commit();
}

void EventQueue::GiveBack(const std::vector<Event>& events, TimePoint not_before) {
  Transaction transaction(database_, Durability::kLater);
  for (const Event& event : events) {
    std::optional<StoredEvent> claimed = ClaimedRow(*transaction, event.id);
    if (!claimed) continue;
    claimed->not_before = not_before;
    ++claimed->event.attempts;
    Requeue(*transaction, *claimed);
  }
  transaction.Commit();
}

void EventQueue::Recover() {
  Transaction transaction(database_, Durability::kLater);
  const std::vector<Event> claimed =
      AllOf(transaction->Query(std::string(kColumns) + "WHERE state = 'claimed' ORDER BY id"));
  for (const Event& event : claimed) {
    StoredEvent stored;
    stored.event = event;
    Requeue(*transaction, stored);
  }
  transaction.Commit();
}

std::vector<Event> EventQueue::Queued() const {
  Session session(database_);
  return AllOf(
      session->Query(std::string(kColumns) + "WHERE state = 'queued' ORDER BY first_at, id"));
}

}  // namespace failgate
