#include "controller/store/key_table.h"

#include <gtest/gtest.h>

#include "tests/unit/store/store_world.h"

namespace failgate {
namespace {

using std::chrono::hours;

struct KeyWorld : StoreWorld {
  Session session{database};
  TimePoint now = clock.Now();

  static DeliveryKey Key(const std::string& id) {
    return KeyOf(SourceName("churn"), id, "0f").value();
  }
  void Insert(long long segment, const std::string& id, const std::string& delivery, hours age) {
    KeyInsertion(*session).Run(segment, Key(id), delivery, now - age);
  }
  std::string Find(const std::string& id, hours window) {
    return FindKey(*session, Key(id), now - window).value_or("none");
  }
};

TEST(KeyTable, FindsAKeyInWhicheverSegmentItIs) {
  KeyWorld world;
  EXPECT_EQ(world.Find("a", hours(9)), "none");
  world.Insert(0, "a", "first", hours(1));
  world.Insert(7, "b", "second", hours(1));
  world.Insert(900, "c", "third", hours(1));
  EXPECT_EQ(world.Find("a", hours(9)), "first");
  EXPECT_EQ(world.Find("b", hours(9)), "second");
  EXPECT_EQ(world.Find("c", hours(9)), "third");
  EXPECT_EQ(world.Find("d", hours(9)), "none");
}

TEST(KeyTable, TakesTheNewestOfTwoAndNoneThatIsTooOld) {
  KeyWorld world;
  world.Insert(1, "a", "old", hours(8));
  EXPECT_EQ(world.Find("a", hours(5)), "none");
  EXPECT_EQ(world.Find("a", hours(8)), "old");
  world.Insert(2, "a", "newer", hours(2));
  world.Insert(2, "a", "newest", hours(1));
  EXPECT_EQ(world.Find("a", hours(9)), "newest");
}

TEST(KeyTable, DeletesOldKeysInPartsAndKeepsTheOthers) {
  KeyWorld world;
  for (const char* id : {"1", "2", "3"}) world.Insert(1, id, id, hours(9));
  world.Insert(2, "4", "4", hours(9));
  world.Insert(2, "5", "5", hours(1));
  world.Insert(3, "6", "6", hours(1));
  EXPECT_EQ(DeleteKeysBefore(*world.session, world.now - hours(5), 2), 2U);
  EXPECT_EQ(DeleteKeysBefore(*world.session, world.now - hours(5), 9), 2U);
  EXPECT_EQ(DeleteKeysBefore(*world.session, world.now - hours(5), 9), 0U);
  std::size_t left = 0;
  EachKey(*world.session, [&](const DeliveryKey& key) {
    ++left;
    EXPECT_TRUE(key == KeyWorld::Key("5") || key == KeyWorld::Key("6"));
  });
  EXPECT_EQ(left, 2U);
}

TEST(RecentKeys, FindTheNewestDeliveryUnlessItIsTooOld) {
  const TimePoint now = FakeClock().Now();
  RecentKeys keys;
  keys.Add(1, KeyWorld::Key("a"), {"old", now - hours(8)});
  keys.Add(2, KeyWorld::Key("a"), {"newer", now - hours(2)});
  keys.Add(2, KeyWorld::Key("a"), {"newest", now - hours(1)});
  EXPECT_EQ(keys.Find(KeyWorld::Key("a"), now - hours(9)), "newest");
  EXPECT_EQ(keys.Find(KeyWorld::Key("a"), now), std::nullopt);
  EXPECT_EQ(keys.Find(KeyWorld::Key("b"), now - hours(9)), std::nullopt);
}

TEST(RecentKeys, GiveSegmentsAwayOldestFirst) {
  const TimePoint now = FakeClock().Now();
  RecentKeys keys;
  EXPECT_FALSE(keys.OldestBefore(100).has_value());
  keys.Add(7, KeyWorld::Key("b"), {"second", now});
  keys.Add(5, KeyWorld::Key("a"), {"first", now});
  EXPECT_FALSE(keys.OldestBefore(5).has_value());
  const auto oldest = keys.OldestBefore(8);
  ASSERT_TRUE(oldest.has_value());
  EXPECT_EQ(oldest->number, 5);
  keys.Drop(5);
  EXPECT_EQ(oldest->keys->at(KeyWorld::Key("a")).id, "first");
  EXPECT_EQ(keys.Find(KeyWorld::Key("a"), now), std::nullopt);
  EXPECT_EQ(keys.OldestBefore(8)->number, 7);
}

TEST(KeyTable, CarriesKeysThatWereGatheredInOneIndexOver) {
  StoreWorld world;
  const NewDelivery known = PushDelivery("d1", "{}", world.clock.Now());
  const auto key = KeyOf(known.source, known.delivery_id, known.body_digest);
  {
    Session session(world.database);
    TakeSchemaBackTo(*session, 5);
    session->Run("INSERT INTO recent_keys VALUES (?, 'first', ?)",
                 {key->Text(), known.received_at});
  }
  Database migrated(world.database.path(), DatabaseUser::kServer, world.clock);
  Inbox inbox(migrated, world.folder.path() / "bodies", Inbox::Options(), world.clock);
  EXPECT_EQ(AcceptOne(inbox, known).id, "first");
}

}  // namespace
}  // namespace failgate
