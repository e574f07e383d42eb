// Delta Lake tables by a real writer, followed while it works on them: what is placed for a step is
// what the real reader sees. Skipped where scripts/setup has not installed it.
#include <future>
#include <map>

#include "controller/base/error.h"
#include "controller/watch/delta_watch.h"
#include "controller/watch/watched_data.h"
#include "tests/integration/watch/delta_program.h"
#include "tests/integration/watch/watch_world.h"

namespace failgate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::ThrowsMessage;
using Rows = DeltaRows;
using Told = DeltaTold;

class RealDelta : public WatchWorld {
 protected:
  void SetUp() override {
    if (const std::string missing = MissingPeer("deltalake"); !missing.empty()) {
      GTEST_SKIP() << missing;
    }
    settings_.kind = WatchKind::kDelta;
    settings_.rescan = Milliseconds(20);
    std::filesystem::remove_all(settings_.path);
    Follow();
  }
  /// Also a new life of the program.
  void Follow() {
    table_.reset();
    Restart();
    table_ = std::make_unique<DeltaWatch>(settings_, *store_, *data_, clock_);
  }
  /// What the last verb left.
  Told Write(const std::vector<std::string>& verbs) {
    return RunDelta(settings_.path.string(), verbs).back();
  }
  /// Looks until a commit that was not renamed into its place has lain still.
  bool Look() {
    bool is_news = false;
    for (int look = 0; look < 2; ++look) {
      clock_.Advance(Milliseconds(600));
      is_news = table_->Step({}) || is_news;
    }
    return is_news;
  }
  /// The number of the newest version that was taken; -1 for none.
  long long Number() {
    const std::string version = Version();
    const std::size_t digest = version.rfind(":sha256:");
    if (digest == std::string::npos) return -1;
    return std::stoll(version.substr(version.rfind(':', digest - 1) + 1));
  }
  /// The files that a step gets of a version, and nothing else, hold these rows. Read at the end,
  /// all at once.
  void ExpectPlaced(const std::string& version, const Rows& rows) {
    const std::filesystem::path at = folder_.path() / ("at-" + std::to_string(expected_.size()));
    WatchedData watched({settings_}, *store_, *data_);
    EXPECT_FALSE(watched.Place({settings_.name, version}, at, false));
    expected_.push_back({-1, rows});
    reads_.push_back("placed=" + at.string());
  }
  void TearDown() override {
    if (reads_.empty()) return;
    EXPECT_EQ(RunDelta(settings_.path.string(), reads_), expected_);
  }
  /// One new version, and it is what the reader sees.
  void ExpectNews(const Told& told) {
    const long long versions = table_->Status().versions;
    EXPECT_TRUE(Look());
    EXPECT_FALSE(Look());
    EXPECT_EQ(table_->Status().versions, versions + 1);
    EXPECT_EQ(Number(), told.version);
    ExpectPlaced(Version(), told.rows);
  }
  void ExpectNoNews() {
    const std::string version = Version();
    EXPECT_FALSE(Look());
    EXPECT_EQ(Version(), version);
  }
  auto Refuses(const std::string& text) { return ThrowsMessage<Error>(HasSubstr(text)); }
  std::vector<long long> Commits() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(settings_.path / "_delta_log")) {
      names.push_back(entry.path().filename().string());
    }
    const DeltaListing listing = ReadDeltaListing(names);
    return {listing.commits.begin(), listing.commits.end()};
  }

  std::unique_ptr<DeltaWatch> table_;
  std::vector<std::string> reads_;
  std::vector<Told> expected_;
};

TEST_F(RealDelta, given_a_table_when_its_data_changes_then_each_change_is_one_version) {
  EXPECT_THAT([this] { (void)Look(); }, Refuses("no Delta Lake table"));
  ExpectNews(Write({"create"}));
  const std::string first = Version();
  ExpectNews(Write({"append=4,5"}));
  ExpectNews(Write({"overwrite=6,7,8"}));
  ExpectNews(Write({"append=9"}));
  Write(
      {"optimize", "order", "vacuum", "property=delta.enableChangeDataFeed:true", "compact-log=4"});
  ExpectNoNews();
  ExpectNews(Write({"delete=id = 7"}));
  // The writer's files of the first version are gone; ours are not.
  ExpectPlaced(first, {1, 2, 3});
}

TEST_F(RealDelta, given_two_writers_when_they_append_at_once_then_every_version_is_whole) {
  Write({"create"});
  EXPECT_TRUE(Look());
  std::map<long long, std::string> taken;
  auto writers = std::async(std::launch::async, [this] { return Write({"race=6"}); });
  const auto look = [&] {
    clock_.Advance(Milliseconds(600));
    if (table_->Step({})) taken[Number()] = Version();
  };
  while (writers.wait_for(Milliseconds(0)) != std::future_status::ready) {
    look();
    table_->Wait();
  }
  const Told last = writers.get();
  look();
  look();
  ASSERT_THAT(taken, ::testing::Contains(Key(last.version)));
  EXPECT_EQ(last.rows.size(), 15U);
  std::vector<std::string> versions;
  for (const auto& [number, name] : taken) versions.push_back("version=" + std::to_string(number));
  const std::vector<Told> told = RunDelta(settings_.path.string(), versions);
  std::size_t index = 0;
  for (const auto& [number, name] : taken) {
    EXPECT_EQ(told.at(index).version, number);
    ExpectPlaced(name, told.at(index++).rows);
  }
}

TEST_F(RealDelta, given_a_log_that_was_cleaned_when_looked_at_then_only_who_followed_goes_on) {
  Write({"create", "append=4"});
  EXPECT_TRUE(Look());
  Write({"checkpoint", "cleanup"});
  ASSERT_THAT(Commits(), ElementsAre(1));
  ExpectNoNews();
  ExpectNews(Write({"append=5"}));
  Follow();
  ExpectNoNews();
  ExpectNews(Write({"append=6"}));
  const std::string followed = Version();
  // Who looks for the first time never saw what the checkpoint has.
  settings_.name = "again";
  Follow();
  EXPECT_THAT([this] { (void)Look(); }, Refuses("its log begins with commit 1, "));
  EXPECT_FALSE(store_->Newest("again").has_value());
  // Nor did who was away meanwhile.
  settings_.name = "sales";
  Follow();
  Write({"append=7", "append=8", "checkpoint", "cleanup"});
  ASSERT_THAT(Commits(), ElementsAre(5));
  EXPECT_THAT([this] { (void)Look(); }, Refuses("its log begins with commit 5, "));
  EXPECT_EQ(Version(), followed);
  // What the sentence says to do.
  std::filesystem::remove_all(settings_.path);
  Follow();
  ExpectNews(Write({"create", "append=4"}));
}

TEST_F(RealDelta, given_features_of_the_format_when_looked_at_then_files_that_show_all_are_taken) {
  ExpectNews(Write({"partitioned", "append=4"}));
  EXPECT_THAT(Paths(), ::testing::Contains(::testing::StartsWith("day=day%201/")));
  Write({"feature=V2Checkpoint", "feature=DeletionVectors", "checkpoint"});
  ExpectNoNews();
  ExpectNews(Write({"delete=id = 3"}));
  ExpectNews(Write({"restore=1"}));
  std::filesystem::remove_all(settings_.path);
  Follow();
  ExpectNews(Write({"create=delta.enableDeletionVectors:true", "delete=id = 2"}));
  ExpectNews(Write({"zoneless"}));
  std::filesystem::remove_all(settings_.path);
  Follow();
  const std::string before = Version();
  Write({"create=delta.columnMapping.mode:name"});
  EXPECT_THAT([this] { (void)Look(); }, Refuses("call the column \"id\" otherwise"));
  EXPECT_EQ(Version(), before);
}

}  // namespace
}  // namespace failgate
