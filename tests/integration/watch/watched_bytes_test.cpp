// Bytes of watched data: copied and hashed in one pass, kept under their digest, given to steps.
#include "controller/watch/watched_bytes.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <thread>

#include "controller/base/digest.h"
#include "controller/base/durable_file.h"
#include "controller/base/error.h"

namespace failgate {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class WatchedBytesTest : public ::testing::Test {
 protected:
  WatchedBytesTest() {
    CreateFolders(in_);
    root_ = FileDescriptor(open(in_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  Result<WatchedBytes::Taken> Take(const std::string& name, const std::string& bytes) {
    WriteFileDurably(in_ / name, bytes);
    return store_.Take(root_.get(), name, {}, {});
  }
  std::filesystem::path ObjectOf(const std::string& sha256) {
    return folder_.path() / "kept/objects" / sha256.substr(0, 2) / sha256.substr(2);
  }

  TemporaryFolder folder_;
  std::filesystem::path in_ = folder_.path() / "in";
  FileDescriptor root_;
  WatchedBytes store_{folder_.path() / "kept"};
};

TEST_F(WatchedBytesTest, given_files_of_any_size_when_taken_then_their_bytes_and_digests_are_kept) {
  const std::size_t mebi = std::size_t{1} << 20U;
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, mebi - 1, mebi, 8 * mebi - 1, 8 * mebi, 13 * mebi + 7}) {
    std::string bytes(size, 'x');
    for (std::size_t i = 0; i < size; i += 4099) bytes[i] = static_cast<char>('a' + i % 26);
    const auto taken = Take("f", bytes);
    ASSERT_TRUE(taken.has_value()) << taken.error().text;
    EXPECT_EQ(taken->sha256, Sha256Hex(bytes)) << size;
    EXPECT_EQ(taken->size, static_cast<long long>(size));
    EXPECT_EQ(ReadFile(ObjectOf(taken->sha256)), bytes) << size;
  }
}

TEST_F(WatchedBytesTest, given_what_is_no_file_when_taken_then_it_is_refused) {
  std::filesystem::create_symlink("/etc/passwd", in_ / "link");
  ASSERT_EQ(mkfifo((in_ / "pipe").c_str(), 0600), 0);
  for (const char* name : {"absent", "link", "pipe", "."}) {
    const auto taken = store_.Take(root_.get(), name, {}, {});
    ASSERT_FALSE(taken.has_value()) << name;
    EXPECT_EQ(taken.error().code, "file_missing") << name;
  }
}

TEST_F(WatchedBytesTest, given_a_program_that_ends_when_a_file_is_taken_then_nothing_is_kept) {
  std::jthread ending([] {});
  ending.request_stop();
  WriteFileDurably(in_ / "f", std::string(std::size_t{9} << 20U, 'x'));
  EXPECT_EQ(store_.Take(root_.get(), "f", ending.get_stop_token(), {}).error().code, "stopped");
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path() / "kept/tmp"));
}

TEST_F(WatchedBytesTest, given_kept_bytes_when_placed_then_nobody_can_write_and_damage_is_seen) {
  const std::string sha = Take("f", "data")->sha256;
  store_.Place(sha, folder_.path() / "view/a", true);
  store_.Place(sha, folder_.path() / "copy/a", false);
  for (const char* name : {"view/a", "copy/a"}) {
    struct stat status {};
    ASSERT_EQ(stat((folder_.path() / name).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0444U) << name;
    EXPECT_EQ(ReadFile(folder_.path() / name), "data");
  }
  EXPECT_EQ(std::filesystem::hard_link_count(ObjectOf(sha)), 2U) << "only a view shares the bytes";
  RemoveTree(ObjectOf(sha));
  WriteFileDurably(ObjectOf(sha), "date");
  EXPECT_THAT([&] { store_.Place(sha, folder_.path() / "view/b", true); },
              ThrowsMessage<Error>(HasSubstr(sha + " is damaged")));
  RemoveTree(ObjectOf(sha));
  EXPECT_THAT([&] { store_.Place(sha, folder_.path() / "view/b", true); },
              ThrowsMessage<Error>(HasSubstr(sha + " is not kept any more")));
}

TEST_F(WatchedBytesTest, given_bytes_taken_a_moment_ago_when_they_are_not_used_then_they_stay) {
  const std::string sha = Take("f", "data")->sha256;
  EXPECT_FALSE(store_.Remove(sha));
  WatchedBytes next(folder_.path() / "kept");
  std::vector<std::string> kept;
  next.ForEach([&](const std::string& digest) { kept.push_back(digest); });
  EXPECT_THAT(kept, ::testing::ElementsAre(sha));
  EXPECT_TRUE(next.Remove(sha));
  EXPECT_FALSE(next.Has(sha));
}

}  // namespace
}  // namespace failgate
