#include "controller/watch/copy_and_hash.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "controller/base/digest.h"
#include "controller/base/durable_file.h"
#include "controller/base/error.h"

namespace failgate {
namespace {

struct Copying {
  explicit Copying(std::size_t bytes) {
    std::string content(bytes, '\0');
    for (std::size_t i = 0; i < bytes; ++i) content[i] = static_cast<char>(i * 31 + i / 4096);
    digest = Sha256Hex(content);
    WriteFileDurably(folder.path() / "from", content);
  }
  std::optional<std::string> Copy(const std::filesystem::path& to, long long size) {
    const FileDescriptor in(::open((folder.path() / "from").c_str(), O_RDONLY | O_CLOEXEC));
    const FileDescriptor out(::open(to.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    return CopyAndHash({in.get(), "from"}, {out.get(), "to"}, size, stop.get_token(), {});
  }
  [[nodiscard]] std::filesystem::path to() const { return folder.path() / "to"; }

  TemporaryFolder folder;
  std::string digest;
  std::stop_source stop;
};

/// Below and above what is worth threads, at and beside the borders of blocks and pages.
class CopyOfSize : public testing::TestWithParam<std::size_t> {};

TEST_P(CopyOfSize, IsTheFileAndItsDigest) {
  Copying world(GetParam());
  EXPECT_EQ(world.Copy(world.to(), static_cast<long long>(GetParam())), world.digest);
  EXPECT_EQ(Sha256File(world.to()), world.digest);
}

constexpr std::size_t kMebibyte = std::size_t{1} << 20U;
INSTANTIATE_TEST_SUITE_P(CopyAndHash,
                         CopyOfSize,
                         testing::Values(0,
                                         1,
                                         8 * kMebibyte - 1,
                                         8 * kMebibyte,
                                         16 * kMebibyte,
                                         16 * kMebibyte + 1,
                                         31 * kMebibyte + 4097));

TEST(CopyAndHash, EndsSoonBehindTheSizeWhenTheFileGrew) {
  Copying world(40 * kMebibyte);
  const auto digest = world.Copy(world.to(), 10 * kMebibyte);
  ASSERT_TRUE(digest);
  EXPECT_NE(*digest, world.digest);
  EXPECT_GT(std::filesystem::file_size(world.to()), 10 * kMebibyte);
  EXPECT_LE(std::filesystem::file_size(world.to()), 14 * kMebibyte);
}

TEST(CopyAndHash, ShortensNothingWhenTheFileShrank) {
  Copying world(9 * kMebibyte);
  EXPECT_EQ(world.Copy(world.to(), 30 * kMebibyte), world.digest);
  EXPECT_EQ(std::filesystem::file_size(world.to()), 9 * kMebibyte);
}

TEST(CopyAndHash, ThrowsWhenTheDiskIsFull) {
  Copying world(32 * kMebibyte);
  EXPECT_THROW(static_cast<void>(world.Copy("/dev/full", 32 * kMebibyte)), Error);
}

TEST(CopyAndHash, ThrowsWhenItCannotRead) {
  const TemporaryFolder folder;
  const FileDescriptor in(::open(folder.path().c_str(), O_RDONLY | O_CLOEXEC));
  const FileDescriptor out(
      ::open((folder.path() / "to").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  EXPECT_THROW(static_cast<void>(CopyAndHash(
                   {in.get(), "from"}, {out.get(), "to"}, 32 * kMebibyte, std::stop_token(), {})),
               Error);
}

TEST(CopyAndHash, StopsWhenAsked) {
  Copying world(32 * kMebibyte);
  world.stop.request_stop();
  EXPECT_EQ(world.Copy(world.to(), 32 * kMebibyte), std::nullopt);
}

}  // namespace
}  // namespace failgate
