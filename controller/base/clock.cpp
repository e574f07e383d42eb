#include "controller/base/clock.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "controller/base/fail_point.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

class MachineClock final : public Clock {
 public:
  [[nodiscard]] TimePoint Now() const override {
    return std::chrono::floor<Milliseconds>(std::chrono::system_clock::now()) + FailClockOffset();
  }
  [[nodiscard]] SteadyTime Steady() const override { return std::chrono::steady_clock::now(); }
};

struct DurationUnit {
  std::string_view name;
  std::int64_t milliseconds;
};
constexpr std::array<DurationUnit, 5> kUnits{
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr std::int64_t kLongestDuration = std::int64_t{3650} * 86'400'000;

std::string FormatSeconds(TimePoint time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
                     static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()),
                     clock.hours().count(),
                     clock.minutes().count(),
                     clock.seconds().count());
}

/// Reads fixed-width fields from the left; `ok` stays false after the first misfit.
class FieldReader {
 public:
  explicit FieldReader(std::string_view text) : rest_(text) {}

  int Number(std::size_t digits) {
    const auto value =
        rest_.size() >= digits ? ParseNonNegative(rest_.substr(0, digits)) : std::nullopt;
    if (!value) {
      ok_ = false;
      return 0;
    }
    rest_.remove_prefix(digits);
    return static_cast<int>(*value);
  }
  void Expect(char character) { ok_ = Accept(character) && ok_; }
  bool Accept(char character) {
    if (rest_.empty() || rest_.front() != character) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }
  /// 1 to 9 digits after the point, cut to milliseconds.
  Milliseconds Fraction() {
    std::size_t digits = 0;
    int value = 0;
    for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; ++digits) {
      if (digits < 3) {
        value = value * 10 + (rest_.front() - '0');
      }
      rest_.remove_prefix(1);
    }
    for (std::size_t i = digits; i < 3; ++i) {
      value *= 10;
    }
    ok_ = ok_ && digits >= 1 && digits <= 9;
    return Milliseconds(value);
  }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool done() const { return ok_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace

const Clock& SystemClock() {
  static const MachineClock clock;
  return clock;
}

std::string FormatTime(TimePoint time) {
  return FormatSeconds(time) + "Z";
}

std::string FormatTimeMilliseconds(TimePoint time) {
  const auto fraction = time - std::chrono::floor<std::chrono::seconds>(time);
  return fmt::format("{}.{:03}Z", FormatSeconds(time), fraction.count());
}

std::optional<TimePoint> ParseTime(std::string_view text) {
  FieldReader fields(text);
  const int year = fields.Number(4);
  fields.Expect('-');
  const int month = fields.Number(2);
  fields.Expect('-');
  const int day = fields.Number(2);
  fields.Expect('T');
  const int hour = fields.Number(2);
  fields.Expect(':');
  const int minute = fields.Number(2);
  fields.Expect(':');
  const int second = fields.Number(2);
  const Milliseconds fraction = fields.Accept('.') ? fields.Fraction() : Milliseconds(0);
  std::chrono::minutes offset(0);
  if (!fields.Accept('Z')) {
    const bool east = fields.Accept('+');
    if (!east) {
      fields.Expect('-');
    }
    const int offset_hours = fields.Number(2);
    fields.Expect(':');
    const int offset_minutes = fields.Number(2);
    if (offset_hours > 23 || offset_minutes > 59) {
      return std::nullopt;
    }
    offset = std::chrono::hours(offset_hours) + std::chrono::minutes(offset_minutes);
    offset = east ? offset : -offset;
  }
  const std::chrono::year_month_day date(std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)});
  if (!fields.done() || !date.ok() || hour > 23 || minute > 59 || second > 59) {
    return std::nullopt;
  }
  return TimePoint(std::chrono::sys_days(date)) + std::chrono::hours(hour) +
         std::chrono::minutes(minute) + std::chrono::seconds(second) + fraction - offset;
}

std::optional<Milliseconds> ParseDuration(std::string_view text) {
  std::int64_t sum = 0;
  std::size_t next_unit = 0;  // units fall: "30m1h" and "1h1h" are slips, not sums
  while (!text.empty()) {
    const std::size_t digits = text.find_first_not_of("0123456789");
    if (digits == std::string_view::npos || digits == 0 || digits > 15) {
      return std::nullopt;
    }
    const std::int64_t count = *ParseNonNegative(text.substr(0, digits));
    text.remove_prefix(digits);
    const std::string_view name = text.substr(0, text.find_first_of("0123456789"));
    text.remove_prefix(name.size());
    while (next_unit < kUnits.size() && kUnits.at(next_unit).name != name) {
      ++next_unit;
    }
    if (next_unit == kUnits.size()) {
      return std::nullopt;
    }
    const std::int64_t unit = kUnits.at(next_unit).milliseconds;
    ++next_unit;
    if (count > (kLongestDuration - sum) / unit) {
      return std::nullopt;
    }
    sum += count * unit;
  }
  return sum > 0 ? std::optional(Milliseconds(sum)) : std::nullopt;
}

std::string FormatDuration(Milliseconds duration) {
  if (duration == Milliseconds(0)) {
    return "0s";
  }
  std::string text = duration < Milliseconds(0) ? "-" : "";
  std::int64_t rest = duration < Milliseconds(0) ? -duration.count() : duration.count();
  for (const DurationUnit& unit : kUnits) {
    if (rest >= unit.milliseconds) {
      text += fmt::format("{}{}", rest / unit.milliseconds, unit.name);
      rest %= unit.milliseconds;
    }
  }
  return text;
}

std::string HumanDuration(Milliseconds duration) {
  const std::int64_t total = duration.count();
  if (total < 0) {
    return "-" + HumanDuration(-duration);
  }
  if (total < 1'000) {
    return fmt::format("{} ms", total);
  }
  if (total < 60'000) {
    return fmt::format("{}.{} s", total / 1'000, total % 1'000 / 100);
  }
  for (std::size_t i = 0;; ++i) {
    const DurationUnit& large = kUnits.at(i);
    const DurationUnit& small = kUnits.at(i + 1);
    if (total >= large.milliseconds) {
      const std::int64_t rest = total % large.milliseconds / small.milliseconds;
      const std::string head = fmt::format("{} {}", total / large.milliseconds, large.name);
      return rest == 0 ? head : fmt::format("{} {} {}", head, rest, small.name);
    }
  }
}

}  // namespace failgate
