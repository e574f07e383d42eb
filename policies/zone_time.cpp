#include "policies/zone_time.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr long long kMaxOffsetSeconds = 26LL * 3600;
constexpr std::array<const char*, 7> kDays{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
/// 1970-01-01 was a Thursday.
constexpr std::chrono::days kFromMonday{3};
constexpr std::size_t kDateLength = 10;
constexpr std::size_t kDateAndClockLength = 16;

std::optional<int> Digits(const std::string& text, std::size_t at, std::size_t count) {
  const auto number = ParseNonNegative(std::string_view(text).substr(at, count));
  return number ? std::optional<int>(static_cast<int>(*number)) : std::nullopt;
}

Milliseconds OffsetOf(const ZoneOffset& offset) {
  return std::chrono::seconds(offset.seconds);
}

}  // namespace

std::optional<WrittenWallTime> ParseWallTime(const std::string& text) {
  const bool has_clock = text.size() == kDateAndClockLength;
  if ((text.size() != kDateLength && !has_clock) || text[4] != '-' || text[7] != '-') {
    return std::nullopt;
  }
  const auto year = Digits(text, 0, 4);
  const auto month = Digits(text, 5, 2);
  const auto day = Digits(text, 8, 2);
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  WrittenWallTime written;
  written.has_clock = has_clock;
  written.time.since_epoch = std::chrono::sys_days(date).time_since_epoch();
  if (has_clock) {
    const auto hour = Digits(text, 11, 2);
    const auto minute = Digits(text, 14, 2);
    if (text[10] != ' ' || text[13] != ':' || !hour || !minute || *hour > 23 || *minute > 59) {
      return std::nullopt;
    }
    written.time.since_epoch += std::chrono::hours(*hour) + std::chrono::minutes(*minute);
  }
  return written;
}

std::string FormatWallTime(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time.since_epoch);
  const std::chrono::year_month_day date{std::chrono::sys_days(day)};
  const std::chrono::hh_mm_ss clock(
      std::chrono::floor<std::chrono::minutes>(time.since_epoch - day));
  const auto weekday = static_cast<std::size_t>(TimeOfWeek(time) / std::chrono::days(1));
  return fmt::format("{} {:04}-{:02}-{:02} {:02}:{:02}",
                     kDays.at(weekday),
                     static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()),
                     clock.hours().count(),
                     clock.minutes().count());
}

Milliseconds TimeOfWeek(WallTime time) {
  const Milliseconds from_monday = time.since_epoch + kFromMonday;
  return from_monday - std::chrono::floor<std::chrono::weeks>(from_monday);
}

std::optional<ZoneTime> ZoneTime::Of(const ZoneFact& fact, TimePoint now) {
  ZoneTime zone;
  zone.offsets_ = fact.offsets;
  zone.until_ = fact.until;
  std::sort(zone.offsets_.begin(),
            zone.offsets_.end(),
            [](const ZoneOffset& a, const ZoneOffset& b) { return a.since < b.since; });
  const bool believable =
      std::all_of(fact.offsets.begin(), fact.offsets.end(), [](const ZoneOffset& offset) {
        return offset.seconds >= -kMaxOffsetSeconds && offset.seconds <= kMaxOffsetSeconds;
      });
  const bool twice =
      std::adjacent_find(
          zone.offsets_.begin(), zone.offsets_.end(), [](const ZoneOffset& a, const ZoneOffset& b) {
            return a.since == b.since;
          }) != zone.offsets_.end();
  const bool holds = fact.from <= now && now < fact.until && !fact.offsets.empty() &&
                     zone.offsets_.front().since <= fact.from;
  if (!holds || !believable || twice) return std::nullopt;
  return zone;
}

WallTime ZoneTime::At(TimePoint time) const {
  auto after = std::upper_bound(
      offsets_.begin(), offsets_.end(), time, [](TimePoint at, const ZoneOffset& offset) {
        return at < offset.since;
      });
  if (after != offsets_.begin()) --after;
  return WallTime{time.time_since_epoch() + OffsetOf(*after)};
}

std::optional<TimePoint> ZoneTime::NextChange(TimePoint time) const {
  for (const ZoneOffset& offset : offsets_) {
    if (offset.since > time) return offset.since;
  }
  return std::nullopt;
}

std::vector<TimePoint> ZoneTime::InstantsOf(WallTime wall) const {
  std::vector<TimePoint> instants;
  for (std::size_t i = 0; i < offsets_.size(); ++i) {
    const TimePoint time(wall.since_epoch - OffsetOf(offsets_[i]));
    const bool begun = i == 0 || time >= offsets_[i].since;
    const bool over = i + 1 < offsets_.size() && time >= offsets_[i + 1].since;
    if (begun && !over) instants.push_back(time);
  }
  if (!instants.empty()) return instants;
  // Skipped: it is past with the offset before the change, and not reached with the one after.
  for (std::size_t i = 1; i < offsets_.size(); ++i) {
    if (TimePoint(wall.since_epoch - OffsetOf(offsets_[i])) < offsets_[i].since) {
      instants.push_back(offsets_[i].since);
      return instants;
    }
  }
  instants.push_back(offsets_.back().since);
  return instants;
}

TimePoint ZoneTime::First(WallTime wall) const {
  return InstantsOf(wall).front();
}

TimePoint ZoneTime::Last(WallTime wall) const {
  return InstantsOf(wall).back();
}

}  // namespace failgate
