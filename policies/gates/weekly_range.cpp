#include "policies/gates/weekly_range.h"

#include <algorithm>
#include <array>
#include <set>

#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::array<const char*, 7> kDays{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
constexpr Milliseconds kDay = std::chrono::days(1);
constexpr Milliseconds kWeek = std::chrono::weeks(1);
constexpr std::size_t kClockLength = 5;

std::optional<int> DayOf(const std::string& word) {
  const auto* found = std::find(kDays.begin(), kDays.end(), ToLower(word));
  if (found == kDays.end()) return std::nullopt;
  return static_cast<int>(found - kDays.begin());
}

std::optional<std::set<int>> ParseDays(const std::string& text) {
  std::set<int> days;
  for (const std::string& part : Split(text, ',')) {
    if (part == "*") {
      for (int day = 0; day < 7; ++day) days.insert(day);
      continue;
    }
    const std::vector<std::string> ends = Split(part, '-');
    const std::optional<int> first = DayOf(ends.front());
    const std::optional<int> last = DayOf(ends.back());
    if (ends.size() > 2 || !first || !last) return std::nullopt;
    for (int day = *first; day != *last; day = (day + 1) % 7) days.insert(day);
    days.insert(*last);
  }
  return days;
}

/// Minutes of the day; 24:00 is its end.
std::optional<Milliseconds> ParseClock(const std::string& text) {
  if (text.size() != kClockLength || text[2] != ':') return std::nullopt;
  const auto hour = ParseNonNegative(text.substr(0, 2));
  const auto minute = ParseNonNegative(text.substr(3, 2));
  if (!hour || !minute || *minute > 59 || *hour > 24 || (*hour == 24 && *minute > 0)) {
    return std::nullopt;
  }
  return std::chrono::hours(*hour) + std::chrono::minutes(*minute);
}

/// From and to of one day; `to` past midnight when it lies before `from`.
std::optional<WeeklyRange::Span> ParseHours(const std::string& text) {
  const std::vector<std::string> ends = Split(text, '-');
  if (ends.size() != 2) return std::nullopt;
  const std::optional<Milliseconds> from = ParseClock(ends[0]);
  const std::optional<Milliseconds> to = ParseClock(ends[1]);
  if (!from || !to || *from == *to || *from == kDay) return std::nullopt;
  return WeeklyRange::Span{*from, *to > *from ? *to : *to + kDay};
}

}  // namespace

std::optional<WeeklyRange> ParseWeeklyRange(const std::string& text) {
  std::vector<std::string> words;
  for (const std::string& word : Split(text, ' ')) {
    if (!word.empty()) words.push_back(word);
  }
  if (words.empty() || words.size() > 2) return std::nullopt;
  const bool has_hours = words.back().find(':') != std::string::npos;
  if (words.size() == 2 && !has_hours) return std::nullopt;
  const bool has_days = words.size() == 2 || !has_hours;
  const std::optional<std::set<int>> days = ParseDays(has_days ? words.front() : "*");
  const std::optional<WeeklyRange::Span> hours =
      has_hours ? ParseHours(words.back()) : WeeklyRange::Span{Milliseconds(0), kDay};
  if (!days || !hours) return std::nullopt;
  WeeklyRange range;
  range.text = Join(words, " ");
  for (const int day : *days) {
    range.spans.push_back({day * kDay + hours->from, day * kDay + hours->to});
  }
  return range;
}

bool Contains(const WeeklyRange& range, WallTime time) {
  const Milliseconds at = TimeOfWeek(time);
  return std::any_of(range.spans.begin(), range.spans.end(), [at](const WeeklyRange::Span& span) {
    const bool this_week = at >= span.from && at < span.to;
    const bool from_last_week = at + kWeek >= span.from && at + kWeek < span.to;
    return this_week || from_last_week;
  });
}

WallTime NextBeginning(const WeeklyRange& range, WallTime time) {
  const Milliseconds at = TimeOfWeek(time);
  Milliseconds shortest = kWeek;
  for (const WeeklyRange::Span& span : range.spans) {
    const Milliseconds ahead = span.from > at ? span.from - at : span.from + kWeek - at;
    shortest = std::min(shortest, ahead);
  }
  return WallTime{time.since_epoch + shortest};
}

}  // namespace failgate
