#include "controller/store/inbox.h"

#include <gtest/gtest.h>

#include "controller/base/error.h"
#include "tests/unit/store/store_world.h"

namespace failgate {
namespace {

using Kind = AcceptOutcome::Kind;

struct InboxWorld : StoreWorld {
  Inbox inbox{database, folder.path() / "bodies", Inbox::Options(), clock};
  AcceptOutcome Push(const std::string& id, const std::string& body) {
    return AcceptOne(inbox, PushDelivery(id, body, clock.Now()));
  }
};

TEST(Inbox, StoresADeliveryWhole) {
  InboxWorld world;
  const AcceptOutcome outcome = world.Push("d1", "{\"a\": 1}");
  ASSERT_EQ(outcome.kind, Kind::kQueued);
  const DeliveryRecord record = world.inbox.Show(outcome.id).value();
  EXPECT_EQ(record.source, SourceName("churn"));
  EXPECT_EQ(record.delivery_id, "d1");
  EXPECT_EQ(record.headers, (HeaderList{{"x-github-event", "push"}}));
  EXPECT_EQ(record.refs.at(0).ref, "refs/heads/main");
  EXPECT_EQ(record.received_at, world.clock.Now());
  EXPECT_EQ(record.status, DeliveryStatus::kQueued);
  EXPECT_EQ(world.inbox.Body(outcome.id), "{\"a\": 1}");
}

TEST(Inbox, AnswersOnlyAfterTheWriterWorked) {
  InboxWorld world;
  bool answered = false;
  world.inbox.Accept(PushDelivery("d1", "{}", world.clock.Now()),
                     [&answered](const AcceptOutcome&) { answered = true; });
  EXPECT_FALSE(answered);
  world.inbox.Step();
  EXPECT_TRUE(answered);
}

TEST(Inbox, KeepsOneRowWhenADeliveryArrivesTwice) {
  InboxWorld world;
  const AcceptOutcome first = world.Push("d1", "{}");
  const AcceptOutcome second = world.Push("d1", "{}");
  EXPECT_EQ(second.kind, Kind::kDuplicate);
  EXPECT_EQ(second.id, first.id);
  EXPECT_EQ(world.inbox.List(DeliveryFilter()).size(), 1U);
}

TEST(Inbox, KeepsOneRowWhenBothArriveInOneBatch) {
  InboxWorld world;
  std::vector<AcceptOutcome> outcomes;
  for (int i = 0; i < 2; ++i) {
    world.inbox.Accept(PushDelivery("d1", "{}", world.clock.Now()),
                       [&outcomes](const AcceptOutcome& o) { outcomes.push_back(o); });
  }
  EXPECT_EQ(world.inbox.Step(), 2U);
  ASSERT_EQ(outcomes.size(), 2U);
  EXPECT_EQ(outcomes[0].kind, Kind::kQueued);
  EXPECT_EQ(outcomes[1].kind, Kind::kDuplicate);
  EXPECT_EQ(outcomes[1].id, outcomes[0].id);
}

TEST(Inbox, TakesTheSameIdWithAnotherBodyAsAnotherDelivery) {
  InboxWorld world;
  EXPECT_EQ(world.Push("d1", "{}").kind, Kind::kQueued);
  EXPECT_EQ(world.Push("d1", "[]").kind, Kind::kQueued);
}

TEST(Inbox, KeepsSourcesApart) {
  InboxWorld world;
  NewDelivery other = PushDelivery("d1", "{}", world.clock.Now());
  other.source = SourceName("pricing");
  EXPECT_EQ(world.Push("d1", "{}").kind, Kind::kQueued);
  EXPECT_EQ(AcceptOne(world.inbox, other).kind, Kind::kQueued);
}

TEST(Inbox, KnowsDuplicatesForThreeDaysAtLeast) {
  InboxWorld world;
  const AcceptOutcome first = world.Push("d1", "{}");
  world.clock.Advance(std::chrono::hours(72));
  world.inbox.Prune();
  EXPECT_EQ(world.Push("d1", "{}").kind, Kind::kDuplicate);
  world.clock.Advance(std::chrono::hours(48));
  const AcceptOutcome later = world.Push("d1", "{}");
  EXPECT_EQ(later.kind, Kind::kQueued);
  EXPECT_NE(later.id, first.id);
}

TEST(Inbox, StoresIgnoredDeliveriesWithoutQueueingThem) {
  InboxWorld world;
  NewDelivery delivery = PushDelivery("d1", "{}", world.clock.Now());
  delivery.kind = NewDelivery::Kind::kIgnored;
  delivery.ignored_because = "a tag";
  const AcceptOutcome outcome = AcceptOne(world.inbox, delivery);
  EXPECT_EQ(outcome.kind, Kind::kIgnored);
  EXPECT_TRUE(world.inbox.TakeQueued(10).empty());
  EXPECT_EQ(world.inbox.Show(outcome.id)->ignored_because, "a tag");
}

TEST(Inbox, GivesQueuedDeliveriesOldestFirstAndOnce) {
  InboxWorld world;
  const std::string first = world.Push("d1", "{}").id;
  const std::string second = world.Push("d2", "{}").id;
  const std::vector<QueuedDelivery> taken = world.inbox.TakeQueued(1);
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[0].id, first);
  EXPECT_EQ(world.inbox.TakeQueued(10).at(0).id, second);
  EXPECT_TRUE(world.inbox.TakeQueued(10).empty());
}

TEST(Inbox, RecordsWhatADeliveryCameTo) {
  InboxWorld world;
  const std::string id = world.Push("d1", "{}").id;
  world.inbox.MarkDone({{{id}, "{\"too\":\"early\"}"}});
  EXPECT_EQ(world.inbox.Show(id)->status, DeliveryStatus::kQueued);
  ASSERT_EQ(world.inbox.TakeQueued(1).size(), 1U);
  world.inbox.MarkDone({{{id}, "{\"run\":\"r\"}"}});
  world.inbox.MarkDone({{{id}, "{\"run\":\"other\"}"}});
  EXPECT_EQ(world.inbox.Show(id)->status, DeliveryStatus::kDone);
  EXPECT_EQ(world.inbox.Show(id)->outcome_json, "{\"run\":\"r\"}");
}

TEST(Inbox, QueuesAgainWhatWasBeingProcessedAtADeath) {
  InboxWorld world;
  const std::string id = world.Push("d1", "{}").id;
  ASSERT_EQ(world.inbox.TakeQueued(1).size(), 1U);
  Inbox after(world.database, world.folder.path() / "bodies", Inbox::Options(), world.clock);
  after.Recover();
  EXPECT_EQ(after.TakeQueued(1).at(0).id, id);
  EXPECT_EQ(after.Body(id), "{}");
}

TEST(Inbox, ReplaysAndSaysWhetherItCould) {
  InboxWorld world;
  const std::string id = world.Push("d1", "{}").id;
  ASSERT_EQ(world.inbox.TakeQueued(1).size(), 1U);
  world.inbox.MarkDone({{{id}, "{}"}});
  EXPECT_TRUE(world.inbox.Replay(id));
  EXPECT_TRUE(world.inbox.Replay(id));
  EXPECT_EQ(world.inbox.Show(id)->replays, 1);
  EXPECT_EQ(world.inbox.TakeQueued(10).size(), 1U);
  EXPECT_FALSE(world.inbox.Replay("unknown"));
}

TEST(Inbox, ListsNewestFirstByPageAndFilter) {
  InboxWorld world;
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(world.Push("d" + std::to_string(i), "{}").id);
  DeliveryFilter filter;
  filter.limit = 2;
  filter.before = world.inbox.List(filter).at(1).id;
  EXPECT_EQ(filter.before, ids[3]);
  EXPECT_EQ(world.inbox.List(filter).at(0).id, ids[2]);
  filter = DeliveryFilter();
  filter.source = SourceName("nobody");
  EXPECT_TRUE(world.inbox.List(filter).empty());
  filter = DeliveryFilter();
  filter.status = DeliveryStatus::kDone;
  EXPECT_TRUE(world.inbox.List(filter).empty());
}

TEST(Inbox, CountsByStatus) {
  InboxWorld world;
  static_cast<void>(world.Push("d1", "{}"));
  const TimePoint oldest = world.clock.Now();
  world.clock.Advance(std::chrono::seconds(5));
  static_cast<void>(world.Push("d2", "{}"));
  const InboxStatistics statistics = world.inbox.Statistics();
  EXPECT_EQ(statistics.all.queued, 2);
  EXPECT_EQ(statistics.all.waiting, 0);
  EXPECT_EQ(statistics.oldest_queued, oldest);
}

TEST(Inbox, FindsADamagedBody) {
  InboxWorld world;
  const std::string id = world.Push("d1", std::string(5000, 'a')).id;
  for (const auto& entry : std::filesystem::directory_iterator(world.folder.path() / "bodies")) {
    WriteFileDurably(entry.path(), std::string(200, 'x'));
  }
  EXPECT_THROW(static_cast<void>(world.inbox.Body(id)), Error);
  EXPECT_EQ(world.inbox.Body("unknown"), std::nullopt);
}

}  // namespace
}  // namespace failgate
