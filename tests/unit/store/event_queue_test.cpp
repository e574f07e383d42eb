#include "controller/store/event_queue.h"

#include <gtest/gtest.h>

#include "controller/store/head_store.h"
#include "tests/unit/store/store_world.h"

namespace failgate {
namespace {

const SourceName kChurn("churn");
constexpr const char* kMain = "refs/heads/main";

struct QueueWorld : StoreWorld {
  EventQueue queue{database, clock};
};

TEST(EventQueue, JoinsManyEventsOfOneRefIntoOneRow) {
  QueueWorld world;
  const std::string first = world.queue.Enqueue(kChurn, kMain, EventTrigger::kPoll);
  world.queue.Enqueue(kChurn, kMain, EventTrigger::kDelivery, {"d1"});
  EXPECT_EQ(world.queue.Enqueue(kChurn, kMain, EventTrigger::kPoll, {"d1", "d2"}), first);
  const std::vector<Event> events = world.queue.Claim(kChurn);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].trigger, EventTrigger::kDelivery);
  EXPECT_EQ(events[0].deliveries, (std::vector<std::string>{"d1", "d2"}));
}

TEST(EventQueue, KeepsRefsAndSourcesApart) {
  QueueWorld world;
  world.queue.Enqueue(kChurn, kMain, EventTrigger::kPoll);
  world.queue.Enqueue(kChurn, "", EventTrigger::kPoll);
  world.queue.Enqueue(SourceName("pricing"), kMain, EventTrigger::kPoll);
  EXPECT_EQ(world.queue.DueSources(), (std::vector<SourceName>{kChurn, SourceName("pricing")}));
  EXPECT_EQ(world.queue.Claim(kChurn).size(), 2U);
  EXPECT_TRUE(world.queue.Claim(kChurn).empty());
}

TEST(EventQueue, QueuesNewsThatArriveDuringTheWork) {
  QueueWorld world;
  world.queue.Enqueue(kChurn, kMain, EventTrigger::kDelivery, {"d1"});
  const std::vector<Event> working = world.queue.Claim(kChurn);
  world.queue.Enqueue(kChurn, kMain, EventTrigger::kDelivery, {"d2"});
  world.queue.Done(working);
  EXPECT_EQ(world.queue.Claim(kChurn).at(0).deliveries, (std::vector<std::string>{"d2"}));
}

TEST(EventQueue, WaitsAfterAFailureUnlessSomebodySendsNews) {
  QueueWorld world;
  world.queue.Enqueue(kChurn, kMain, EventTrigger::kPoll);
  world.queue.GiveBack(world.queue.Claim(kChurn), world.clock.Now() + std::chrono::minutes(1));
  world.queue.Enqueue(kChurn, kMain, EventTrigger::kPoll);
  EXPECT_TRUE(world.queue.DueSources().empty());
  EXPECT_TRUE(world.queue.Claim(kChurn).empty());
  world.clock.Advance(std::chrono::minutes(1));
  const std::vector<Event> due = world.queue.Claim(kChurn);
  EXPECT_EQ(due.at(0).attempts, 1);
  world.queue.GiveBack(due, world.clock.Now() + std::chrono::minutes(1));
  world.queue.Enqueue(kChurn, kMain, EventTrigger::kDelivery, {"d1"});
  EXPECT_EQ(world.queue.Claim(kChurn).size(), 1U);
}

TEST(EventQueue, JoinsWhatIsGivenBackWithWhatArrivedMeanwhile) {
  QueueWorld world;
  world.queue.Enqueue(kChurn, kMain, EventTrigger::kDelivery, {"d1"});
  const std::vector<Event> working = world.queue.Claim(kChurn);
  world.queue.Enqueue(kChurn, kMain, EventTrigger::kManual, {"d2"});
  world.queue.GiveBack(working, world.clock.Now() + std::chrono::minutes(1));
  const std::vector<Event> events = world.queue.Claim(kChurn);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].deliveries.size(), 2U);
}

TEST(EventQueue, PutsClaimedEventsBackAtStart) {
  QueueWorld world;
  world.queue.Enqueue(kChurn, kMain, EventTrigger::kDelivery, {"d1"});
  ASSERT_EQ(world.queue.Claim(kChurn).size(), 1U);
  world.queue.Enqueue(kChurn, kMain, EventTrigger::kDelivery, {"d2"});
  EventQueue after(world.database, world.clock);
  after.Recover();
  EXPECT_EQ(after.Queued().size(), 1U);
  EXPECT_EQ(after.Claim(kChurn).at(0).deliveries.size(), 2U);
}

TEST(EventQueue, KeepsTheNewestHundredDeliveries) {
  QueueWorld world;
  for (int i = 0; i < 120; ++i) {
    world.queue.Enqueue(kChurn, kMain, EventTrigger::kDelivery, {std::to_string(i)});
  }
  const std::vector<Event> events = world.queue.Claim(kChurn);
  EXPECT_EQ(events.at(0).deliveries.size(), 100U);
  EXPECT_EQ(events.at(0).deliveries.back(), "119");
}

TEST(EventQueue, EnqueuesManyAtOnceAsOneByOne) {
  QueueWorld world;
  const std::string first = world.queue.Enqueue(kChurn, kMain, EventTrigger::kPoll);
  const std::vector<std::string> ids =
      world.queue.EnqueueAll({{kChurn, kMain, EventTrigger::kDelivery, {"d1", "d2"}},
                              {kChurn, "refs/heads/other", EventTrigger::kDelivery, {"d3"}},
                              {SourceName("pricing"), kMain, EventTrigger::kPoll, {}}});
  ASSERT_EQ(ids.size(), 3U);
  EXPECT_EQ(ids[0], first);
  const std::vector<Event> events = world.queue.Claim(kChurn);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].trigger, EventTrigger::kDelivery);
  EXPECT_EQ(events[0].deliveries, (std::vector<std::string>{"d1", "d2"}));
  EXPECT_EQ(events[1].id, ids[1]);
  EXPECT_TRUE(world.queue.EnqueueAll({}).empty());
}

TEST(HeadStore, KnowsHeadsAndFirstHeads) {
  StoreWorld world;
  HeadStore heads(world.database, world.clock);
  EXPECT_FALSE(heads.KnowsSource(kChurn));
  EXPECT_EQ(heads.Get(kChurn, kMain), std::nullopt);
  heads.Set(kChurn, kMain, CommitId("a"));
  heads.Set(kChurn, kMain, CommitId("b"));
  EXPECT_EQ(heads.Get(kChurn, kMain), CommitId("b"));
  EXPECT_EQ(heads.All(kChurn).size(), 1U);
  heads.Delete(kChurn, kMain);
  EXPECT_TRUE(heads.All(kChurn).empty());
  EXPECT_TRUE(heads.KnowsSource(kChurn));
}

}  // namespace
}  // namespace failgate
