// The system's time zone database.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/base/clock.h"

namespace failgate {

/// UTC + `offset` from `since` on, until the next one.
struct UtcOffset {
  TimePoint since;
  std::chrono::seconds offset{0};
  bool operator==(const UtcOffset&) const = default;
};

/// Every offset that holds at some time in [from, until), oldest first; the first one's `since` is
/// `from`. nullopt when the database has no zone of that name. Thread-safe. The database is read
/// once: a newer one counts from the next start on. Throws Error when there is none.
[[nodiscard]] std::optional<std::vector<UtcOffset>> OffsetsOfZone(const std::string& name,
                                                                  TimePoint from,
                                                                  TimePoint until);

/// Whether the database has it. Throws as OffsetsOfZone.
[[nodiscard]] bool IsTimeZone(const std::string& name);

}  // namespace failgate
