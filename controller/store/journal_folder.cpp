#include "controller/store/journal_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include "controller/base/error.h"
#include "controller/base/text.h"
#include "controller/store/page_bytes.h"

namespace failgate {
namespace {

constexpr std::string_view kSuffix = ".journal";
// Segments of versions that kept bodies only.
constexpr std::string_view kBodiesSuffix = ".bodies";
constexpr long long kZeroBlock = 64LL << 10U;
// So few that a sync of somebody else does not wait long behind them.
constexpr int kZeroBlocksAtOnce = 4;
alignas(kPageBytes) constexpr std::array<char, kZeroBlock> kZeros{};

void WriteZeros(int file, long long begin, long long end, const std::string& path) {
  long long synced = begin;
  for (long long at = begin; at < end;) {
    const auto part = static_cast<std::size_t>(std::min(end - at, kZeroBlock));
    WriteAt(file, at, {kZeros.data(), part}, path);
    at += static_cast<long long>(part);
    if (at - synced < kZeroBlocksAtOnce * kZeroBlock) continue;
    if (::fdatasync(file) != 0) throw ErrnoError("syncing", path, errno);
    synced = at;
  }
}

// Past the page cache, where nobody reads what is written here: to copy it there took longer than
// to write it. Not every file system can do it.
FileDescriptor OpenDirectly(const std::string& path) {
  return FileDescriptor(::open(path.c_str(), O_WRONLY | O_DIRECT | O_CLOEXEC | O_NOFOLLOW));
}

// Answers up to where it came, and leaves the rest to the caller.
long long WriteZerosDirectly(const FileDescriptor& file, long long begin, long long end) {
  std::array<iovec, kZeroBlocksAtOnce> blocks{};
  for (iovec& block : blocks) {
    block.iov_base = const_cast<char*>(kZeros.data());  // NOLINT: iovec serves readers too
    block.iov_len = kZeroBlock;
  }
  long long at = begin;
  while (file.valid() && end - at >= kZeroBlock) {
    const auto count =
        static_cast<int>(std::min<long long>((end - at) / kZeroBlock, kZeroBlocksAtOnce));
    const ssize_t put = ::pwritev(file.get(), blocks.data(), count, static_cast<off_t>(at));
    if (put <= 0 || put % kPageBytes != 0) break;
    at += put;
  }
  return at;
}

std::optional<long long> SegmentNumber(const std::filesystem::path& path) {
  if (path.extension() != kSuffix && path.extension() != kBodiesSuffix) return std::nullopt;
  return ParseNonNegative(path.stem().string());
}

}  // namespace

std::string ReadAt(int file, long long offset, std::size_t count, std::string_view object) {
  std::string bytes(count, '\0');
  std::size_t done = 0;
  while (done < count) {
    const ssize_t got = ::pread(file,
                                bytes.data() + done,
                                count - done,
                                static_cast<off_t>(offset) + static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw ErrnoError("reading", object, errno);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

void WriteAt(int file, long long offset, std::string_view bytes, std::string_view object) {
  while (!bytes.empty()) {
    const ssize_t put = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) throw ErrnoError("writing", object, errno);
    bytes.remove_prefix(static_cast<std::size_t>(put));
    offset += put;
  }
}

JournalFolder::JournalFolder(std::filesystem::path folder) : folder_(std::move(folder)) {
  CreateFolders(folder_, 0700);
}

std::filesystem::path JournalFolder::PathOf(long long segment) const {
  std::filesystem::path path = folder_ / fmt::format("{:012}{}", segment, kSuffix);
  std::filesystem::path bodies = folder_ / fmt::format("{:012}{}", segment, kBodiesSuffix);
  std::error_code ignored;
  return std::filesystem::exists(bodies, ignored) ? bodies : path;
}

std::vector<long long> JournalFolder::Segments() const {
  std::vector<long long> numbers;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    if (const std::optional<long long> number = SegmentNumber(entry.path())) {
      numbers.push_back(*number);
    }
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

JournalFolder::NewSegment JournalFolder::Create(long long segment, long long written_bytes) const {
  const std::string path = (folder_ / fmt::format("{:012}{}", segment, kSuffix)).string();
  FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.valid()) throw ErrnoError("making", path, errno);
  NewSegment made;
  try {
    WriteAt(file.get(), 0, kSegmentHeader, path);
    FileDescriptor directly;
    if (written_bytes > 0) {
      const long long first_page = std::min(written_bytes, kPageBytes);
      WriteZeros(file.get(), static_cast<long long>(kSegmentHeader.size()), first_page, path);
      directly = OpenDirectly(path);
      const long long buffered = WriteZerosDirectly(directly, first_page, written_bytes);
      WriteZeros(file.get(), buffered, written_bytes, path);
      made.direct = buffered > first_page;
      made.written_bytes = written_bytes;
    }
    SyncFile(file.get(), path);
    SyncFolder(folder_);
    made.file = std::move(made.direct ? directly : file);
  } catch (...) {
    // Half a segment would stay on the very disk that may just be full.
    static_cast<void>(::unlink(path.c_str()));
    throw;
  }
  return made;
}

long long JournalFolder::BytesOf(long long segment) const {
  struct stat status {};
  if (::stat(PathOf(segment).c_str(), &status) != 0) return 0;
  return static_cast<long long>(status.st_size);
}

long long JournalFolder::Bytes() const {
  long long bytes = 0;
  for (const long long segment : Segments()) bytes += BytesOf(segment);
  return bytes;
}

void JournalFolder::Remove(long long segment) const {
  const std::filesystem::path path = PathOf(segment);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    throw ErrnoError("removing", path.string(), errno);
  }
}

}  // namespace failgate
