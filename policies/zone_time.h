// Wall clocks of a time zone, from recorded rules alone: no zone database is asked here.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "policies/facts.h"

namespace failgate {

/// What a wall clock shows, as milliseconds since its 1970-01-01 00:00. Never mixed with TimePoint.
struct WallTime {
  Milliseconds since_epoch{0};
  auto operator<=>(const WallTime&) const = default;
};

/// "2026-12-20" (0 h) or "2026-12-20 18:00"; nullopt for anything else. `has_clock`: the second
/// form.
struct WrittenWallTime {
  WallTime time;
  bool has_clock = false;
};
[[nodiscard]] std::optional<WrittenWallTime> ParseWallTime(const std::string& text);
/// "Tue 2026-11-24 09:00".
[[nodiscard]] std::string FormatWallTime(WallTime time);
/// Since Monday 00:00 of its week.
[[nodiscard]] Milliseconds TimeOfWeek(WallTime time);

/// One zone's rules, sorted. Cheap to make; keeps nothing of the fact.
class ZoneTime {
 public:
  /// nullopt when the fact does not hold at `now`, or its offsets cannot be.
  static std::optional<ZoneTime> Of(const ZoneFact& fact, TimePoint now);

  [[nodiscard]] WallTime At(TimePoint time) const;
  /// When the clocks next change after `time`; nullopt = not as far as the rules are known.
  [[nodiscard]] std::optional<TimePoint> NextChange(TimePoint time) const;
  /// The first and the last instant at which the clock shows `wall`. When it is skipped (clocks put
  /// forward), both are the instant of the change. Beyond the rules, their nearest offset holds.
  [[nodiscard]] TimePoint First(WallTime wall) const;
  [[nodiscard]] TimePoint Last(WallTime wall) const;
  /// The rules are known up to here.
  [[nodiscard]] TimePoint until() const { return until_; }

 private:
  [[nodiscard]] std::vector<TimePoint> InstantsOf(WallTime wall) const;
  std::vector<ZoneOffset> offsets_;  ///< sorted, not empty
  TimePoint until_;
};

}  // namespace failgate
