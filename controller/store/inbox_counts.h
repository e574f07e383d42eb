// How many deliveries each source has where, and who may still queue one.
#pragma once

#include <cstddef>
#include <map>

#include "controller/store/delivery_record.h"

namespace failgate {

/// Pure; not thread-safe.
class InboxCounts {
 public:
  struct Limits {
    std::size_t rows = 0;   ///< waiting and queued, of all sources
    std::size_t bytes = 0;  ///< of their bodies, as received
    /// More than one source sends: none may hold more than what is still free, so that there is
    /// room for the others however greedy one is (half of the limit for one, a third for two, …).
    bool shared = false;
  };
  explicit InboxCounts(Limits limits) : limits_(limits) {}

  [[nodiscard]] bool HasRoom(const SourceName& source, std::size_t body_bytes) const;
  /// Accepted, not durable yet. Negative numbers take away; `bytes` of the bodies.
  void AddWaiting(const SourceName& source, long long rows, long long bytes);
  /// Durable. `bytes` of the bodies; they count for queued deliveries only.
  void Add(const SourceName& source, DeliveryStatus status, long long rows, long long bytes);

  /// Takes over what the database holds.
  void Load(const std::map<SourceName, DeliveryNumbers>& stored);
  [[nodiscard]] const std::map<SourceName, DeliveryNumbers>& sources() const { return sources_; }
  [[nodiscard]] DeliveryNumbers Total() const;

 private:
  struct Held {
    long long rows = 0;
    long long bytes = 0;
  };
  Limits limits_;
  std::map<SourceName, DeliveryNumbers> sources_;
  Held total_;  ///< waiting and queued
};

}  // namespace failgate
