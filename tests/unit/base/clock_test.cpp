#include "controller/base/clock.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "tests/support/fake_clock.h"

namespace failgate {
namespace {

TEST(Time, IsWrittenInUtcWithAndWithoutMilliseconds) {
  const TimePoint time = TimePoint(std::chrono::sys_days(std::chrono::year{2026} / 11 / 23)) +
                         std::chrono::hours(9) + Milliseconds(123);
  EXPECT_EQ(FormatTime(time), "2026-11-23T09:00:00Z");
  EXPECT_EQ(FormatTimeMilliseconds(time), "2026-11-23T09:00:00.123Z");
}

TEST(Time, BeforeTheEpochRoundsDown) {
  EXPECT_EQ(FormatTimeMilliseconds(TimePoint(Milliseconds(-1))), "1969-12-31T23:59:59.999Z");
}

TEST(Time, IsReadWithOffsetsAndFractions) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"2026-11-23T09:00:00Z", "2026-11-23T09:00:00.000Z"},
      {"2026-11-23T09:00:00.5Z", "2026-11-23T09:00:00.500Z"},
      {"2026-11-23T09:00:00.123456789Z", "2026-11-23T09:00:00.123Z"},
      {"2026-11-23T09:00:00+01:00", "2026-11-23T08:00:00.000Z"},
      {"2026-11-23T23:30:00-01:30", "2026-11-24T01:00:00.000Z"},
      {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"},
  };
  for (const auto& item : cases) {
    const auto time = ParseTime(item.first);
    ASSERT_TRUE(time.has_value()) << item.first;
    EXPECT_EQ(FormatTimeMilliseconds(*time), item.second) << item.first;
  }
}

TEST(Time, RefusesEverythingElse) {
  for (const char* text : {"",
                           "2026-11-23",
                           "2026-11-23T09:00:00",
                           "2026-11-23 09:00:00Z",
                           "2026-11-23T09:00:00z",
                           "2026-11-23T09:00:00.Z",
                           "2026-11-23T09:00:00.1234567890Z",
                           "2026-13-23T09:00:00Z",
                           "2026-02-29T09:00:00Z",
                           "2026-11-23T24:00:00Z",
                           "2026-11-23T09:60:00Z",
                           "2026-11-23T09:00:60Z",
                           "2026-11-23T09:00:00+24:00",
                           "2026-11-23T09:00:00+0100",
                           "2026-11-23T09:00:00Zx",
                           " 2026-11-23T09:00:00Z",
                           "+026-11-23T09:00:00Z",
                           "2026-11-23T09:00:-1Z"}) {
    EXPECT_FALSE(ParseTime(text).has_value()) << text;
  }
}

TEST(Duration, IsReadAndWrittenInTheSameForm) {
  const std::vector<std::pair<std::string, std::int64_t>> cases{
      {"500ms", 500},
      {"10s", 10'000},
      {"5m", 300'000},
      {"1h30m", 5'400'000},
      {"7d", 604'800'000},
      {"1d2h3m4s5ms", 93'784'005},
      {"3650d", 315'360'000'000},
  };
  for (const auto& item : cases) {
    EXPECT_EQ(ParseDuration(item.first), Milliseconds(item.second)) << item.first;
    EXPECT_EQ(FormatDuration(Milliseconds(item.second)), item.first);
  }
  EXPECT_EQ(ParseDuration("24h"), Milliseconds(86'400'000));
  EXPECT_EQ(FormatDuration(Milliseconds(86'400'000)), "1d");
  EXPECT_EQ(FormatDuration(Milliseconds(0)), "0s");
  EXPECT_EQ(FormatDuration(Milliseconds(-1'500)), "-1s500ms");
}

TEST(Duration, RefusesEverythingElse) {
  for (const char* text : {"",
                           "10",
                           "s",
                           "0s",
                           "-5m",
                           "+5m",
                           "1.5h",
                           "10 s",
                           "10S",
                           "10x",
                           "1m1h",
                           "1h1h",
                           "3651d",
                           "3650d1ms",
                           "10s ",
                           "1h30",
                           "10sec",
                           "1w",
                           "0h0m",
                           "ms",
                           "99999999999999999999d",
                           "999999999999999s"}) {
    EXPECT_FALSE(ParseDuration(text).has_value()) << text;
  }
}

TEST(Duration, ForPeopleHasAtMostTwoUnits) {
  const std::vector<std::pair<std::int64_t, std::string>> cases{
      {0, "0 ms"},
      {340, "340 ms"},
      {12'345, "12.3 s"},
      {59'999, "59.9 s"},
      {60'000, "1 m"},
      {250'000, "4 m 10 s"},
      {11'100'000, "3 h 5 m"},
      {187'200'000, "2 d 4 h"},
      {-12'300, "-12.3 s"},
  };
  for (const auto& item : cases) {
    EXPECT_EQ(HumanDuration(Milliseconds(item.first)), item.second);
  }
}

TEST(SystemClock, SteadyTimeNeverGoesBack) {
  const SteadyTime first = SystemClock().Steady();
  EXPECT_GE(SystemClock().Steady(), first);
  EXPECT_GT(SystemClock().Now(), *ParseTime("2020-01-01T00:00:00Z"));
}

TEST(FakeClock, MovesOnlyWhenTold) {
  FakeClock clock;
  const SteadyTime steady = clock.Steady();
  clock.Advance(Milliseconds(1'500));
  EXPECT_EQ(FormatTimeMilliseconds(clock.Now()), "2026-01-02T03:04:06.500Z");
  EXPECT_EQ(clock.Steady() - steady, Milliseconds(1'500));
}

}  // namespace
}  // namespace failgate
