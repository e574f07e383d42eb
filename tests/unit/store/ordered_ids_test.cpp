#include "controller/store/ordered_ids.h"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"

namespace failgate {
namespace {

TEST(OrderedIds, KeepTheirOrderWithinOneMillisecond) {
  const FakeClock clock;
  OrderedIds ids;
  std::string last;
  for (int i = 0; i < 10000; ++i) {
    const std::string id = ids.Next(clock.Now());
    ASSERT_LT(last, id);
    last = id;
  }
}

TEST(OrderedIds, KeepTheirOrderWhenTheClockIsSetBack) {
  FakeClock clock;
  OrderedIds ids;
  const std::string first = ids.Next(clock.Now());
  clock.SetWall(clock.Now() - std::chrono::hours(1));
  EXPECT_LT(first, ids.Next(clock.Now()));
}

TEST(OrderedIds, GoOnAfterAnEarlierStart) {
  FakeClock clock;
  const std::string earlier = OrderedIds().Next(clock.Now() + std::chrono::hours(1));
  OrderedIds ids;
  ids.After(earlier);
  ids.After("no id");
  ids.After("");
  EXPECT_LT(earlier, ids.Next(clock.Now()));
}

TEST(OrderedIds, AreUuidsOfVersionSeven) {
  const std::string id = OrderedIds().Next(FakeClock().Now());
  EXPECT_EQ(id.size(), 36U);
  EXPECT_EQ(id[14], '7');
}

}  // namespace
}  // namespace failgate
