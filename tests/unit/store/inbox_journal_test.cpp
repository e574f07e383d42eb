// What the inbox owes to its journal: nothing is lost when the rows, or all of the database, are.
#include <gtest/gtest.h>

#include "controller/store/inbox.h"
#include "tests/unit/store/store_world.h"

namespace failgate {
namespace {

using Kind = AcceptOutcome::Kind;

struct JournalledWorld : StoreWorld {
  [[nodiscard]] std::filesystem::path journal() const { return folder.path() / "bodies"; }
  std::unique_ptr<Inbox> Open() {
    return std::make_unique<Inbox>(database, journal(), Inbox::Options(), clock);
  }
  long long KeysInTable() {
    Session session(database);
    Rows rows = session->Query("SELECT count(*) FROM keys_by_segment");
    return rows.Next() ? rows.Integer(0) : -1;
  }
  AcceptOutcome Push(Inbox& inbox, const std::string& id) const {
    return AcceptOne(inbox, PushDelivery(id, "body of " + id, clock.Now()));
  }
};

TEST(InboxJournal, MakesRowsOnlyAfterTheAnswer) {
  JournalledWorld world;
  const auto inbox = world.Open();
  static_cast<void>(world.Push(*inbox, "d1"));
  static_cast<void>(world.Push(*inbox, "d2"));
  EXPECT_EQ(inbox->Index(), 2U);
  EXPECT_EQ(inbox->Index(), 0U);
}

TEST(InboxJournal, ShowsHeadersOutOfTheJournalAndTheRestWithoutIt) {
  JournalledWorld world;
  const auto inbox = world.Open();
  const std::string id = world.Push(*inbox, "d1").id;
  EXPECT_EQ(inbox->Show(id)->headers, (HeaderList{{"x-github-event", "push"}}));
  for (const auto& file : std::filesystem::directory_iterator(world.journal())) {
    std::filesystem::resize_file(file.path(), 20);
  }
  EXPECT_TRUE(inbox->Show(id)->headers.empty());
  EXPECT_EQ(inbox->Show(id)->delivery_id, "d1");
}

TEST(InboxJournal, KnowsDuplicatesBeforeAndAfterTheirRowsAreThere) {
  JournalledWorld world;
  const auto inbox = world.Open();
  const AcceptOutcome first = world.Push(*inbox, "d1");
  EXPECT_EQ(world.Push(*inbox, "d1").id, first.id);
  inbox->Index();
  EXPECT_EQ(world.Push(*inbox, "d1").kind, Kind::kDuplicate);
  EXPECT_EQ(world.Push(*inbox, "d1").id, first.id);
  // Another life on the same files, as after a kill.
  EXPECT_EQ(world.Push(*world.Open(), "d1").id, first.id);
}

TEST(InboxJournal, WritesTheKeysOfASegmentWhenItIsFull) {
  JournalledWorld world;
  Inbox::Options options;
  options.segment_bytes = 1;  // a segment a delivery
  Inbox inbox(world.database, world.journal(), options, world.clock);
  std::vector<std::string> ids;
  for (const char* id : {"d1", "d2", "d3"}) ids.push_back(world.Push(inbox, id).id);
  EXPECT_EQ(world.KeysInTable(), 0);
  world.clock.Advance(std::chrono::minutes(1));
  EXPECT_EQ(inbox.IndexSettled(), 3U);
  EXPECT_EQ(world.KeysInTable(), 2) << "the third segment may grow still";
  EXPECT_EQ(world.Push(inbox, "d1").id, ids[0]);
  EXPECT_EQ(world.Push(inbox, "d2").id, ids[1]);
  EXPECT_EQ(world.Push(inbox, "d3").id, ids[2]);
}

TEST(InboxJournal, WritesTheKeysThatALifeBeforeOwed) {
  JournalledWorld world;
  const auto former = world.Open();
  const AcceptOutcome indexed = world.Push(*former, "d1");
  former->Index();
  const AcceptOutcome journalled = world.Push(*former, "d2");
  EXPECT_EQ(world.KeysInTable(), 0);
  const auto inbox = world.Open();
  EXPECT_EQ(world.KeysInTable(), 2);
  EXPECT_EQ(world.Push(*inbox, "d1").id, indexed.id);
  EXPECT_EQ(world.Push(*inbox, "d2").id, journalled.id);
}

TEST(InboxJournal, WritesADeliveryOnceWithItsOutcomeWhenItIsDoneBeforeItIsIndexed) {
  JournalledWorld world;
  const auto inbox = world.Open();
  const std::string id = world.Push(*inbox, "d1").id;
  ASSERT_EQ(inbox->TakeQueued(5).size(), 1U);
  inbox->MarkDone({{{id}, "{\"runs\":[]}"}});
  EXPECT_EQ(inbox->Index(), 1U);
  EXPECT_EQ(inbox->Show(id)->status, DeliveryStatus::kDone);
  EXPECT_EQ(inbox->Show(id)->outcome_json, "{\"runs\":[]}");
  EXPECT_EQ(inbox->Show(id)->finished_at, world.clock.Now());
}

TEST(InboxJournal, LeavesWhatIsOpenWithoutARowForAWhile) {
  JournalledWorld world;
  const auto inbox = world.Open();
  for (const char* id : {"d1", "d2", "d3"}) static_cast<void>(world.Push(*inbox, id));
  EXPECT_EQ(inbox->IndexSettled(), 0U);
  const std::vector<QueuedDelivery> taken = inbox->TakeQueued(2);
  inbox->MarkDone({{{taken.at(0).id}, "{}"}});
  EXPECT_EQ(inbox->IndexSettled(), 1U);
  EXPECT_EQ(inbox->IndexSettled(), 0U);
  world.clock.Advance(std::chrono::minutes(1));
  EXPECT_EQ(inbox->IndexSettled(), 2U);
  EXPECT_EQ(inbox->Statistics().all.done, 1);
  EXPECT_EQ(inbox->Statistics().all.processing, 1);
  EXPECT_EQ(inbox->TakeQueued(5).size(), 1U);
}

TEST(InboxJournal, MakesRowsOfWhatIsOpenBeforeItIsTooMuch) {
  JournalledWorld world;
  Inbox::Options options;
  options.max_unindexed = 4;
  Inbox inbox(world.database, world.journal(), options, world.clock);
  for (const char* id : {"d1", "d2"}) static_cast<void>(world.Push(inbox, id));
  EXPECT_EQ(inbox.IndexSettled(), 0U);
  static_cast<void>(world.Push(inbox, "d3"));
  EXPECT_EQ(inbox.IndexSettled(), 3U);
}

TEST(InboxJournal, GivesBackAlsoWhatIsNotIndexed) {
  JournalledWorld world;
  const auto inbox = world.Open();
  const std::string id = world.Push(*inbox, "d1").id;
  ASSERT_EQ(inbox->TakeQueued(5).size(), 1U);
  inbox->GiveBack({id, "unknown"});
  EXPECT_EQ(inbox->Statistics().all.queued, 1);
  EXPECT_EQ(inbox->TakeQueued(5).at(0).id, id);
}

TEST(InboxJournal, ReadsWhatAFormerLifeDidNotIndex) {
  JournalledWorld world;
  const auto killed = world.Open();
  const std::string first = world.Push(*killed, "d1").id;
  killed->Index();
  const std::string second = world.Push(*killed, "d2").id;
  const auto after = world.Open();
  EXPECT_EQ(after->Statistics().all.queued, 2);
  EXPECT_EQ(after->Body(second), "body of d2");
  EXPECT_GT(world.Push(*after, "d3").id, second);
  const std::vector<QueuedDelivery> taken = after->TakeQueued(10);
  ASSERT_EQ(taken.size(), 3U);
  EXPECT_EQ(taken[0].id, first);
  EXPECT_EQ(taken[1].id, second);
}

TEST(InboxJournal, QueuesEverythingOfTheJournalWhenTheDatabaseIsLost) {
  JournalledWorld world;
  std::string done;
  std::string open;
  {
    const auto inbox = world.Open();
    done = world.Push(*inbox, "d1").id;
    ASSERT_EQ(inbox->TakeQueued(5).size(), 1U);
    inbox->MarkDone({{{done}, "{}"}});
    open = world.Push(*inbox, "d2").id;
  }
  Database fresh(world.folder.path() / "new.db", DatabaseUser::kServer, world.clock);
  Inbox inbox(fresh, world.journal(), Inbox::Options(), world.clock);
  EXPECT_EQ(inbox.Show(done)->status, DeliveryStatus::kQueued) << "nobody knows what it came to";
  EXPECT_EQ(inbox.Show(open)->status, DeliveryStatus::kQueued);
  EXPECT_EQ(inbox.Body(open), "body of d2");
  EXPECT_EQ(world.Push(inbox, "d2").id, open);
}

TEST(InboxJournal, TakesTheLaterOfTwoWithOneKey) {
  JournalledWorld world;
  const NewDelivery delivery = PushDelivery("d1", "{}", world.clock.Now());
  {
    DeliveryJournal journal(world.journal(), 1000);
    journal.Append({{"01000000-0000-7000-8000-000000000001", delivery}});
    journal.Append({{"01000000-0000-7000-8000-000000000002", delivery}});
  }
  const auto inbox = world.Open();
  const std::vector<QueuedDelivery> taken = inbox->TakeQueued(10);
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[0].id, "01000000-0000-7000-8000-000000000002");
}

TEST(InboxJournal, GoesOnWhenMoreWaitsForItsRowsThanMay) {
  JournalledWorld world;
  Inbox::Options options;
  options.max_unindexed = 2;
  Inbox inbox(world.database, world.journal(), options, world.clock);
  for (int i = 0; i < 7; ++i) {
    EXPECT_EQ(world.Push(inbox, std::to_string(i)).kind, Kind::kQueued);
  }
  EXPECT_LE(inbox.Statistics().unindexed, 2);
  EXPECT_EQ(inbox.List(DeliveryFilter()).size(), 7U);
}

TEST(InboxJournal, IndexesEverythingBeforeItStops) {
  JournalledWorld world;
  std::string id;
  {
    const auto inbox = world.Open();
    inbox->Start();
    inbox->Accept(PushDelivery("d1", "{}", world.clock.Now()),
                  [&id](const AcceptOutcome& outcome) { id = outcome.id; });
    inbox->Stop();
  }
  std::filesystem::remove_all(world.journal());
  EXPECT_TRUE(world.Open()->Show(id).has_value());
}

}  // namespace
}  // namespace failgate
