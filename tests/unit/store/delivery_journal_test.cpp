#include "controller/store/delivery_journal.h"

#include <gtest/gtest.h>

#include "tests/unit/store/store_world.h"

namespace failgate {
namespace {

constexpr std::size_t kSegmentBytes = std::size_t{1} << 20U;

struct JournalWorld {
  TemporaryFolder folder;
  TimePoint now = FakeClock().Now();
  std::vector<NewDelivery> deliveries;

  std::vector<BodyPlace> Append(DeliveryJournal& journal, const std::vector<std::string>& ids) {
    deliveries.clear();
    for (const std::string& id : ids) deliveries.push_back(PushDelivery(id, "body " + id, now));
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
  EXPECT_EQ(read[0].delivery.body_sha256, delivery.body_sha256);
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

TEST(DeliveryJournal, EndsAtATornRecordWhereverItIsTorn) {
  JournalWorld world;
  DeliveryJournal journal(world.folder.path(), kSegmentBytes);
  const BodyPlace first = world.Append(journal, {"1"}).at(0);
  const BodyPlace second = world.Append(journal, {"2"}).at(0);
  const std::string bytes = ReadFile(world.File("1"));
  for (auto end = static_cast<std::size_t>(first.RecordEnd().offset);
       end < static_cast<std::size_t>(second.RecordEnd().offset);
       ++end) {
    WriteFileDurably(world.File("1"), bytes.substr(0, end));
    EXPECT_EQ(world.IdsBehind({}), Ids({"1"})) << "cut at " << end;
    WriteFileDurably(world.File("1"), bytes.substr(0, end) + std::string(bytes.size() - end, '\0'));
    EXPECT_EQ(world.IdsBehind({}), Ids({"1"})) << "zeros from " << end;
  }
}

TEST(DeliveryJournal, FindsEveryChangedByte) {
  JournalWorld world;
  DeliveryJournal journal(world.folder.path(), kSegmentBytes);
  const BodyPlace first = world.Append(journal, {"1"}).at(0);
  world.Append(journal, {"2"});
  const std::string bytes = ReadFile(world.File("1"));
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
    journal.PrepareNext();
    journal.PrepareNext();
    world.Append(journal, {"1"});
    EXPECT_EQ(journal.folder().Segments().size(), 1U);
    EXPECT_EQ(journal.folder().Bytes(), static_cast<long long>(kSegmentBytes));
  }
  EXPECT_EQ(world.IdsBehind({}), Ids({"1"}));
  EXPECT_LT(std::filesystem::file_size(world.File("1")), 1000U);
  EXPECT_EQ(world.IdsBehind({}), Ids({"1"}));
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
