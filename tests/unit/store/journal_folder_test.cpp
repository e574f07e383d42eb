#include "controller/store/journal_folder.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

#include "controller/store/delivery_journal.h"
#include "controller/store/page_bytes.h"
#include "tests/unit/store/store_world.h"

namespace failgate {
namespace {

constexpr std::size_t kSegmentBytes = std::size_t{1} << 20U;

/// Whether this file system takes a page past the page cache, found out without our code.
bool CanWriteDirectly(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "probe";
  const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_DIRECT | O_CLOEXEC, 0600));
  void* page = std::aligned_alloc(kPageBytes, kPageBytes);
  const bool can =
      file.valid() && page != nullptr && ::pwrite(file.get(), page, kPageBytes, 0) == kPageBytes;
  std::free(page);
  std::filesystem::remove(path);
  return can;
}

/// The flags of the one descriptor of this process through which `path` is written.
int WritingFlags(const std::filesystem::path& path) {
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    if (std::filesystem::read_symlink(entry.path(), gone) == path) {
      const int flags = ::fcntl(std::stoi(entry.path().filename()), F_GETFL);
      if ((flags & O_ACCMODE) == O_WRONLY) {
        return flags;
      }
    }
  }
  ADD_FAILURE() << path << " is not open for writing";
  return 0;
}

TEST(JournalFolder, MakesSegmentsPastThePageCacheWhereTheFileSystemCan) {
  const TemporaryFolder folder;
  const JournalFolder journal(folder.path() / "deliveries");
  const bool can = CanWriteDirectly(folder.path());
  const JournalFolder::NewSegment made = journal.Create(1, static_cast<long long>(kSegmentBytes));
  EXPECT_EQ(made.direct, can);
  EXPECT_EQ((::fcntl(made.file.get(), F_GETFL) & O_DIRECT) != 0, can);
  EXPECT_EQ(made.written_bytes, static_cast<long long>(kSegmentBytes));
  EXPECT_EQ(ReadFile(journal.PathOf(1)).size(), kSegmentBytes);
  EXPECT_FALSE(journal.Create(2, 0).direct) << "nothing stands there that could be overwritten";
}

TEST(JournalFolder, IsWrittenPastThePageCacheByTheJournal) {
  const TemporaryFolder folder;
  if (!CanWriteDirectly(folder.path())) {
    GTEST_SKIP() << "the file system of " << folder.path() << " cannot write past the page cache";
  }
  DeliveryJournal journal(folder.path(), kSegmentBytes);
  journal.PrepareNext();
  const NewDelivery delivery = PushDelivery("d1", "body", FakeClock().Now());
  const BodyPlace place = journal.Append({{"id", delivery}}).at(0);
  const std::filesystem::path segment = journal.folder().PathOf(1);
  EXPECT_NE(WritingFlags(std::filesystem::canonical(segment)) & O_DIRECT, 0);
  EXPECT_EQ(journal.Read(place, 4), "body");
}

}  // namespace
}  // namespace failgate
