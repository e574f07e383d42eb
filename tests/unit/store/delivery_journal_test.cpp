#include "controller/store/delivery_journal.h"

#include <gtest/gtest.h>

#include "controller/base/digest.h"
#include "controller/base/error.h"
#include "tests/unit/store/store_world.h"

namespace failgate {
namespace {

constexpr std::size_t kSegmentBytes = std::size_t{1} << 20U;

struct JournalWorld {
  TemporaryFolder folder;
  TimePoint now = FakeClock().Now();
  std::string body = "body ";
  std::vector<NewDelivery> deliveries;

  std::vector<BodyPlace> Append(DeliveryJournal& journal, const std::vector<std::string>& ids) {
    deliveries.clear();
    for (const std::string& id : ids) deliveries.push_back(PushDelivery(id, body + id, now));
    std::vector<DeliveryJournal::Entry> entries;
    for (std::size_t i = 0; i < ids.size(); ++i) entries.push_back({ids[i], deliveries[i]});
    return journal.Append(entries);
  }
  std::vector<std::string> IdsBehind(JournalPosition from) {
    DeliveryJournal journal(folder.path(), kSegmentBytes);
    std::vector<std::string> ids;
    journal.ReadBehind(from, [&ids](const StoredDelivery& stored) { ids.push_back(stored.id); });
    return ids;
  }
  [[nodiscard]] std::filesystem::path File(const char* number) const {
    return folder.path() / ("00000000000" + std::string(number) + ".journal");
  }
};

using Ids = std::vector<std::string>;

TEST(DeliveryJournal, GivesBackWhatWasWritten) {
  JournalWorld world;
  DeliveryJournal journal(world.folder.path(), kSegmentBytes);
  NewDelivery delivery = PushDelivery("d1", std::string(9000, 'b'), world.now);
  delivery.headers = {{"a", "\xff\"\\"}, {"", ""}};
  delivery.refs.push_back(RefHint{"refs/heads/gone", true});
  delivery.kind = NewDelivery::Kind::kIgnored;
  delivery.ignored_because = "a tag";
  const BodyPlace place = journal.Append({{"id", delivery}}).at(0);
  EXPECT_EQ(journal.Read(place, 9000), delivery.body);
  std::vector<StoredDelivery> read;
  DeliveryJournal after(world.folder.path(), kSegmentBytes);
  after.ReadBehind({}, [&read](StoredDelivery stored) { read.push_back(std::move(stored)); });
  ASSERT_EQ(read.size(), 1U);
  EXPECT_EQ(read[0].id, "id");
  EXPECT_EQ(read[0].body_bytes, 9000U);
  EXPECT_EQ(read[0].place.RecordEnd(), place.RecordEnd());
  EXPECT_EQ(read[0].delivery.headers, delivery.headers);
  EXPECT_EQ(read[0].delivery.refs, delivery.refs);
  EXPECT_EQ(read[0].delivery.kind, delivery.kind);
  EXPECT_EQ(read[0].delivery.ignored_because, "a tag");
  EXPECT_EQ(read[0].delivery.received_at, world.now);
  EXPECT_EQ(read[0].delivery.body_digest, delivery.body_digest);
}

TEST(DeliveryJournal, GivesBackBodiesHoweverTheyAreStored) {
  JournalWorld world;
  DeliveryJournal journal(world.folder.path(), kSegmentBytes);
  const std::string frame_of_nothing("\x28\xB5\x2F\xFD\x20\x00\x01\x00\x00", 9);
  const std::string large(100'000, 'b');
  for (const std::string& body :
       {std::string(), std::string("{}"), std::string(9000, 'b'), large, frame_of_nothing}) {
    const BodyPlace place = journal.Append({{"id", PushDelivery("d1", body, world.now)}}).at(0);
    EXPECT_EQ(journal.Read(place, body.size()), body);
    EXPECT_THROW(static_cast<void>(journal.Read(place, body.size() + 1)), Error);
  }
}

TEST(DeliveryJournal, GivesBackEverythingOfOneDelivery) {
  JournalWorld world;
  DeliveryJournal journal(world.folder.path(), kSegmentBytes);
  for (const std::string& body : {std::string("{}"), std::string(100'000, 'b')}) {
    static_cast<void>(journal.Append({{"before", PushDelivery("d0", "{}", world.now)}}));
    const NewDelivery delivery = PushDelivery("d1", body, world.now);
    const BodyPlace place = journal.Append({{"id", delivery}}).at(0);
    const StoredDelivery read = journal.ReadDelivery(place);
    EXPECT_EQ(read.id, "id");
    EXPECT_EQ(read.delivery.headers, delivery.headers);
    EXPECT_EQ(read.body_bytes, body.size());
    EXPECT_EQ(read.place.RecordEnd(), place.RecordEnd());
    EXPECT_EQ(read.place.head_bytes, place.head_bytes);
  }
}

TEST(DeliveryJournal, SaysThatARecordIsDamaged) {
  JournalWorld world;
  DeliveryJournal journal(world.folder.path(), kSegmentBytes);
  const BodyPlace place = journal.Append({{"id", PushDelivery("d1", "{}", world.now)}}).at(0);
  BodyPlace elsewhere = place;
  elsewhere.offset -= 1;
  EXPECT_THROW(static_cast<void>(journal.ReadDelivery(elsewhere)), Error);
  const std::filesystem::path file = journal.folder().PathOf(place.segment);
  std::string bytes = ReadFile(file);
  bytes.at(static_cast<std::size_t>(place.offset) - 1) ^= '\x01';
  WriteFileDurably(file, bytes);
  EXPECT_THROW(static_cast<void>(journal.ReadDelivery(place)), Error);
}

TEST(DeliveryJournal, ReadsBodiesThatFormerVersionsCompressed) {
  JournalWorld world;
  // What the program `zstd` makes of it.
  const std::string frame =
      std::string("\x28\xB5\x2F\xFD\x20\x18\xC1\x00\x00", 9) + "body of a former version";
  const std::filesystem::path file = world.folder.path() / "000000000003.bodies";
  WriteFileDurably(file, "12345" + frame);
  const DeliveryJournal journal(world.folder.path(), kSegmentBytes);
  const BodyPlace place{3, 5, static_cast<long long>(frame.size())};
  EXPECT_EQ(journal.Read(place, 24), "body of a former version");
}

TEST(DeliveryJournal, ReadsRecordsWhoseDigestIsTheShaOfFormerVersions) {
  JournalWorld world;
  DeliveryJournal journal(world.folder.path(), kSegmentBytes);
  NewDelivery former = PushDelivery("d1", "body", world.now);
  former.body_digest = Sha256Hex("body");
  NewDelivery torn = PushDelivery("d2", "body", world.now);
  torn.body_digest = Sha256Hex("another body");
  journal.Append({{"1", former}, {"2", torn}});
  std::vector<StoredDelivery> read;
  DeliveryJournal after(world.folder.path(), kSegmentBytes);
  after.ReadBehind({}, [&read](StoredDelivery stored) { read.push_back(std::move(stored)); });
  ASSERT_EQ(read.size(), 1U);
  EXPECT_EQ(read[0].delivery.body_digest, "sha256:" + Sha256Hex("body"));
}

TEST(DeliveryJournal, ReadsOnlyWhatLiesBehindThePosition) {
  JournalWorld world;
  DeliveryJournal journal(world.folder.path(), kSegmentBytes);
  const BodyPlace second = world.Append(journal, {"1", "2"}).at(1);
  world.Append(journal, {"3"});
  EXPECT_EQ(world.IdsBehind(second.RecordEnd()), Ids({"3"}));
  EXPECT_EQ(world.IdsBehind({}), Ids({"1", "2", "3"}));
  EXPECT_EQ(world.IdsBehind({second.segment + 1, 0}), Ids());
}

/// Of bodies that are stored as they are, and of those that are compressed.
class StoredBodies : public testing::TestWithParam<std::size_t> {
 protected:
  StoredBodies() {
    world.body = std::string(GetParam(), 'b');
    first = world.Append(journal, {"1"}).at(0);
    second = world.Append(journal, {"2"}).at(0);
    bytes = ReadFile(world.File("1"));
  }
  JournalWorld world;
  DeliveryJournal journal{world.folder.path(), kSegmentBytes};
  BodyPlace first;
  BodyPlace second;
  std::string bytes;
};
INSTANTIATE_TEST_SUITE_P(DeliveryJournal, StoredBodies, testing::Values(5, 50'000));

TEST_P(StoredBodies, EndAtATornRecordWhereverItIsTorn) {
  for (auto end = static_cast<std::size_t>(first.RecordEnd().offset);
       end < static_cast<std::size_t>(second.RecordEnd().offset);
       ++end) {
    WriteFileDurably(world.File("1"), bytes.substr(0, end));
    EXPECT_EQ(world.IdsBehind({}), Ids({"1"})) << "cut at " << end;
    WriteFileDurably(world.File("1"), bytes.substr(0, end) + std::string(bytes.size() - end, '\0'));
    EXPECT_EQ(world.IdsBehind({}), Ids({"1"})) << "zeros from " << end;
  }
}

TEST_P(StoredBodies, ShowEveryChangedByte) {
  for (auto at = static_cast<std::size_t>(first.RecordEnd().offset); at < bytes.size(); ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 0x41);
    WriteFileDurably(world.File("1"), changed);
    EXPECT_EQ(world.IdsBehind({}), Ids({"1"})) << "changed at " << at;
  }
}

TEST(DeliveryJournal, DoesNotTakeARecordOfAnotherPlace) {
  JournalWorld world;
  DeliveryJournal journal(world.folder.path(), kSegmentBytes);
  world.Append(journal, {"1"});
  std::filesystem::rename(world.File("1"), world.File("7"));
  EXPECT_EQ(world.IdsBehind({}), Ids());
}

TEST(DeliveryJournal, GoesOnWithTheSegmentsBehindATornOne) {
  JournalWorld world;
  {
    DeliveryJournal journal(world.folder.path(), kSegmentBytes);
    world.Append(journal, {"1"});
  }
  {
    DeliveryJournal journal(world.folder.path(), kSegmentBytes);
    world.Append(journal, {"2"});
  }
  const std::string bytes = ReadFile(world.File("1"));
  WriteFileDurably(world.File("1"), bytes.substr(0, bytes.size() - 1));
  EXPECT_EQ(world.IdsBehind({}), Ids({"2"}));
}

TEST(DeliveryJournal, WritesIntoTheSegmentMadeBeforehandAndGivesItsSpaceBack) {
  JournalWorld world;
  {
    DeliveryJournal journal(world.folder.path(), kSegmentBytes);
    EXPECT_TRUE(journal.WantsNext());
    journal.PrepareNext();
    EXPECT_FALSE(journal.WantsNext());
    journal.PrepareNext();
    world.Append(journal, {"1"});
    EXPECT_EQ(journal.folder().Segments().size(), 1U);
    EXPECT_EQ(journal.folder().Bytes(), static_cast<long long>(kSegmentBytes));
  }
  EXPECT_EQ(world.IdsBehind({}), Ids({"1"}));
  EXPECT_LT(std::filesystem::file_size(world.File("1")), 1000U);
  EXPECT_EQ(world.IdsBehind({}), Ids({"1"}));
}

TEST(DeliveryJournal, WritesRecordsOfAnySizeOverTheZerosOfASegment) {
  JournalWorld world;
  Ids all;
  {
    DeliveryJournal journal(world.folder.path(), kSegmentBytes);
    journal.PrepareNext();
    for (std::size_t i = 0; i < 40; ++i) {
      all.push_back(std::to_string(i));
      world.body = std::string(i * 331, 'b');
      const BodyPlace place = world.Append(journal, {all.back()}).at(0);
      EXPECT_EQ(journal.Read(place, world.body.size() + all.back().size()),
                world.body + all.back());
    }
  }
  EXPECT_EQ(world.IdsBehind({}), all);
}

TEST(DeliveryJournal, WantsTheNextSegmentOnceTheOneIsHalfFull) {
  JournalWorld world;
  DeliveryJournal journal(world.folder.path(), 1000);
  world.Append(journal, {"1"});
  EXPECT_FALSE(journal.WantsNext());
  world.Append(journal, {"2", "3"});
  EXPECT_TRUE(journal.WantsNext());
}

TEST(DeliveryJournal, ReadsNoRecordsOutOfSegmentsThatHoldBodiesOnly) {
  JournalWorld world;
  WriteFileDurably(world.folder.path() / "000000000004.bodies", std::string(500, 'z'));
  EXPECT_EQ(world.IdsBehind({}), Ids());
  DeliveryJournal journal(world.folder.path(), kSegmentBytes);
  EXPECT_EQ(world.Append(journal, {"1"}).at(0).segment, 5);
}

TEST(KeyFilter, NeverForgetsAKey) {
  KeyFilter filter;
  int wrong = 0;
  for (int i = 0; i < 20000; ++i) {
    const DeliveryKey key = KeyOf(SourceName("churn"), std::to_string(i), "0f").value();
    wrong += filter.MayHave(key) ? 1 : 0;
    filter.Add(key);
    EXPECT_TRUE(filter.MayHave(key));
    EXPECT_EQ(ParseDeliveryKey(key.Text()), key);
  }
  EXPECT_LT(wrong, 20);
  EXPECT_EQ(KeyOf(SourceName("churn"), "", "0f"), std::nullopt);
  EXPECT_NE(KeyOf(SourceName("a"), "bc", "0f"), KeyOf(SourceName("ab"), "c", "0f"));
  EXPECT_EQ(ParseDeliveryKey(std::string(32, 'g')), std::nullopt);
}

}  // namespace
}  // namespace failgate
