// Many sources share one inbox: none takes the room or the turns of the others.
#include <gtest/gtest.h>

#include <map>

#include "controller/store/inbox.h"
#include "tests/unit/store/store_world.h"

namespace failgate {
namespace {

using Kind = AcceptOutcome::Kind;

struct SharedWorld : StoreWorld {
  explicit SharedWorld(std::size_t rows) {
    Inbox::Options options;
    options.max_queued_rows = rows;
    options.many_sources = true;
    inbox = std::make_unique<Inbox>(database, folder.path() / "bodies", options, clock);
  }
  Kind Push(const std::string& source, int number) {
    NewDelivery delivery = PushDelivery(std::to_string(number), "{}", clock.Now());
    delivery.source = SourceName(source);
    return AcceptOne(*inbox, delivery).kind;
  }
  int Fill(const std::string& source) {
    int accepted = 0;
    while (accepted < 1000 && Push(source, accepted) == Kind::kQueued) ++accepted;
    return accepted;
  }
  std::map<std::string, int> Take(std::size_t limit, const std::set<SourceName>& except = {}) {
    std::map<std::string, int> taken;
    for (const QueuedDelivery& delivery : inbox->TakeQueued(limit, except)) {
      ++taken[delivery.source.text()];
    }
    return taken;
  }
  std::unique_ptr<Inbox> inbox;
};

using Taken = std::map<std::string, int>;

TEST(InboxSources, NoneFillsTheInboxForTheOthers) {
  SharedWorld world(100);
  EXPECT_EQ(world.Fill("greedy"), 50);
  EXPECT_EQ(world.Push("modest", 1), Kind::kQueued);
  EXPECT_EQ(world.Push("greedy", 2000), Kind::kFull);
  EXPECT_EQ(world.Fill("another"), 25) << "half of what is left";
  EXPECT_EQ(world.Push("modest", 2), Kind::kQueued);
  EXPECT_EQ(world.inbox->Statistics().sources.at(SourceName("greedy")).queued, 50);
}

TEST(InboxSources, OneWhoseDeliveriesWereTakenMaySendAgain) {
  SharedWorld world(10);
  EXPECT_EQ(world.Fill("greedy"), 5);
  EXPECT_EQ(world.Take(2), Taken({{"greedy", 2}}));
  EXPECT_EQ(world.Push("greedy", 2000), Kind::kQueued);
}

TEST(InboxSources, AreTakenInTurnsOutOfJournalAndDatabase) {
  SharedWorld world(1000);
  for (int i = 0; i < 60; ++i) EXPECT_EQ(world.Push("greedy", i), Kind::kQueued);
  while (world.inbox->Index() > 0) {
  }
  for (int i = 60; i < 90; ++i) EXPECT_EQ(world.Push("greedy", i), Kind::kQueued);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(world.Push("modest", i), Kind::kQueued);
  for (int i = 0; i < 40; ++i) EXPECT_EQ(world.Push("busy", i), Kind::kQueued);
  EXPECT_EQ(world.Take(31), Taken({{"modest", 3}, {"busy", 14}, {"greedy", 14}}));
  EXPECT_EQ(world.Take(1000, {SourceName("busy")}), Taken({{"greedy", 76}}));
  EXPECT_EQ(world.Take(1000), Taken({{"busy", 26}}));
  EXPECT_EQ(world.Take(1000), Taken());
}

TEST(InboxSources, CountsFollowADeliveryOnItsWay) {
  SharedWorld world(100);
  EXPECT_EQ(world.Push("churn", 1), Kind::kQueued);
  const auto numbers = [&] { return world.inbox->Statistics().sources.at(SourceName("churn")); };
  EXPECT_EQ(numbers().queued_bytes, 2);
  const std::string id = world.inbox->TakeQueued(1).at(0).id;
  EXPECT_EQ(numbers().processing, 1);
  EXPECT_EQ(numbers().queued_bytes, 0);
  world.inbox->MarkDone({{{id}, "{}"}});
  EXPECT_EQ(numbers().done, 1);
  EXPECT_TRUE(world.inbox->Replay(id));
  EXPECT_EQ(numbers().done, 0);
  EXPECT_EQ(numbers().queued, 1);
  EXPECT_EQ(numbers().queued_bytes, 2);
}

}  // namespace
}  // namespace failgate
