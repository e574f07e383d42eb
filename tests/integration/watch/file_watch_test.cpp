// Files of a real folder, from the first byte to the version: never half a one, never one twice.
#include <sys/stat.h>

#include "tests/integration/watch/watch_world.h"

namespace failgate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using std::chrono::seconds;

class StableFiles : public WatchWorld {};

TEST_F(StableFiles, given_a_file_that_grows_when_it_lies_still_then_it_is_taken_once) {
  EXPECT_FALSE(Step());
  Write("a.csv", "one");
  EXPECT_FALSE(Step());
  EXPECT_FALSE(Step(seconds(4)));
  Write("a.csv", "one, two");
  EXPECT_FALSE(Step(seconds(4))) << "it grew two looks ago";
  EXPECT_EQ(Version(), "");
  EXPECT_TRUE(Step(seconds(5)));
  EXPECT_EQ(Version(), Of("one, two"));
  EXPECT_FALSE(Step(seconds(60)));
  EXPECT_EQ(watch_->Status().taken_files, 1);
}

TEST_F(StableFiles, given_a_known_file_when_the_program_starts_again_then_it_is_not_read_again) {
  Write("a.csv", "one");
  Step();
  ASSERT_TRUE(Step(seconds(5)));
  Restart();
  EXPECT_FALSE(Step());
  EXPECT_FALSE(Step(seconds(60)));
  EXPECT_EQ(watch_->Status().taken_files, 0);
  EXPECT_EQ(watch_->Status().version, Of("one"));
}

TEST_F(StableFiles, given_the_same_bytes_under_new_times_when_looked_at_then_there_is_no_news) {
  Write("a.csv", "one");
  Step();
  ASSERT_TRUE(Step(seconds(5)));
  Write("a.csv", "one");
  Step();
  EXPECT_FALSE(Step(seconds(5)));
  EXPECT_EQ(watch_->Status().taken_files, 2) << "it had to be read";
  Restart();
  EXPECT_FALSE(Step(seconds(5)));
  EXPECT_EQ(watch_->Status().taken_files, 0);
}

TEST_F(StableFiles, given_files_in_folders_when_they_come_and_go_then_the_version_is_all_of_them) {
  settings_.patterns = {"*.csv"};
  Restart();
  Write("a.csv", "one");
  Step();
  ASSERT_TRUE(Step(seconds(5)));
  Write("year=2026/b.csv", "two");
  Write("year=2026/notes.txt", "x");
  Write(".hidden/c.csv", "x");
  Write(".d.csv", "x");
  std::filesystem::create_symlink(settings_.path / "a.csv", settings_.path / "e.csv");
  EXPECT_FALSE(Step());
  EXPECT_TRUE(Step(seconds(5)));
  EXPECT_THAT(Paths(), ElementsAre("a.csv", "year=2026/b.csv"));
  const std::string both = Version();
  Write("year=2026/b.csv", "three");
  Step();
  ASSERT_TRUE(Step(seconds(5))) << "a folder that came later is watched too";
  EXPECT_NE(Version(), both);
  std::filesystem::remove_all(settings_.path / "year=2026");
  EXPECT_FALSE(Step()) << "it may be replaced";
  EXPECT_TRUE(Step(seconds(5)));
  EXPECT_EQ(Version(), Of("one"));
  std::filesystem::remove(settings_.path / "a.csv");
  Step();
  EXPECT_TRUE(Step(seconds(5)));
  EXPECT_EQ(Version(), "none");
  ASSERT_TRUE(store_->FilesOf("sales", both).has_value()) << "what was, can still be had";
  EXPECT_EQ(store_->FilesOf("sales", both)->at(1).sha256, Sha256Hex("two"));
}

TEST_F(StableFiles, given_no_folder_when_it_comes_later_then_its_files_are_found) {
  std::filesystem::remove(settings_.path);
  EXPECT_THAT([this] { (void)Step(); },
              ::testing::ThrowsMessage<Error>(HasSubstr("opening the watched folder")));
  Write("a.csv", "one");
  Step();
  EXPECT_TRUE(Step(seconds(5)));
  std::filesystem::rename(settings_.path, folder_.path() / "old");
  Write("a.csv", "two");
  Step();
  EXPECT_TRUE(Step(seconds(5)));
  Write("a.csv", "three");
  Step();
  EXPECT_TRUE(Step(seconds(5))) << "notices come from the new folder";
}

TEST_F(StableFiles, given_notices_that_do_not_come_when_it_is_time_then_a_look_finds_the_file) {
  const auto point_at = [&](const std::string& folder) {
    CreateFolders(folder_.path() / folder);
    std::filesystem::create_directory_symlink(folder_.path() / folder, folder_.path() / "link");
    std::filesystem::rename(folder_.path() / "link", settings_.path);
  };
  std::filesystem::remove(settings_.path);
  point_at("first");
  Step();
  point_at("second");  // the kernel tells nobody
  Write("a.csv", "one");
  EXPECT_FALSE(Step(seconds(30)));
  EXPECT_FALSE(Step(seconds(30)));
  EXPECT_TRUE(Step(seconds(5)));
}

class RenamedFiles : public WatchWorld {
 protected:
  RenamedFiles() {
    settings_.completion = Completion::kRename;
    settings_.patterns = {"*.csv"};
    Restart();
    Step();
  }
};

TEST_F(RenamedFiles, given_a_file_that_is_renamed_when_it_arrives_then_it_is_taken_at_once) {
  Write("a.csv.part", "one");
  EXPECT_FALSE(Step(seconds(60)));
  Rename("a.csv.part", "a.csv");
  EXPECT_TRUE(Step());
  EXPECT_EQ(Version(), Of("one"));
  Write("b.part", "two");
  Rename("b.part", "a.csv");
  EXPECT_TRUE(Step());
  EXPECT_EQ(Version(), Of("two"));
}

TEST_F(RenamedFiles, given_a_file_that_is_written_in_its_place_when_it_grows_then_it_waits) {
  Write("a.csv", "on");
  EXPECT_FALSE(Step());
  Write("a.csv", "one");
  EXPECT_FALSE(Step(Milliseconds(900)));
  EXPECT_TRUE(Step(seconds(1)));
}

class MarkedFiles : public WatchWorld {
 protected:
  explicit MarkedFiles(const std::string& marker = ".done") {
    settings_.completion = Completion::kMarker;
    settings_.marker = marker;
    Restart();
    Step();
  }
  void Age(const std::string& path, long seconds_ago) {
    const timespec now{1'700'000'000 - seconds_ago, 0};
    const timespec times[2] = {now, now};
    ASSERT_EQ(utimensat(AT_FDCWD, (settings_.path / path).c_str(), times, 0), 0);
  }
};

TEST_F(MarkedFiles, given_a_marker_when_it_is_not_older_than_the_file_then_the_file_is_whole) {
  Write("a.csv", "one");
  EXPECT_FALSE(Step(seconds(600)));
  Write("a.csv.done", "");
  EXPECT_TRUE(Step());
  EXPECT_EQ(Version(), Of("one"));
  EXPECT_THAT(Paths(), ElementsAre("a.csv")) << "the marker is no data";
  Age("a.csv.done", 100);
  Write("a.csv", "one, tw");
  EXPECT_FALSE(Step(seconds(600))) << "its marker speaks of the file before";
  EXPECT_EQ(Version(), Of("one"));
  Write("a.csv", "one, two");
  Write("a.csv.done", "");
  EXPECT_TRUE(Step());
  EXPECT_EQ(Version(), Of("one, two"));
}

class MarkedFolders : public MarkedFiles {
 protected:
  MarkedFolders() : MarkedFiles("_SUCCESS") {}
};

TEST_F(MarkedFolders, given_a_marker_of_a_folder_when_it_comes_then_all_files_there_are_whole) {
  Write("day/a.csv", "one");
  Write("day/b.csv", "two");
  Write("other.csv", "x");
  EXPECT_FALSE(Step(seconds(600)));
  EXPECT_THAT(Paths(), IsEmpty());
  Write("day/_SUCCESS", "");
  EXPECT_TRUE(Step());
  EXPECT_THAT(Paths(), ElementsAre("day/a.csv", "day/b.csv"));
}

}  // namespace
}  // namespace failgate
