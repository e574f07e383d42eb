#include <gtest/gtest.h>

#include "controller/cli/commands/metrics.h"

namespace failgate {
namespace {

using Lines = std::vector<std::string>;

TEST(PlotOf, PutsEachValueIntoItsRow) {
  EXPECT_EQ(PlotOf({0.5, 0.6, 1, 0.5}, 60),
            (Lines{"  1 |   *", "    |", "    |", "    |", "    |  *", "0.5 | *  *"}));
}

TEST(PlotOf, DrawsOneLineForEqualValuesAndNothingForNone) {
  EXPECT_EQ(PlotOf({2, 2}, 60), (Lines{"2 | **"}));
  EXPECT_TRUE(PlotOf({}, 60).empty());
}

TEST(PlotOf, KeepsTheNewestAndDrawsAnyFiniteNumbers) {
  EXPECT_EQ(PlotOf({9, 1, 2}, 2).front(), "2 |  *");
  const Lines wide = PlotOf({-1.7e308, 1.7e308, 0}, 60);
  ASSERT_EQ(wide.size(), 6U);
  EXPECT_EQ(wide.front(), " 1.7e+308 |  *");
  EXPECT_EQ(wide.back(), "-1.7e+308 | *");
}

}  // namespace
}  // namespace failgate
