// What is remembered of watches: any version can be told again, until it is forgotten.
#include "controller/watch/retention.h"
#include "tests/integration/watch/watch_world.h"

namespace failgate {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

class WatchStoreTest : public WatchWorld {
 protected:
  bool Take(const std::string& path, const std::string& letter) {
    return store_->Advance(
        "sales", {{{path, std::string(64, letter[0]), 1, letter}}, {}}, NameOfFiles);
  }
};

TEST_F(WatchStoreTest, given_versions_when_told_again_then_each_has_the_files_it_had) {
  EXPECT_TRUE(Take("x", "a"));
  const std::string first = Version();
  EXPECT_TRUE(Take("y", "b"));
  const std::string second = Version();
  EXPECT_TRUE(Take("x", "c"));
  EXPECT_TRUE(store_->Advance("sales", {{}, {"y"}}, NameOfFiles));
  EXPECT_EQ(store_->FilesOf("sales", first)->at(0).state, "a");
  EXPECT_THAT(*store_->FilesOf("sales", second), SizeIs(2));
  EXPECT_EQ(store_->FilesOf("sales", second)->at(0).state, "a");
  EXPECT_THAT(*store_->FilesOf("sales", Version()), SizeIs(1));
  EXPECT_FALSE(store_->FilesOf("sales", "sha256:00").has_value());
  EXPECT_FALSE(store_->FilesOf("clicks", first).has_value());
}

TEST_F(WatchStoreTest, given_the_content_of_an_earlier_version_when_it_comes_back_then_it_is_news) {
  EXPECT_TRUE(Take("x", "a"));
  EXPECT_TRUE(Take("x", "b"));
  EXPECT_TRUE(Take("x", "a"));
  EXPECT_FALSE(Take("x", "a"));
}

TEST_F(WatchStoreTest, given_many_versions_when_old_ones_are_forgotten_then_so_are_their_bytes) {
  for (const char* letter : {"a", "b", "c", "d"}) Take("x", letter);
  EXPECT_THAT(store_->Prune("sales", 2, clock_.Now()), ::testing::IsEmpty()) << "too new";
  clock_.Advance(Milliseconds(1));
  EXPECT_THAT(store_->Prune("sales", 2, clock_.Now()),
              ElementsAre(std::string(64, 'a'), std::string(64, 'b')));
  EXPECT_FALSE(store_->FilesOf("sales", "sha256:" + std::string(64, 'b')).has_value());
  EXPECT_TRUE(store_->FilesOf("sales", "sha256:" + std::string(64, 'c')).has_value());
  EXPECT_FALSE(store_->Uses(std::string(64, 'a')));
  EXPECT_TRUE(store_->Uses(std::string(64, 'c')));
}

TEST_F(WatchStoreTest, given_bytes_without_a_row_when_the_program_starts_then_they_go) {
  settings_.completion = Completion::kRename;
  Restart();
  Step();
  Write("a", "used");
  Step();
  ASSERT_TRUE(Step(std::chrono::seconds(1)));
  WriteFileDurably(settings_.path / "b", "not used");
  const FileDescriptor root(open(settings_.path.c_str(), O_RDONLY | O_DIRECTORY));
  const std::string unused = data_->Take(root.get(), "b", {}, {})->sha256;
  data_ = std::make_unique<WatchedBytes>(folder_.path() / "kept");
  ForgetUnusedBytes(*store_, *data_);
  EXPECT_FALSE(data_->Has(unused));
  EXPECT_TRUE(data_->Has(Sha256Hex("used")));
}

}  // namespace
}  // namespace failgate
