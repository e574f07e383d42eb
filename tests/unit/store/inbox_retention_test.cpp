#include <gtest/gtest.h>

#include "controller/base/digest.h"
#include "controller/store/inbox.h"
#include "tests/unit/store/store_world.h"

namespace failgate {
namespace {

TEST(InboxRetention, ForgetsOldRowsAndTheirFiles) {
  StoreWorld world;
  Inbox::Options options;
  options.segment_bytes = 1;
  Inbox inbox(world.database, world.folder.path() / "bodies", options, world.clock);
  const std::string done = AcceptOne(inbox, PushDelivery("1", "{}", world.clock.Now())).id;
  ASSERT_EQ(inbox.TakeQueued(1).size(), 1U);
  inbox.MarkDone({{{done}, "{}"}});
  const std::string open = AcceptOne(inbox, PushDelivery("2", "{}", world.clock.Now())).id;
  world.clock.Advance(options.keep + std::chrono::hours(1));
  const std::string last = AcceptOne(inbox, PushDelivery("3", "{}", world.clock.Now())).id;
  inbox.Prune();
  EXPECT_FALSE(inbox.Show(done).has_value());
  EXPECT_EQ(inbox.Body(open), "{}");
  EXPECT_EQ(inbox.Body(last), "{}");
  const std::filesystem::directory_iterator files(world.folder.path() / "bodies");
  EXPECT_EQ(std::distance(begin(files), end(files)), 2);
}

struct SmallJournal : StoreWorld {
  SmallJournal() {
    Inbox::Options options;
    options.segment_bytes = 1;  // a segment a delivery
    options.max_journal_bytes = 5000;
    inbox = std::make_unique<Inbox>(database, folder.path() / "bodies", options, clock);
  }
  /// Does not shrink: about a kilobyte of the journal each.
  std::string Push(int number) {
    std::string body;
    for (int i = 0; i < 16; ++i) body += Sha256Hex(std::to_string(number * 100 + i));
    const std::string id = std::to_string(number);
    return AcceptOne(*inbox, PushDelivery(id, body, clock.Now())).id;
  }
  void Finish(std::size_t count) {
    for (const QueuedDelivery& taken : inbox->TakeQueued(count)) {
      inbox->MarkDone({{{taken.id}, "{}"}});
    }
  }
  std::unique_ptr<Inbox> inbox;
};

TEST(InboxRetention, DeletesTheOldestThatAreDonePastTheBytes) {
  SmallJournal world;
  std::vector<std::string> ids;
  for (int i = 0; i < 12; ++i) ids.push_back(world.Push(i));
  world.Finish(12);
  world.inbox->Prune();
  EXPECT_LE(world.inbox->Statistics().journal_bytes, 5000);
  EXPECT_FALSE(world.inbox->Show(ids[0]).has_value());
  EXPECT_EQ(world.inbox->Show(ids[11])->status, DeliveryStatus::kDone);
  EXPECT_TRUE(world.inbox->Body(ids[11]).has_value());
  const long long left = world.inbox->Statistics().all.done;
  EXPECT_EQ(static_cast<std::size_t>(left), world.inbox->List(DeliveryFilter()).size());
  EXPECT_EQ(AcceptOne(*world.inbox, PushDelivery("new", "{}", world.clock.Now())).kind,
            AcceptOutcome::Kind::kQueued);
}

TEST(InboxRetention, NeverDeletesWhatIsNotDone) {
  SmallJournal world;
  std::vector<std::string> ids;
  for (int i = 0; i < 12; ++i) ids.push_back(world.Push(i));
  ASSERT_EQ(world.inbox->TakeQueued(1).size(), 1U);
  world.inbox->Prune();
  for (const std::string& id : ids) EXPECT_TRUE(world.inbox->Body(id).has_value());
  EXPECT_GT(world.inbox->Statistics().journal_bytes, 5000);
}

TEST(InboxRetention, KnowsTheKeysOfWhatItDeletedEarly) {
  SmallJournal world;
  const std::string first = world.Push(0);
  for (int i = 1; i < 12; ++i) static_cast<void>(world.Push(i));
  world.Finish(12);
  world.inbox->Prune();
  ASSERT_FALSE(world.inbox->Show(first).has_value());
  EXPECT_EQ(world.Push(0), first);
}

}  // namespace
}  // namespace failgate
