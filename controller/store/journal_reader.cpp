// Reading the journal back at start; delivery_journal.cpp writes it.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "controller/base/error.h"
#include "controller/base/log.h"
#include "controller/store/delivery_journal.h"

namespace failgate {
namespace {

constexpr std::size_t kReadAtOnce = std::size_t{1} << 20U;

class SegmentReader {
 public:
  SegmentReader(const std::filesystem::path& path, long long segment, long long bytes)
      : path_(path.string()),
        segment_(segment),
        bytes_(bytes),
        file_(::open(path_.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW)) {
    if (!file_.valid()) throw ErrnoError("opening", path_, errno);
  }

  [[nodiscard]] bool HasRecords() const {
    return ReadAt(file_.get(), 0, kSegmentHeader.size(), path_) == kSegmentHeader;
  }
  /// The next whole record, or nullopt at the end of what is whole.
  std::optional<StoredDelivery> Next() {
    const std::string prefix = Bytes(offset_, kRecordPrefixBytes);
    if (prefix.size() < kRecordPrefixBytes) return std::nullopt;
    const std::optional<RecordSizes> sizes = ParseRecordSizes(prefix);
    if (!sizes) return std::nullopt;
    const std::size_t count = std::size_t{sizes->head} + sizes->body;
    const long long begin = offset_ + static_cast<long long>(kRecordPrefixBytes);
    // Torn sizes may be anything; they must not make us ask for that much memory.
    if (static_cast<long long>(count) > bytes_ - begin) return std::nullopt;
    const std::string content = Bytes(begin, count);
    if (content.size() < count) return std::nullopt;
    std::optional<StoredDelivery> stored = ParseRecord({segment_, offset_}, prefix, content);
    if (stored) offset_ = begin + static_cast<long long>(count);
    return stored;
  }
  void Seek(long long offset) { offset_ = offset; }
  /// Cuts off space that was written beforehand; what is torn stays for whoever wants to look.
  void GiveBackSpace() const {
    for (long long at = offset_;; at += static_cast<long long>(kReadAtOnce)) {
      const std::string bytes = ReadAt(file_.get(), at, kReadAtOnce, path_);
      if (bytes.find_first_not_of('\0') != std::string::npos) {
        log::Warning("a segment of the journal of deliveries ends in a record that is not whole",
                     {{"file", path_}, {"offset", std::to_string(offset_)}});
        return;
      }
      if (bytes.size() < kReadAtOnce) break;
    }
    if (::ftruncate(file_.get(), static_cast<off_t>(offset_)) != 0) {
      throw ErrnoError("shortening", path_, errno);
    }
  }

 private:
  /// Out of a buffer, since records are many and small.
  std::string Bytes(long long offset, std::size_t count) {
    const long long end = offset + static_cast<long long>(count);
    if (offset < buffer_begin_ || end > buffer_begin_ + static_cast<long long>(buffer_.size())) {
      buffer_ = ReadAt(file_.get(), offset, std::max(count, kReadAtOnce), path_);
      buffer_begin_ = offset;
    }
    return buffer_.substr(static_cast<std::size_t>(offset - buffer_begin_), count);
  }

  std::string path_;
  long long segment_;
  long long bytes_;
  FileDescriptor file_;
  long long offset_ = static_cast<long long>(kSegmentHeader.size());
  std::string buffer_;
  long long buffer_begin_ = 0;
};

}  // namespace

void DeliveryJournal::ReadBehind(JournalPosition from,
                                 const std::function<void(StoredDelivery)>& each) {
  for (const long long segment : folder_.Segments()) {
    if (segment < from.segment) continue;
    SegmentReader reader(folder_.PathOf(segment), segment, folder_.BytesOf(segment));
    if (!reader.HasRecords()) continue;
    if (segment == from.segment && from.offset > 0) reader.Seek(from.offset);
    while (std::optional<StoredDelivery> stored = reader.Next()) each(*std::move(stored));
    reader.GiveBackSpace();
  }
}

}  // namespace failgate
