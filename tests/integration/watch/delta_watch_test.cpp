// A Delta Lake table of a real folder, its log written by hand: each version of its data once.
#include "controller/watch/delta_watch.h"

#include "controller/watch/watched_data.h"
#include "tests/integration/watch/watch_world.h"

namespace failgate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class DeltaTables : public WatchWorld {
 protected:
  DeltaTables() {
    settings_.kind = WatchKind::kDelta;
    RestartTable();
  }
  void RestartTable() {
    table_.reset();
    Restart();
    table_ = std::make_unique<DeltaWatch>(settings_, *store_, *data_, clock_);
  }
  static std::string Meta(const std::string& id) {
    return "{\"protocol\":{\"minReaderVersion\":1}}\n{\"metaData\":{\"id\":\"" + id + "\"}}\n";
  }
  /// The action and the file it adds.
  std::string Add(const std::string& path, const std::string& bytes, bool data_change = true) {
    Write(path, bytes);
    return "{\"add\":{\"path\":\"" + path + "\",\"size\":" + std::to_string(bytes.size()) +
           ",\"dataChange\":" + (data_change ? "true" : "false") + "}}\n";
  }
  static std::string Remove(const std::string& path, bool data_change = true) {
    return "{\"remove\":{\"path\":\"" + path +
           "\",\"dataChange\":" + (data_change ? "true" : "false") + "}}\n";
  }
  /// As writers do: whole, by rename.
  void Commit(long long version, const std::string& text) {
    Write("_delta_log/.tmp", text);
    Rename("_delta_log/.tmp", "_delta_log/" + DeltaCommitName(version));
  }
  std::string Named(const std::string& id, long long version, const std::string& text) {
    return "delta:" + id + ":" + std::to_string(version) + ":sha256:" + Sha256Hex(text);
  }
  bool Look(Milliseconds later = Milliseconds(600)) {
    clock_.Advance(later);
    return table_->Step({});
  }
  /// Until a commit that nobody told of has lain still.
  bool Settle() {
    const bool now = Look();
    return Look() || now;
  }
  auto Refuses(const std::string& text) { return ThrowsMessage<Error>(HasSubstr(text)); }
  std::unique_ptr<DeltaWatch> table_;
};

TEST_F(DeltaTables, given_commits_when_data_changes_then_each_version_is_taken_with_its_files) {
  const std::string first = Meta("t") + Add("a.parquet", "aa") + Add("b.parquet", "bb");
  Commit(0, first);
  Settle();
  EXPECT_EQ(Version(), Named("t", 0, first));
  EXPECT_THAT(Paths(), ElementsAre("a.parquet", "b.parquet"));
  const std::string second = Remove("a.parquet") + Add("c.parquet", "cc");
  Commit(1, second);
  EXPECT_TRUE(Look(Milliseconds(0))) << "it came by rename";
  EXPECT_EQ(Version(), Named("t", 1, second));
  EXPECT_THAT(Paths(), ElementsAre("b.parquet", "c.parquet"));
  EXPECT_EQ(table_->Status().taken_files, 3);
  EXPECT_FALSE(Look());
  WatchedData watched({settings_}, *store_, *data_);
  EXPECT_FALSE(watched.Place({"sales", Named("t", 0, first)}, folder_.path() / "at", false));
  EXPECT_EQ(ReadFile(folder_.path() / "at/a.parquet"), "aa");
}

TEST_F(DeltaTables, given_commits_that_only_move_rows_when_looked_at_then_there_is_no_news) {
  const std::string first = Meta("t") + Add("a.parquet", "aa") + Add("b.parquet", "bb");
  Commit(0, first);
  Settle();
  Commit(
      1,
      Remove("a.parquet", false) + Remove("b.parquet", false) + Add("ab.parquet", "aabb", false));
  Commit(2, "{\"commitInfo\":{\"operation\":\"VACUUM END\"}}\n");
  std::filesystem::remove(settings_.path / "a.parquet");
  EXPECT_FALSE(Look());
  EXPECT_EQ(Version(), Named("t", 0, first));
  RestartTable();
  EXPECT_FALSE(Look());
  const std::string third = Add("c.parquet", "cc");
  Commit(3, third);
  EXPECT_TRUE(Look());
  EXPECT_EQ(Version(), Named("t", 3, third));
  EXPECT_THAT(Paths(), ElementsAre("ab.parquet", "c.parquet"));
}

TEST_F(DeltaTables, given_a_burst_of_commits_when_looked_at_then_only_the_newest_is_taken) {
  Commit(0, Meta("t") + Add("a.parquet", "aa"));
  Commit(1, Add("b.parquet", "bb"));
  Commit(2, Remove("a.parquet"));
  std::filesystem::remove(settings_.path / "a.parquet");
  Settle();
  EXPECT_EQ(Version(), Named("t", 2, Remove("a.parquet")));
  EXPECT_THAT(Paths(), ElementsAre("b.parquet"));
}

TEST_F(DeltaTables, given_a_commit_written_in_its_place_when_it_is_half_then_it_waits) {
  Commit(0, Meta("t") + Add("a.parquet", "aa"));
  Settle();
  const std::string before = Version();
  const std::string half = Add("b.parquet", "bb");
  Write("_delta_log/" + DeltaCommitName(1), half);
  EXPECT_FALSE(Look());
  Write("_delta_log/" + DeltaCommitName(1), half + Add("c.parquet", "cc"));
  EXPECT_FALSE(Look(Milliseconds(400)));
  EXPECT_EQ(Version(), before);
  EXPECT_TRUE(Look());
  EXPECT_THAT(Paths(), ElementsAre("a.parquet", "b.parquet", "c.parquet"));
}

TEST_F(DeltaTables, given_writers_that_never_rest_when_looked_at_then_it_follows_all_the_same) {
  Commit(0, Meta("t") + Add("a.parquet", "aa"));
  Settle();
  const long long versions = table_->Status().versions;
  for (int version = 1; version <= 30; ++version) {
    Write("_delta_log/" + DeltaCommitName(version),
          Add("b" + std::to_string(version) + ".parquet", "bb"));
    static_cast<void>(Look(Milliseconds(400)));
  }
  EXPECT_EQ(table_->Status().versions, versions + 2) << "in twelve seconds, one every five";
  EXPECT_GT(Paths().size(), 20U);
}

TEST_F(DeltaTables, given_a_known_version_when_the_program_starts_again_then_it_goes_on_from_it) {
  Commit(0, Meta("t") + Add("a.parquet", "aa"));
  Settle();
  const std::string second = Add("b.parquet", "bb");
  RestartTable();
  EXPECT_FALSE(Look());
  Commit(1, second);
  // What came before may be gone now: it was read.
  std::filesystem::remove(settings_.path / "_delta_log" / DeltaCommitName(0));
  EXPECT_TRUE(Look());
  EXPECT_EQ(Version(), Named("t", 1, second));
  EXPECT_EQ(table_->Status().taken_files, 1);
}

TEST_F(DeltaTables, given_a_table_made_anew_in_its_place_when_looked_at_then_it_is_another_one) {
  Commit(0, Meta("t") + Add("a.parquet", "aa"));
  Commit(1, Add("b.parquet", "bb"));
  Settle();
  std::filesystem::remove_all(settings_.path / "_delta_log");
  const std::string first = Meta("u") + Add("b.parquet", "BB") + Add("z.parquet", "zz");
  Commit(0, first);
  Settle();
  EXPECT_EQ(Version(), Named("u", 0, first));
  EXPECT_THAT(Paths(), ElementsAre("b.parquet", "z.parquet"));
  EXPECT_EQ(store_->Files("sales").at(0).sha256, Sha256Hex("BB")) << "not that of its namesake";
}

TEST_F(DeltaTables, given_a_clean_up_when_it_is_half_done_then_a_followed_table_goes_on) {
  Commit(0, Meta("t") + Add("a.parquet", "aa"));
  for (int version = 1; version <= 4; ++version) {
    Commit(version, Add("b" + std::to_string(version) + ".parquet", "bb"));
  }
  Settle();
  Write("_delta_log/00000000000000000004.checkpoint.parquet", "PAR1");
  for (const int gone : {0, 1, 3}) {
    std::filesystem::remove(settings_.path / "_delta_log" / DeltaCommitName(gone));
  }
  EXPECT_FALSE(Look()) << "commit 2 is still there";
  const std::string fifth = Add("c.parquet", "cc");
  Commit(5, fifth);
  EXPECT_TRUE(Look());
  EXPECT_EQ(Version(), Named("t", 5, fifth));
  EXPECT_EQ(Paths().size(), 6U);
}

TEST_F(DeltaTables, given_a_log_with_a_gap_when_looked_at_then_it_is_refused_and_stays_so) {
  const std::string first = Meta("t") + Add("a.parquet", "aa");
  Commit(0, first);
  Settle();
  Commit(3, Add("b.parquet", "bb"));
  for (int look = 0; look < 2; ++look) {
    EXPECT_THAT([this] { (void)Settle(); }, Refuses("its log begins with commit 3, "));
    EXPECT_EQ(Version(), Named("t", 0, first));
    RestartTable();
  }
}

TEST_F(DeltaTables, given_a_deletion_vector_when_the_table_is_rewritten_then_it_is_taken_again) {
  Commit(0, Meta("t") + Add("a.parquet", "aa"));
  Settle();
  const std::string before = Version();
  Commit(1,
         Remove("a.parquet") +
             "{\"add\":{\"path\":\"a.parquet\",\"size\":2,\"dataChange\":true,"
             "\"deletionVector\":{\"storageType\":\"u\"}}}\n");
  EXPECT_THAT([this] { (void)Settle(); }, Refuses("version 1: rows of the file \"a.parquet\" are"));
  EXPECT_EQ(Version(), before);
  const std::string purge = Remove("a.parquet", false) + Add("p.parquet", "p", false);
  Commit(2, purge);
  EXPECT_TRUE(Look());
  EXPECT_EQ(Version(), Named("t", 2, purge));
  EXPECT_THAT(Paths(), ElementsAre("p.parquet"));
}

TEST_F(DeltaTables, given_a_file_that_is_missing_when_it_comes_then_the_others_are_not_read_again) {
  Commit(0, Meta("t") + Add("a.parquet", "aa") + Add("b.parquet", "bb"));
  std::filesystem::remove(settings_.path / "b.parquet");
  EXPECT_THAT([this] { (void)Settle(); }, Refuses("\"b.parquet\" of 2 bytes, but"));
  Write("b.parquet", "bb");
  EXPECT_TRUE(Look());
  EXPECT_THAT(Paths(), ElementsAre("a.parquet", "b.parquet"));
  EXPECT_EQ(table_->Status().taken_files, 2);
}

TEST_F(DeltaTables, given_what_is_no_table_we_can_read_when_looked_at_then_it_says_what_to_do) {
  EXPECT_THAT([this] { (void)Settle(); }, Refuses("it has no _delta_log"));
  Write("_delta_log/00000000000000000010.checkpoint.parquet", "PAR1");
  EXPECT_THAT([this] { (void)Settle(); }, Refuses("checkpoints are not read"));
  Commit(11, Add("a.parquet", "aa"));
  EXPECT_THAT([this] { (void)Settle(); }, Refuses("its log begins with commit 11"));
  std::filesystem::remove_all(settings_.path / "_delta_log");
  Commit(0, "{\"protocol\":{\"writerFeatures\":[\"catalogManaged\"]}}\n" + Meta("t"));
  EXPECT_THAT([this] { (void)Settle(); }, Refuses("managed by a catalog"));
  Commit(0, Meta("t") + Add("a.parquet", "aa"));
  std::filesystem::remove(settings_.path / "a.parquet");
  EXPECT_THAT([this] { (void)Settle(); }, Refuses("\"a.parquet\" of 2 bytes, but"));
  EXPECT_EQ(Version(), "");
  Write("a.parquet", "aa");
  EXPECT_TRUE(Look());
}

}  // namespace
}  // namespace failgate
