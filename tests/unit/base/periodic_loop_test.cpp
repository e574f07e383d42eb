#include "controller/base/periodic_loop.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <future>
#include <semaphore>
#include <stdexcept>

#include "controller/base/error.h"

namespace failgate {
namespace {

constexpr auto kPatience = std::chrono::seconds(30);
using Steps = std::counting_semaphore<1000>;

PeriodicLoop::Options Slow() {
  PeriodicLoop::Options options;
  options.name = "a name longer than a thread may have";
  options.period = std::chrono::hours(24);
  return options;
}

TEST(PeriodicLoop, StepsAtStartAndWhenWoken) {
  Steps steps(0);
  PeriodicLoop loop(Slow(), [&] { steps.release(); });
  ASSERT_TRUE(steps.try_acquire_for(kPatience));
  loop.Wake();
  ASSERT_TRUE(steps.try_acquire_for(kPatience));
}

TEST(PeriodicLoop, StepsOnceMoreWhenWokenDuringAStep) {
  Steps entered(0);
  Steps go_on(0);
  PeriodicLoop loop(Slow(), [&] {
    entered.release();
    static_cast<void>(go_on.try_acquire_for(kPatience));
  });
  ASSERT_TRUE(entered.try_acquire_for(kPatience));
  loop.Wake();
  loop.Wake();
  go_on.release();
  ASSERT_TRUE(entered.try_acquire_for(kPatience));
  go_on.release(10);
  loop.Stop();
  EXPECT_FALSE(entered.try_acquire());
}

TEST(PeriodicLoop, StepsAgainAfterItsPeriod) {
  Steps steps(0);
  PeriodicLoop::Options options = Slow();
  options.period = Milliseconds(1);
  options.jitter = 0.5;
  PeriodicLoop loop(options, [&] { steps.release(); });
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(steps.try_acquire_for(kPatience));
  }
}

TEST(PeriodicLoop, IsAsNiceAsAskedAndLeavesOthersAlone) {
  const int before = ::getpriority(PRIO_PROCESS, 0);
  std::promise<int> inside;
  PeriodicLoop::Options options = Slow();
  options.nice = 3;
  options.short_slices = true;  // leaves the niceness alone
  PeriodicLoop loop(options, [&] { inside.set_value(::getpriority(PRIO_PROCESS, 0)); });
  std::future<int> found = inside.get_future();
  ASSERT_EQ(found.wait_for(kPatience), std::future_status::ready);
  EXPECT_EQ(found.get(), std::min(before + 3, 19));
  EXPECT_EQ(::getpriority(PRIO_PROCESS, 0), before);
}

TEST(PeriodicLoop, RestsBetweenWokenStepsHoweverOftenItIsWoken) {
  Steps steps(0);
  PeriodicLoop::Options options = Slow();
  options.rest = std::chrono::hours(24);
  PeriodicLoop loop(options, [&] { steps.release(); });
  ASSERT_TRUE(steps.try_acquire_for(kPatience));
  loop.Wake();
  ASSERT_TRUE(steps.try_acquire_for(kPatience)) << "the first wake is served at once";
  for (int i = 0; i < 100; ++i) {
    loop.Wake();
  }
  loop.Stop();
  EXPECT_FALSE(steps.try_acquire());
}

TEST(PeriodicLoop, StepsAgainAfterItsRestWhenWoken) {
  Steps steps(0);
  PeriodicLoop::Options options = Slow();
  options.rest = Milliseconds(1);
  PeriodicLoop loop(options, [&] { steps.release(); });
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(steps.try_acquire_for(kPatience));
    loop.Wake();
  }
}

TEST(PeriodicLoop, GoesOnAfterAnyException) {
  Steps steps(0);
  int calls = 0;
  PeriodicLoop::Options options = Slow();
  options.first_backoff = Milliseconds(1);
  options.max_backoff = Milliseconds(2);
  PeriodicLoop loop(options, [&] {
    steps.release();
    switch (calls++) {
      case 0:
        throw Error(Remedy::kRetry, "remote away");
      case 1:
        throw std::runtime_error("odd");
      case 2:
        throw 42;
      default:
        break;
    }
  });
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(steps.try_acquire_for(kPatience));
  }
}

TEST(PeriodicLoop, StopsWhileWaitingAndTwice) {
  Steps steps(0);
  PeriodicLoop::Options options = Slow();
  options.first_backoff = std::chrono::hours(24);
  options.max_backoff = std::chrono::hours(24);
  PeriodicLoop loop(options, [&] {
    steps.release();
    throw Error(Remedy::kNeedsChange, "never works");
  });
  ASSERT_TRUE(steps.try_acquire_for(kPatience));
  loop.Stop();
  loop.Stop();
}

TEST(PeriodicLoop, TakesAPeriodWithoutEnd) {
  Steps steps(0);
  PeriodicLoop::Options options = Slow();
  options.period = Milliseconds::max();
  PeriodicLoop loop(options, [&] { steps.release(); });
  ASSERT_TRUE(steps.try_acquire_for(kPatience));
}

TEST(Backoff, DoublesWithJitterUpToItsCap) {
  for (int round = 0; round < 100; ++round) {
    const Milliseconds third = Backoff(Milliseconds(100), Milliseconds(60'000), 2);
    EXPECT_GE(third, Milliseconds(300));
    EXPECT_LE(third, Milliseconds(500));
    const Milliseconds late = Backoff(Milliseconds(100), Milliseconds(60'000), 1'000'000);
    EXPECT_GE(late, Milliseconds(45'000));
    EXPECT_LE(late, Milliseconds(60'000));
  }
}

}  // namespace
}  // namespace failgate
