// Wall and steady time behind one small interface; text forms of times and durations.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace failgate {

/// Wall time, UTC, milliseconds.
using TimePoint = std::chrono::sys_time<std::chrono::milliseconds>;
using Milliseconds = std::chrono::milliseconds;
using SteadyTime = std::chrono::steady_clock::time_point;

/// Thread-safe. Tests use FakeClock of tests/support.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual TimePoint Now() const = 0;
  [[nodiscard]] virtual SteadyTime Steady() const = 0;
};

/// The machine's clock; lives as long as the program.
[[nodiscard]] const Clock& SystemClock();

/// RFC 3339 in UTC, whole seconds: "2026-11-23T09:00:00Z".
[[nodiscard]] std::string FormatTime(TimePoint time);
/// RFC 3339 with milliseconds: "2026-11-23T09:00:00.123Z".
[[nodiscard]] std::string FormatTimeMilliseconds(TimePoint time);
/// Accepts "…Z" or "…+01:00", with or without a fraction; nullopt for anything else.
[[nodiscard]] std::optional<TimePoint> ParseTime(std::string_view text);

/// "500ms", "10s", "5m", "24h", "7d", and sums such as "1h30m"; positive, at most 10 years.
[[nodiscard]] std::optional<Milliseconds> ParseDuration(std::string_view text);
/// The shortest exact form ParseDuration reads: "1h30m", "0s" for zero.
[[nodiscard]] std::string FormatDuration(Milliseconds duration);
/// For people: "12.3 s", "4 m 10 s", "3 h 5 m", "2 d 4 h".
[[nodiscard]] std::string HumanDuration(Milliseconds duration);

}  // namespace failgate
