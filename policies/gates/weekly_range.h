// "Mon-Thu 09:00-17:00": a span of wall-clock time that comes again every week.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "policies/zone_time.h"

namespace failgate {

struct WeeklyRange {
  struct Span {
    Milliseconds from{0};  ///< since Monday 00:00
    Milliseconds to{0};    ///< excluded; past the end of the week when it runs over Sunday night
    bool operator==(const Span&) const = default;
  };
  std::string text;         ///< as written
  std::vector<Span> spans;  ///< not empty
  bool operator==(const WeeklyRange&) const = default;
};

/// DAYS, HOURS, or both: days are names (Mon … Sun), spans of them (Fri-Mon) or *, parted by
/// commas; hours are HH:MM-HH:MM, up to 24:00, and run over midnight when the second is earlier.
/// Without days it is every day, without hours all day. nullopt for anything else.
[[nodiscard]] std::optional<WeeklyRange> ParseWeeklyRange(const std::string& text);

[[nodiscard]] bool Contains(const WeeklyRange& range, WallTime time);
/// The first beginning of one of its spans after `time`.
[[nodiscard]] WallTime NextBeginning(const WeeklyRange& range, WallTime time);

}  // namespace failgate
