// What the inbox takes and gives: plain values of one webhook delivery.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/ids.h"

namespace failgate {

/// "This ref may have changed": a hint out of a payload, never trusted.
struct RefHint {
  std::string ref;
  bool deleted = false;
  bool operator==(const RefHint&) const = default;
};

using HeaderList = std::vector<std::pair<std::string, std::string>>;

/// A verified and parsed delivery on its way into the inbox.
struct NewDelivery {
  enum class Kind { kQueued, kIgnored };
  SourceName source;
  std::string provider;
  std::string delivery_id;  ///< the sender's; may be empty
  std::string event_name;
  std::string body;         ///< raw bytes
  std::string body_digest;  ///< DigestOfBody
  HeaderList headers;       ///< without secrets and signatures
  std::string remote_address;
  TimePoint received_at;
  Kind kind = Kind::kQueued;
  std::string ignored_because;
  std::vector<RefHint> refs;
};

enum class DeliveryStatus { kQueued, kProcessing, kDone, kIgnored };
/// "queued", "processing", "done", "ignored".
[[nodiscard]] std::string_view Word(DeliveryStatus status);
[[nodiscard]] std::optional<DeliveryStatus> ParseDeliveryStatus(std::string_view word);

/// A stored delivery, without its body (Inbox::Body).
struct DeliveryRecord {
  std::string id;  ///< ours, UUID 7
  SourceName source;
  std::string provider;
  std::string delivery_id;
  std::string event_name;
  std::string body_digest;
  std::size_t body_bytes = 0;
  HeaderList headers;  ///< of Inbox::Show only
  std::string remote_address;
  TimePoint received_at;
  DeliveryStatus status = DeliveryStatus::kQueued;
  std::string ignored_because;
  std::vector<RefHint> refs;
  std::string outcome_json;  ///< empty until done
  std::optional<TimePoint> finished_at;
  int replays = 0;
};

/// What whoever handles a delivery needs of it.
struct QueuedDelivery {
  std::string id;  ///< ours
  SourceName source;
  std::vector<RefHint> refs;
};

/// What some deliveries came to.
struct DeliveryResult {
  std::vector<std::string> ids;
  std::string outcome_json;  ///< {event, runs, ignored_because}
};

struct DeliveryFilter {
  SourceName source;  ///< empty = all
  std::optional<DeliveryStatus> status;
  std::string before;  ///< id of the last one of the page before; empty = from the newest
  std::size_t limit = 50;
};

/// Of one source, or of all.
struct DeliveryNumbers {
  long long waiting = 0;  ///< accepted, not yet durable
  long long queued = 0;
  long long queued_bytes = 0;  ///< bodies of the waiting and queued ones, as received
  long long processing = 0;
  long long done = 0;
  long long ignored = 0;
  /// `bytes` of the bodies; they count for queued ones only. Negative numbers take away.
  void Add(DeliveryStatus status, long long rows, long long bytes);
};

struct InboxStatistics {
  DeliveryNumbers all;
  std::map<SourceName, DeliveryNumbers> sources;
  long long unindexed = 0;      ///< durable in the journal, not yet in the database
  long long journal_bytes = 0;  ///< on disk
  std::optional<TimePoint> oldest_queued;
};

}  // namespace failgate
