#include "controller/base/time_zone.h"

#include <gtest/gtest.h>

namespace failgate {
namespace {

using std::chrono::hours;

TEST(TimeZone, KnowsWhenTheClocksOfParisChange) {
  const auto offsets = OffsetsOfZone(
      "Europe/Paris", *ParseTime("2026-01-10T00:00:00Z"), *ParseTime("2027-01-01T00:00:00Z"));
  ASSERT_TRUE(offsets.has_value());
  EXPECT_EQ(*offsets,
            (std::vector<UtcOffset>{{*ParseTime("2026-01-10T00:00:00Z"), hours(1)},
                                    {*ParseTime("2026-03-29T01:00:00Z"), hours(2)},
                                    {*ParseTime("2026-10-25T01:00:00Z"), hours(1)}}));
}

TEST(TimeZone, AChangeAtTheEndOfTheSpanIsOutside) {
  const TimePoint change = *ParseTime("2026-03-29T01:00:00Z");
  EXPECT_EQ(OffsetsOfZone("Europe/Paris", change - hours(1), change)->size(), 1U);
  EXPECT_EQ(OffsetsOfZone("Europe/Paris", change - hours(1), change + Milliseconds(1))->size(), 2U);
  EXPECT_EQ(OffsetsOfZone("Europe/Paris", change, change + hours(1))->front().offset, hours(2));
}

TEST(TimeZone, AZoneWithoutChangesHasOneOffset) {
  const TimePoint from = *ParseTime("2026-01-10T00:00:00.500Z");
  const auto offsets = OffsetsOfZone("UTC", from, from + hours(24 * 400));
  ASSERT_TRUE(offsets.has_value());
  EXPECT_EQ(*offsets, (std::vector<UtcOffset>{{from, std::chrono::seconds(0)}}));
}

TEST(TimeZone, KnowsNoZoneThatIsNotInTheDatabase) {
  const TimePoint from = *ParseTime("2026-01-10T00:00:00Z");
  for (const char* name : {"Europe/Pariss", "", "/etc/passwd", "../../../etc/passwd"}) {
    EXPECT_EQ(OffsetsOfZone(name, from, from + hours(1)), std::nullopt) << name;
  }
}

}  // namespace
}  // namespace failgate
