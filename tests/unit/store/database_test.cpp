#include "controller/store/database.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "controller/base/digest.h"
#include "controller/base/error.h"
#include "controller/store/migrations.h"
#include "tests/unit/store/store_world.h"

namespace failgate {
namespace {

TEST(Database, IsReadableByItsOwnerOnly) {
  StoreWorld world;
  struct stat status {};
  ASSERT_EQ(::stat(world.database.path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST(Database, KeepsWhatWasCommittedWhenOpenedAgain) {
  const TemporaryFolder folder;
  {
    Database database(folder.path() / "failgate.db");
    Values(database).Set("key", "value");
  }
  Database database(folder.path() / "failgate.db");
  EXPECT_FALSE(database.was_set_aside());
  EXPECT_EQ(Values(database).Get("key"), "value");
}

TEST(Transaction, RollsBackUnlessCommitted) {
  StoreWorld world;
  {
    Transaction transaction(world.database);
    transaction->Run("INSERT INTO meta (key, value) VALUES ('a', 'b')");
  }
  EXPECT_EQ(Values(world.database).Get("a"), std::nullopt);
}

TEST(Database, RefusesAFileOfANewerProgram) {
  const TemporaryFolder folder;
  {
    Database database(folder.path() / "failgate.db");
    Session session(database);
    session->Script(("PRAGMA user_version = " + std::to_string(SchemaVersion() + 1)).c_str());
  }
  try {
    Database database(folder.path() / "failgate.db");
    FAIL() << "a newer database was opened";
  } catch (const Error& error) {
    EXPECT_EQ(error.remedy(), Remedy::kNeedsChange);
    EXPECT_NE(std::string(error.what()).find("newer failgate"), std::string::npos);
  }
}

TEST(Database, SetsABrokenFileAsideAndBeginsAnew) {
  const TemporaryFolder folder;
  const FakeClock clock;
  const std::filesystem::path path = folder.path() / "failgate.db";
  WriteFileDurably(path, std::string(8192, 'x'));
  Database database(path, DatabaseUser::kServer, clock);
  EXPECT_TRUE(database.was_set_aside());
  EXPECT_EQ(ReadFile(path.string() + ".broken-" + FormatTimeMilliseconds(clock.Now())),
            std::string(8192, 'x'));
  Values(database).Set("works", "yes");
}

TEST(Database, FindsDamageInsideTheFile) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "failgate.db";
  {
    Database database(path);
    Transaction transaction(database);
    for (int i = 0; i < 2000; ++i) {
      transaction->Run("INSERT INTO meta (key, value) VALUES (?, ?)", {i, std::string(100, 'v')});
    }
    transaction.Commit();
  }
  std::string bytes = ReadFile(path);
  for (std::size_t at = bytes.size() / 2; at < bytes.size() - 4096; ++at) bytes[at] = '\x7f';
  WriteFileDurably(path, bytes);
  Database database(path);
  EXPECT_TRUE(database.was_set_aside());
}

TEST(Database, CarriesTheKeysOfTheFirstVersionOver) {
  StoreWorld world;
  const NewDelivery known = PushDelivery("d1", "{}", world.clock.Now());
  {
    Session session(world.database);
    TakeSchemaBackTo(*session, 1);
    session->Run("INSERT INTO delivery_keys VALUES (?, ?, ?, 'first', ?)",
                 {known.source, known.delivery_id, known.body_digest, known.received_at});
  }
  Database migrated(world.database.path(), DatabaseUser::kServer, world.clock);
  Inbox inbox(migrated, world.folder.path() / "bodies", Inbox::Options(), world.clock);
  EXPECT_EQ(AcceptOne(inbox, known).id, "first");
}

/// In a life that ends before it returns.
std::string StoreOne(StoreWorld& world, const std::filesystem::path& journal) {
  Inbox inbox(world.database, journal, Inbox::Options(), world.clock);
  return AcceptOne(inbox, PushDelivery("d1", "{}", world.clock.Now())).id;
}

TEST(Database, NamesTheDigestsOfDeliveriesThatWereThereBefore) {
  StoreWorld world;
  const std::filesystem::path journal = world.folder.path() / "bodies";
  const std::string id = StoreOne(world, journal);
  {
    Session session(world.database);
    session->Run("UPDATE deliveries SET body_digest = ?", {Sha256Hex("{}")});
    TakeSchemaBackTo(*session, 11);
  }
  Database migrated(world.database.path(), DatabaseUser::kServer, world.clock);
  Inbox inbox(migrated, journal, Inbox::Options(), world.clock);
  EXPECT_EQ(inbox.Show(id).value().body_digest, "sha256:" + Sha256Hex("{}"));
  EXPECT_EQ(inbox.Body(id), "{}");
}

TEST(Database, KeepsTheHeadersAndSegmentsOfDeliveriesThatWereThereBefore) {
  StoreWorld world;
  const std::filesystem::path journal = world.folder.path() / "bodies";
  const std::string id = StoreOne(world, journal);
  {
    Session session(world.database);
    session->Script("UPDATE deliveries SET status = 'done', headers = '[[\"x-former\",\"1\"]]'");
    TakeSchemaBackTo(*session, 12);
  }
  Database migrated(world.database.path(), DatabaseUser::kServer, world.clock);
  Inbox inbox(migrated, journal, Inbox::Options(), world.clock);
  EXPECT_EQ(inbox.Show(id).value().headers, (HeaderList{{"x-former", "1"}}));
  // The next life writes to a segment of its own, so that the one of before could go.
  static_cast<void>(AcceptOne(inbox, PushDelivery("d2", "{}", world.clock.Now())));
  inbox.Prune();
  EXPECT_EQ(inbox.Body(id), "{}");
  world.clock.Advance(Inbox::Options().keep + std::chrono::hours(1));
  inbox.Prune();
  EXPECT_EQ(inbox.Body(id), std::nullopt);
}

TEST(Database, LeavesABrokenFileToTheServer) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "failgate.db";
  WriteFileDurably(path, std::string(8192, 'x'));
  EXPECT_THROW(Database(path, DatabaseUser::kGuest), Error);
  EXPECT_EQ(ReadFile(path), std::string(8192, 'x'));
}

TEST(Database, ThrowsWhenItsFolderIsMissing) {
  EXPECT_THROW(Database("/nowhere/db"), Error);
}

TEST(Database, SyncsEveryCommitButThoseThatMayWait) {
  StoreWorld world;
  const auto synchronous = [&world] {
    Session session(world.database);
    Rows rows = session->Query("PRAGMA synchronous");
    return rows.Next() ? rows.Integer(0) : -1;
  };
  constexpr long long kFull = 2;
  EXPECT_EQ(synchronous(), kFull);
  {
    Transaction transaction(world.database, Durability::kLater);
    transaction->Run("INSERT INTO meta (key, value) VALUES ('later', '1')");
    transaction.Commit();
  }
  { const Transaction rolled_back(world.database, Durability::kLater); }
  EXPECT_EQ(synchronous(), kFull);
  EXPECT_EQ(Values(world.database).Get("later"), "1");
}

TEST(Database, ChecksThatItCanBeWritten) {
  StoreWorld world;
  EXPECT_NO_THROW(world.database.CheckWritable());
}

TEST(Database, EmptiesItsLogWhenNobodyReads) {
  StoreWorld world;
  Values meta(world.database);
  for (int i = 0; i < 50; ++i) meta.Set("key", std::to_string(i));
  world.database.Checkpoint();
  meta.Set("key", "last");
  const auto first = std::filesystem::file_size(world.database.path().string() + "-wal");
  for (int round = 0; round < 6; ++round) {
    for (int i = 0; i < 50; ++i) meta.Set("key", std::to_string(i));
    world.database.Checkpoint();
  }
  EXPECT_LE(std::filesystem::file_size(world.database.path().string() + "-wal"), 2 * first);
}

TEST(Database, RefusesASecondStatementWithUnboundValues) {
  StoreWorld world;
  Session session(world.database);
  EXPECT_THROW(session->Run("DELETE FROM meta WHERE key = ?"), Error);
}

}  // namespace
}  // namespace failgate
