#include "controller/base/durable_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "controller/base/error.h"

namespace failgate {
namespace {

namespace fs = std::filesystem;

bool IsOpen(int fd) {
  return fcntl(fd, F_GETFD) != -1;
}

long CountEntries(const fs::path& folder) {
  return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
}

TEST(FileDescriptor, ClosesOnceAndMoves) {
  FileDescriptor first(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const int number = first.get();
  ASSERT_TRUE(first.valid());
  FileDescriptor second(std::move(first));
  FileDescriptor third;
  third = std::move(second);
  EXPECT_TRUE(IsOpen(number));
  third.Close();
  third.Close();
  EXPECT_FALSE(IsOpen(number));
  EXPECT_FALSE(third.valid());
}

TEST(FileDescriptor, ReleaseGivesOwnershipAway) {
  int number = -1;
  {
    FileDescriptor file(open("/dev/null", O_RDONLY | O_CLOEXEC));
    number = file.Release();
  }
  EXPECT_TRUE(IsOpen(number));
  close(number);
}

TEST(WriteFileDurably, ReplacesWholeFilesAndLeavesNothingElse) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "state";
  WriteFileDurably(path, "one");
  WriteFileDurably(path, "two", 0600);
  EXPECT_EQ(ReadFile(path), "two");
  EXPECT_EQ(CountEntries(folder.path()), 1);
  struct stat status {};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST(WriteFileDurably, KeepsTheOldFileWhenItFails) {
  const TemporaryFolder folder;
  fs::create_directories(folder.path() / "taken" / "inner");
  EXPECT_THROW(WriteFileDurably(folder.path() / "taken", "x"), Error);
  EXPECT_EQ(CountEntries(folder.path()), 1);
  EXPECT_THROW(WriteFileDurably(folder.path() / "absent" / "x", "x"), Error);
}

TEST(ReadFile, RefusesAbsentAndTooLargeFiles) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "file";
  EXPECT_THROW(static_cast<void>(ReadFile(path)), Error);
  EXPECT_FALSE(ReadFileIfPresent(path).has_value());
  WriteFileDurably(path, "12345");
  EXPECT_EQ(ReadFile(path, 5), "12345");
  EXPECT_EQ(ReadFileIfPresent(path), "12345");
  EXPECT_THROW(static_cast<void>(ReadFile(path, 4)), Error);
  EXPECT_THROW(static_cast<void>(ReadFileIfPresent(path, 4)), Error);
  EXPECT_THROW(static_cast<void>(ReadFileIfPresent(path / "below")), Error);
}

TEST(WriteAll, NamesTheObjectWhenItCannotWrite) {
  const FileDescriptor file(open("/dev/full", O_WRONLY | O_CLOEXEC));
  ASSERT_TRUE(file.valid());
  try {
    WriteAll(file.get(), "x", "the state");
    FAIL() << "written to a full disk";
  } catch (const Error& error) {
    EXPECT_EQ(error.remedy(), Remedy::kRetry);
    EXPECT_EQ(std::string(error.what()), "writing the state: No space left on device");
  }
}

TEST(Sync, RefusesWhatIsNotThere) {
  EXPECT_THROW(SyncFile(-1, "nothing"), Error);
  EXPECT_THROW(SyncFolder("/nonexistent/folder"), Error);
}

TEST(CreateFolders, MakesParentsAndTakesWhatIsThere) {
  const TemporaryFolder folder;
  CreateFolders(folder.path() / "a" / "b" / "c", 0700);
  CreateFolders(folder.path() / "a" / "b" / "c", 0700);
  struct stat status {};
  ASSERT_EQ(stat((folder.path() / "a").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
}

TEST(CreateFolders, RefusesAFileInTheWay) {
  const TemporaryFolder folder;
  WriteFileDurably(folder.path() / "a", "");
  EXPECT_THROW(CreateFolders(folder.path() / "a" / "b"), Error);
}

TEST(RemoveTree, RemovesReadOnlyFoldersAndFollowsNoLink) {
  const TemporaryFolder folder;
  const fs::path tree = folder.path() / "tree";
  fs::create_directories(tree / "locked" / "inner");
  WriteFileDurably(tree / "locked" / "inner" / "file", "x");
  fs::create_directories(folder.path() / "outside");
  WriteFileDurably(folder.path() / "outside" / "kept", "x");
  fs::create_directory_symlink(folder.path() / "outside", tree / "link");
  chmod((tree / "locked" / "inner").c_str(), 0);
  chmod((tree / "locked").c_str(), 0500);
  chmod(tree.c_str(), 0);
  RemoveTree(tree);
  EXPECT_FALSE(fs::exists(tree));
  EXPECT_TRUE(fs::exists(folder.path() / "outside" / "kept"));
}

TEST(RemoveTree, TakesALinkOrFileItselfAndNothing) {
  const TemporaryFolder folder;
  fs::create_directories(folder.path() / "kept");
  fs::create_directory_symlink(folder.path() / "kept", folder.path() / "link");
  RemoveTree(folder.path() / "link");
  RemoveTree(folder.path() / "absent");
  EXPECT_EQ(CountEntries(folder.path()), 1);
}

// Deeper than a path may be long and than files may be open.
TEST(RemoveTree, ManagesFoldersOfAnyDepth) {
  const TemporaryFolder folder;
  const fs::path tree = folder.path() / "tree";
  fs::create_directory(tree);
  FileDescriptor current(open(tree.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (int depth = 0; depth < 1200; ++depth) {
    ASSERT_EQ(mkdirat(current.get(), "d", 0755), 0);
    ASSERT_EQ(mkdirat(current.get(), ".failgate-remove-1", 0755), 0);
    current = FileDescriptor(openat(current.get(), "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    ASSERT_TRUE(current.valid());
  }
  RemoveTree(tree);
  EXPECT_FALSE(fs::exists(tree));
}

TEST(TemporaryFolder, IsGoneAtTheEnd) {
  const TemporaryFolder parent;
  fs::path path;
  {
    const TemporaryFolder folder(parent.path());
    path = folder.path();
    WriteFileDurably(path / "x", "x");
    EXPECT_EQ(path.parent_path(), parent.path());
  }
  EXPECT_FALSE(fs::exists(path));
  EXPECT_THROW(TemporaryFolder(parent.path() / "absent"), Error);
}

}  // namespace
}  // namespace failgate
