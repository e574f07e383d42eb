#include "controller/base/cron.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace failgate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Every time in (from, until], as the zone's clocks say.
std::vector<std::string> Times(const std::string& cron,
                               const std::string& zone,
                               const std::string& from,
                               const std::string& until) {
  const Result<CronSchedule> schedule = CronSchedule::Parse(cron);
  EXPECT_TRUE(schedule.has_value()) << schedule.error().text;
  const TimePoint end = *ParseTime(until);
  const auto offsets = *OffsetsOfZone(zone, *ParseTime(from) - std::chrono::days(400), end);
  std::vector<std::string> times;
  std::optional<TimePoint> next = *ParseTime(from);
  while ((next = NextCronTime(*schedule, offsets, *next, end))) {
    times.push_back(FormatTime(*next));
  }
  const auto latest = LatestCronTime(*schedule, offsets, *ParseTime(from), end);
  EXPECT_EQ(latest ? FormatTime(*latest) : "", times.empty() ? "" : times.back());
  return times;
}

std::string RefusalOf(const std::string& cron) {
  const Result<CronSchedule> schedule = CronSchedule::Parse(cron);
  return schedule ? "" : schedule.error().text;
}

TEST(Cron, ComesAtItsTimesInTheZone) {
  EXPECT_THAT(Times("30 3 * * mon", "Europe/Paris", "2026-11-01T00:00:00Z", "2026-11-17T00:00:00Z"),
              ElementsAre("2026-11-02T02:30:00Z", "2026-11-09T02:30:00Z", "2026-11-16T02:30:00Z"));
  EXPECT_THAT(
      Times("*/20 9-10/1 1 jan,jul *", "UTC", "2026-01-01T09:20:00Z", "2026-07-01T09:00:00Z"),
      ElementsAre("2026-01-01T09:40:00Z",
                  "2026-01-01T10:00:00Z",
                  "2026-01-01T10:20:00Z",
                  "2026-01-01T10:40:00Z",
                  "2026-07-01T09:00:00Z"));
}

TEST(Cron, TakesEitherDayWhenBothAreWritten) {
  EXPECT_THAT(Times("0 0 13 * fri", "UTC", "2026-02-10T00:00:00Z", "2026-02-21T00:00:00Z"),
              ElementsAre("2026-02-13T00:00:00Z", "2026-02-20T00:00:00Z"));
  EXPECT_THAT(Times("0 0 11 * fri", "UTC", "2026-02-10T00:00:00Z", "2026-02-14T00:00:00Z"),
              ElementsAre("2026-02-11T00:00:00Z", "2026-02-13T00:00:00Z"));
}

TEST(Cron, FindsADayThatIsYearsAway) {
  EXPECT_THAT(Times("0 12 29 feb *", "UTC", "2026-01-01T00:00:00Z", "2032-12-31T00:00:00Z"),
              ElementsAre("2028-02-29T12:00:00Z", "2032-02-29T12:00:00Z"));
}

TEST(Cron, ComesOnceWhenTheClocksGoForwardOverIt) {
  // On 29 March 02:00 becomes 03:00, at 01:00 UTC.
  EXPECT_THAT(Times("*/30 2 * * *", "Europe/Paris", "2026-03-28T12:00:00Z", "2026-03-30T00:30:00Z"),
              ElementsAre("2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z", "2026-03-30T00:30:00Z"));
}

TEST(Cron, ComesOnceWhenTheClocksGoBackOverIt) {
  // On 25 October 03:00 becomes 02:00, at 01:00 UTC.
  EXPECT_THAT(Times("30 2 * * *", "Europe/Paris", "2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z"),
              ElementsAre("2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"));
}

TEST(Cron, FollowsTheTimeThatPassesWhenItIsOfEveryHour) {
  EXPECT_THAT(Times("30 * * * *", "Europe/Paris", "2026-10-24T23:45:00Z", "2026-10-25T02:45:00Z"),
              ElementsAre("2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z"));
  EXPECT_THAT(Times("30 * * * *", "Europe/Paris", "2026-03-29T00:00:00Z", "2026-03-29T02:00:00Z"),
              ElementsAre("2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z"));
}

TEST(Cron, NeverAnswersATimeOfTheMinuteItStartsFrom) {
  EXPECT_THAT(Times("0 * * * *", "UTC", "2026-01-01T10:00:30Z", "2026-01-01T11:00:00Z"),
              ElementsAre("2026-01-01T11:00:00Z"));
  EXPECT_THAT(Times("0 * * * *", "UTC", "2026-01-01T10:00:00Z", "2026-01-01T10:59:59Z"), IsEmpty());
}

TEST(Cron, RefusesWhatHasNoMeaningAndSaysWhichField) {
  EXPECT_THAT(RefusalOf("@daily"), HasSubstr("has not five fields"));
  EXPECT_THAT(RefusalOf("0 3 * *"), HasSubstr("has not five fields"));
  EXPECT_THAT(RefusalOf("60 3 * * *"), HasSubstr("\"60\" is no minute"));
  EXPECT_THAT(RefusalOf("0 3-1 * * *"), HasSubstr("\"3-1\" is no hour"));
  EXPECT_THAT(RefusalOf("0 5/2 * * *"), HasSubstr("\"5/2\" is no hour"));
  EXPECT_THAT(RefusalOf("0 */0 * * *"), HasSubstr("\"*/0\" is no hour"));
  EXPECT_THAT(RefusalOf("0 3 0 * *"), HasSubstr("\"0\" is no day of the month"));
  EXPECT_THAT(RefusalOf("0 3 * decem *"), HasSubstr("\"decem\" is no month"));
  EXPECT_THAT(RefusalOf("0 3 * * 8"), HasSubstr("\"8\" is no day of the week"));
  EXPECT_THAT(RefusalOf("0 3 , * *"), HasSubstr("is no day of the month"));
  EXPECT_THAT(RefusalOf("0 3 31 4,6 *"), HasSubstr("never comes"));
  EXPECT_EQ(RefusalOf("0 3 31 4,6 mon"), "");
  EXPECT_EQ(RefusalOf("0  3 * * 7"), "");
}

}  // namespace
}  // namespace failgate
