#include "policies/gates/percent.h"

#include <gtest/gtest.h>

#include "policies/facts.h"

namespace failgate {
namespace {

TEST(Percent, ReadsDecimalsExactly) {
  EXPECT_EQ(ParsePercent("80")->ten_thousandths, 800'000);
  EXPECT_EQ(ParsePercent("80.5")->ten_thousandths, 805'000);
  EXPECT_EQ(ParsePercent("0.0001")->ten_thousandths, 1);
  EXPECT_EQ(ParsePercent("100.0")->ten_thousandths, 1'000'000);
  EXPECT_EQ(FormatPercent(*ParsePercent("80.50")), "80.5 %");
  EXPECT_EQ(FormatPercent(*ParsePercent("100")), "100 %");
}

TEST(Percent, RefusesWhatIsNone) {
  for (const char* text : {"",
                           ".",
                           "80.",
                           ".5",
                           "-1",
                           "+1",
                           "0",
                           "0.0000",
                           "100.0001",
                           "101",
                           "80.00001",
                           "8e1",
                           "nan",
                           "inf",
                           "80 %",
                           "99999999999999999999"}) {
    EXPECT_FALSE(ParsePercent(text).has_value()) << text;
  }
}

TEST(Percent, ComparesInIntegersForEverySmallShare) {
  for (long long percent = 1; percent <= 100; ++percent) {
    for (long long total = 1; total <= 200; ++total) {
      for (long long covered = 0; covered <= total; ++covered) {
        ASSERT_EQ(ReachesPercent(covered, total, Percent{percent * 10'000}),
                  covered * 100 >= percent * total);
      }
    }
  }
  EXPECT_TRUE(ReachesPercent(kMaxFactCount, kMaxFactCount, Percent{1'000'000}));
}

}  // namespace
}  // namespace failgate
