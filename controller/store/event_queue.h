// The queue "look at source S, ref R": coalesced, durable, claimed per source.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/ids.h"
#include "controller/store/database.h"

namespace failgate {

/// Where an event came from. When events coalesce the strongest stays: manual, delivery, schedule
/// or data (the first of them), poll.
enum class EventTrigger { kDelivery, kPoll, kManual, kSchedule, kData };
/// "delivery", "poll", "manual", "schedule", "data".
[[nodiscard]] std::string_view Word(EventTrigger trigger);
[[nodiscard]] std::optional<EventTrigger> ParseEventTrigger(std::string_view word);

struct Event {
  std::string id;  ///< UUID 7
  SourceName source;
  std::string ref;  ///< full ref name; "" = all refs
  EventTrigger trigger = EventTrigger::kPoll;
  std::vector<std::string> deliveries;  ///< our delivery ids, at most 100 of the newest
  TimePoint first_at;
  TimePoint latest_at;
  int attempts = 0;  ///< how often it was given back
};

/// What Enqueue is asked for.
struct EventWish {
  SourceName source;
  std::string ref;
  EventTrigger trigger = EventTrigger::kPoll;
  std::vector<std::string> deliveries;
};

/// Thread-safe; one worker a source claims.
class EventQueue {
 public:
  explicit EventQueue(Database& database, const Clock& clock = SystemClock());

  /// One queued row per (source, ref); an event that is being worked on gets a second row. Answers
  /// the id.
  std::string Enqueue(const SourceName& source,
                      const std::string& ref,
                      EventTrigger trigger,
                      const std::vector<std::string>& deliveries = {});
  /// The same for many in one transaction; the ids in the order of the wishes.
  std::vector<std::string> EnqueueAll(const std::vector<EventWish>& wishes);
  /// Sources that have events due now.
  [[nodiscard]] std::vector<SourceName> DueSources() const;
  /// Claims all due events of one source (one fetch serves them all), oldest first.
  [[nodiscard]] std::vector<Event> Claim(const SourceName& source, std::size_t limit = 1000);
  void Done(const std::vector<Event>& events);
  /// Back to the queue, not due before `not_before`; joined with what arrived meanwhile.
  void GiveBack(const std::vector<Event>& events, TimePoint not_before);
  /// Claimed rows go back to queued. Once, at start.
  void Recover();
  [[nodiscard]] std::vector<Event> Queued() const;

 private:
  Database& database_;
  const Clock& clock_;
};

}  // namespace failgate
