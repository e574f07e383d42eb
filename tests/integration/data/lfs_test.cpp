// Objects of git-lfs, pushed by its own program to a repository on this machine.
#include <sys/stat.h>

#include "tests/integration/data/data_world.h"

namespace failgate {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(DataWorld, PutsBytesInPlaceOfEveryPointer) {
  UseLfs(git_);
  const std::string rows(300'000, 'r');
  git_.Commit({{"data/train.bin", rows}, {"copy.bin", rows}, {"plain.csv", "a,b\n"}}, "data");
  Export();
  ASSERT_THAT(InWorkspace("data/train.bin"), HasSubstr("git-lfs"));
  const Result<DataObjects> placed = Place();
  ASSERT_TRUE(placed.has_value()) << placed.error().text;
  EXPECT_EQ(*placed, (DataObjects{1, 300'000}));
  EXPECT_EQ(InWorkspace("data/train.bin"), rows);
  EXPECT_EQ(InWorkspace("copy.bin"), rows);
  EXPECT_EQ(InWorkspace("plain.csv"), "a,b\n");
}

TEST_F(DataWorld, KeepsWhatItBroughtForTheNextStep) {
  UseLfs(git_);
  git_.Commit({{"train.bin", "bytes of it"}}, "data");
  Export();
  ASSERT_TRUE(Place().has_value());
  RemoveTree(git_.origin() / "lfs");
  Restart();
  Export();
  EXPECT_EQ(Place().value(), (DataObjects{1, 11}));
  EXPECT_EQ(InWorkspace("train.bin"), "bytes of it");
}

TEST_F(DataWorld, RefusesAnObjectThatIsNotInTheStoreAndFindsItLater) {
  UseLfs(git_);
  git_.Commit({{"train.bin", "bytes of it"}}, "data");
  Export();
  const std::string bytes = ReadFile(LfsObject(git_, "bytes of it"));
  RemoveTree(git_.origin() / "lfs");
  const Result<DataObjects> placed = Place();
  ASSERT_FALSE(placed.has_value());
  EXPECT_EQ(placed.error().code, "data_absent");
  EXPECT_THAT(placed.error().text,
              HasSubstr("is not in the store (\"train.bin\"): `git lfs push`"));
  CreateFolders(LfsObject(git_, bytes).parent_path());
  WriteFileDurably(LfsObject(git_, bytes), bytes);
  EXPECT_TRUE(Place().has_value());
}

TEST_F(DataWorld, RefusesAnObjectOfOtherBytesAndKeepsNothingOfItsSize) {
  UseLfs(git_);
  git_.Commit({{"train.bin", "bytes of it"}}, "data");
  Export();
  const auto object = LfsObject(git_, "bytes of it");
  chmod(object.c_str(), 0644);
  WriteFileDurably(object, "bytes of IT");
  EXPECT_EQ(Place().error().code, "data_damaged");
  WriteFileDurably(object, "short");
  EXPECT_EQ(Place().error().code, "data_damaged");
  EXPECT_THAT(InWorkspace("train.bin"), HasSubstr("git-lfs"));
}

TEST_F(DataWorld, BringsAgainWhatWasDamagedHere) {
  UseLfs(git_);
  git_.Commit({{"train.bin", "bytes of it"}}, "data");
  Export();
  ASSERT_TRUE(Place().has_value());
  ASSERT_THAT(Stored(), SizeIs(1));
  WriteFileDurably(Stored().front(), "bytes of IT");
  Export();
  EXPECT_TRUE(Place().has_value());
  EXPECT_EQ(InWorkspace("train.bin"), "bytes of it");
}

TEST_F(DataWorld, RefusesMoreThanAWorkspaceMayHold) {
  UseLfs(git_);
  git_.Commit({{"train.bin", "bytes of it"}}, "data");
  Export();
  max_bytes_ = 10;
  EXPECT_EQ(Place().error().code, "data_too_large");
  EXPECT_THAT(Stored(), IsEmpty());
}

TEST_F(DataWorld, RefusesAPointerThatSaysNotWhichBytes) {
  git_.Commit({{"a.bin", "version https://git-lfs.github.com/spec/v1\nsize 3\n"}}, "data");
  Export();
  EXPECT_THAT(Place().error().text, HasSubstr("a.bin: this git-lfs pointer needs `oid sha256:`"));
}

}  // namespace
}  // namespace failgate
