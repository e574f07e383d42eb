// Times of a schedule: the five fields of cron, in a time zone. Pure.
#pragma once

#include <bitset>
#include <optional>
#include <string_view>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/result.h"
#include "controller/base/time_zone.h"

namespace failgate {

/// Minute, hour, day of the month, month, day of the week. A value.
class CronSchedule {
 public:
  /// `*`, numbers, `a-b`, `a-b/n`, `*/n` and lists of them; months and days also by their English
  /// names' first three letters; Sunday is 0 and 7. Refused with a sentence that names the field:
  /// anything else, and a schedule whose day is in none of its months.
  [[nodiscard]] static Result<CronSchedule> Parse(std::string_view text);

  [[nodiscard]] bool TimeMatches(int hour, int minute) const {
    return hours_.test(static_cast<std::size_t>(hour)) &&
           minutes_.test(static_cast<std::size_t>(minute));
  }
  /// `weekday`: 0 = Sunday. Where both the day of the month and that of the week are written, one
  /// of them is enough.
  [[nodiscard]] bool DateMatches(unsigned month, unsigned day, unsigned weekday) const;
  [[nodiscard]] bool EveryHour() const { return hours_.all(); }
  bool operator==(const CronSchedule&) const = default;

 private:
  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;
  std::bitset<13> months_;
  std::bitset<7> weekdays_;
  bool any_day_ = true;
  bool any_weekday_ = true;
};

/// The first time in (after, until]; `offsets` are those of OffsetsOfZone from `after` or before
/// on. Where clocks go forward, times that are left out come at that moment, once; where they go
/// back, a time that comes twice counts the first time only. Neither holds for a schedule of every
/// hour: it follows the time that passes.
[[nodiscard]] std::optional<TimePoint> NextCronTime(const CronSchedule& schedule,
                                                    const std::vector<UtcOffset>& offsets,
                                                    TimePoint after,
                                                    TimePoint until);
/// The last time in (after, until].
[[nodiscard]] std::optional<TimePoint> LatestCronTime(const CronSchedule& schedule,
                                                      const std::vector<UtcOffset>& offsets,
                                                      TimePoint after,
                                                      TimePoint until);

}  // namespace failgate
