#include "controller/base/cron.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "controller/base/text.h"

namespace failgate {
namespace {

using Minutes = std::chrono::minutes;
using MinutePoint = std::chrono::sys_time<Minutes>;

/// One of the five.
struct Field {
  std::string_view name;
  int low = 0;
  int high = 0;
  const std::vector<std::string>* words = nullptr;  ///< their first is `low`
};

const std::vector<std::string>& MonthWords() {
  static const std::vector<std::string> words{
      "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
  return words;
}

const std::vector<std::string>& DayWords() {
  static const std::vector<std::string> words{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
  return words;
}

std::optional<int> ValueOf(const Field& field, std::string_view text) {
  if (field.words != nullptr) {
    const auto word = std::find(field.words->begin(), field.words->end(), ToLower(text));
    if (word != field.words->end()) {
      return field.low + static_cast<int>(word - field.words->begin());
    }
  }
  const auto number = text.size() > 4 ? std::nullopt : ParseNonNegative(text);
  if (!number || *number < field.low || *number > field.high) {
    return std::nullopt;
  }
  return static_cast<int>(*number);
}

Refusal Unreadable(const Field& field, std::string_view text) {
  return {"invalid_cron",
          fmt::format("\"{}\" is no {}: write *, a number from {} to {}, a range such as {}-{}, a "
                      "step such as */2, or a list of these",
                      OneLine(text, 40),
                      field.name,
                      field.low,
                      field.high,
                      field.low,
                      field.low + 1)};
}

/// Sets `use` for each value of one item of a list.
template <typename Use>
std::optional<Refusal> ReadItem(const Field& field, std::string_view item, Use use) {
  const std::size_t slash = item.find('/');
  std::string_view range = item.substr(0, slash);
  int step = 1;
  if (slash != std::string_view::npos) {
    const auto number =
        item.size() - slash > 4 ? std::nullopt : ParseNonNegative(item.substr(slash + 1));
    if (!number || *number < 1 || *number > field.high) {
      return Unreadable(field, item);
    }
    step = static_cast<int>(*number);
  }
  int first = field.low;
  int last = field.high;
  if (range != "*") {
    const std::size_t dash = range.find('-');
    const auto begin = ValueOf(field, range.substr(0, dash));
    const auto end =
        dash == std::string_view::npos ? begin : ValueOf(field, range.substr(dash + 1));
    // A step counts from something: "5/10" means different things to different programs.
    if (!begin || !end || *begin > *end ||
        (slash != std::string_view::npos && dash == std::string_view::npos)) {
      return Unreadable(field, item);
    }
    first = *begin;
    last = *end;
  }
  for (int value = first; value <= last; value += step) {
    use(static_cast<std::size_t>(value));
  }
  return std::nullopt;
}

template <typename Use>
std::optional<Refusal> ReadField(const Field& field, std::string_view text, Use use) {
  for (const std::string& item : Split(text, ',')) {
    if (auto refusal = ReadItem(field, item, use)) {
      return refusal;
    }
  }
  return std::nullopt;
}

std::vector<std::string> FieldsOf(std::string_view text) {
  std::vector<std::string> fields;
  for (std::string& part : Split(text, ' ')) {
    if (!part.empty()) {
      fields.push_back(std::move(part));
    }
  }
  return fields;
}

MinutePoint NextMidnight(MinutePoint local) {
  return std::chrono::floor<std::chrono::days>(local) + std::chrono::days(1);
}

bool MatchesDateOf(const CronSchedule& schedule, MinutePoint local) {
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const std::chrono::year_month_day date(day);
  return schedule.DateMatches(static_cast<unsigned>(date.month()),
                              static_cast<unsigned>(date.day()),
                              std::chrono::weekday(day).c_encoding());
}

bool MatchesTimeOf(const CronSchedule& schedule, MinutePoint local) {
  const auto minute = (local - std::chrono::floor<std::chrono::days>(local)).count();
  return schedule.TimeMatches(static_cast<int>(minute / 60), static_cast<int>(minute % 60));
}

/// Minutes of UTC, walked forward, and the offset that holds.
class Walk {
 public:
  Walk(const CronSchedule& schedule, const std::vector<UtcOffset>& offsets)
      : schedule_(schedule), offsets_(offsets) {}

  std::optional<TimePoint> Next(TimePoint after, TimePoint until) {
    MinutePoint time = std::chrono::floor<Minutes>(after) + Minutes(1);
    while (time <= until) {
      const bool jumped = Follow(time);
      if (jumped && !schedule_.EveryHour() && AnyIn(time + Before(), time + Now())) {
        return time;
      }
      const MinutePoint local = time + Now();
      if (!MatchesDateOf(schedule_, local)) {
        time = std::min(NextMidnight(local) - Now(), NextChange());
      } else if (MatchesTimeOf(schedule_, local) && (schedule_.EveryHour() || !IsRepeated(time))) {
        return time;
      } else {
        time += Minutes(1);
      }
    }
    return std::nullopt;
  }

 private:
  /// Whether the clocks went forward at this minute.
  bool Follow(MinutePoint time) {
    const std::size_t before = at_;
    while (at_ + 1 < offsets_.size() && offsets_[at_ + 1].since <= time) {
      ++at_;
    }
    return at_ != before && Now() > Before() && Since(at_) == time;
  }
  [[nodiscard]] MinutePoint Since(std::size_t index) const {
    return std::chrono::ceil<Minutes>(offsets_[index].since);
  }
  [[nodiscard]] Minutes Of(std::size_t index) const {
    return offsets_.empty() ? Minutes(0) : std::chrono::floor<Minutes>(offsets_[index].offset);
  }
  [[nodiscard]] Minutes Now() const { return Of(at_); }
  [[nodiscard]] Minutes Before() const { return Of(at_ == 0 ? 0 : at_ - 1); }
  [[nodiscard]] MinutePoint NextChange() const {
    return at_ + 1 < offsets_.size() ? Since(at_ + 1) : MinutePoint::max();
  }
  /// This local time was there before the clocks went back.
  [[nodiscard]] bool IsRepeated(MinutePoint time) const {
    return at_ > 0 && Now() < Before() && time - Since(at_) < Before() - Now();
  }
  [[nodiscard]] bool AnyIn(MinutePoint from, MinutePoint until) const {
    for (MinutePoint local = from; local < until; local += Minutes(1)) {
      if (MatchesDateOf(schedule_, local) && MatchesTimeOf(schedule_, local)) {
        return true;
      }
    }
    return false;
  }

  const CronSchedule& schedule_;
  const std::vector<UtcOffset>& offsets_;
  std::size_t at_ = 0;
};

}  // namespace

Result<CronSchedule> CronSchedule::Parse(std::string_view text) {
  const std::vector<std::string> fields = FieldsOf(text);
  if (fields.size() != 5) {
    return Refusal{"invalid_cron",
                   fmt::format("\"{}\" has not five fields: write minute, hour, day of the month, "
                               "month and day of the week, such as \"0 3 * * mon\"",
                               OneLine(text, 80))};
  }
  CronSchedule schedule;
  const auto set = [](auto& bits) { return [&bits](std::size_t value) { bits.set(value); }; };
  auto refusal = ReadField({"minute", 0, 59}, fields[0], set(schedule.minutes_));
  if (!refusal) refusal = ReadField({"hour", 0, 23}, fields[1], set(schedule.hours_));
  if (!refusal) refusal = ReadField({"day of the month", 1, 31}, fields[2], set(schedule.days_));
  if (!refusal) {
    refusal = ReadField({"month", 1, 12, &MonthWords()}, fields[3], set(schedule.months_));
  }
  if (!refusal) {
    refusal = ReadField({"day of the week", 0, 7, &DayWords()}, fields[4], [&](std::size_t day) {
      schedule.weekdays_.set(day % 7);
    });
  }
  if (refusal) {
    return *refusal;
  }
  schedule.any_day_ = fields[2].front() == '*';
  schedule.any_weekday_ = fields[4].front() == '*';
  constexpr std::array<unsigned, 12> kLongest{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  for (unsigned month = 1; month <= kLongest.size(); ++month) {
    for (unsigned day = 1; day <= kLongest[month - 1]; ++day) {
      if (schedule.months_.test(month) && (!schedule.any_weekday_ || schedule.days_.test(day))) {
        return schedule;
      }
    }
  }
  return Refusal{
      "invalid_cron",
      fmt::format("\"{}\" never comes: none of its months has such a day", OneLine(text, 80))};
}

bool CronSchedule::DateMatches(unsigned month, unsigned day, unsigned weekday) const {
  if (!months_.test(month)) {
    return false;
  }
  const bool on_day = days_.test(day);
  const bool on_weekday = weekdays_.test(weekday);
  return any_day_ || any_weekday_ ? on_day && on_weekday : on_day || on_weekday;
}

std::optional<TimePoint> NextCronTime(const CronSchedule& schedule,
                                      const std::vector<UtcOffset>& offsets,
                                      TimePoint after,
                                      TimePoint until) {
  return Walk(schedule, offsets).Next(after, until);
}

std::optional<TimePoint> LatestCronTime(const CronSchedule& schedule,
                                        const std::vector<UtcOffset>& offsets,
                                        TimePoint after,
                                        TimePoint until) {
  std::optional<TimePoint> latest;
  Walk walk(schedule, offsets);
  while (const auto next = walk.Next(latest.value_or(after), until)) {
    latest = next;
  }
  return latest;
}

}  // namespace failgate
