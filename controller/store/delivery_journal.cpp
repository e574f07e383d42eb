#include "controller/store/delivery_journal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "controller/base/error.h"
#include "controller/base/fail_point.h"

namespace failgate {
namespace {

// Half the time of level 1, and still a fifth of the size.
constexpr int kCompressionLevel = -3;
// Smaller bodies stay as they are: to compress them costs more than to write them.
constexpr std::size_t kCompressedFrom = std::size_t{32} << 10U;
// A burst of large bodies must not keep its buffer for ever.
constexpr std::size_t kMaxKeptBuffer = std::size_t{8} << 20U;

}  // namespace

struct DeliveryJournal::Compressor {
  Compressor() : context(ZSTD_createCCtx()) {
    if (context == nullptr) throw std::bad_alloc();
  }
  ~Compressor() { ZSTD_freeCCtx(context); }
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  // Appends the body or a frame of it; answers its size.
  std::size_t AppendTo(PageBytes& buffer, std::string_view body) const {
    if (body.size() < kCompressedFrom && !IsFrame(body)) {
      buffer += body;
      return body.size();
    }
    const std::size_t begin = buffer.size();
    buffer.resize(begin + ZSTD_compressBound(body.size()));
    const std::size_t size = ZSTD_compressCCtx(context,
                                               buffer.data() + begin,
                                               buffer.size() - begin,
                                               body.data(),
                                               body.size(),
                                               kCompressionLevel);
    Check(ZSTD_isError(size) == 0U, "a body can be compressed");
    buffer.resize(begin + size);
    return size;
  }

  ZSTD_CCtx* context;
};

DeliveryJournal::DeliveryJournal(std::filesystem::path folder, std::size_t segment_bytes)
    : folder_(std::move(folder)),
      segment_bytes_(static_cast<long long>(segment_bytes)),
      compressor_(std::make_unique<Compressor>()) {
  const std::vector<long long> segments = folder_.Segments();
  if (!segments.empty()) shared_.Lock()->last_number = segments.back();
}

DeliveryJournal::~DeliveryJournal() = default;

void DeliveryJournal::OpenNext() {
  current_ = Current();
  buffer_.clear();
  {
    auto shared = shared_.Lock();
    if (shared->prepared) {
      current_.segment = *std::exchange(shared->prepared, std::nullopt);
    } else {
      ++shared->last_number;
    }
    current_.number = shared->last_number;
    shared->room = segment_bytes_;
  }
  if (!current_.segment.file.valid()) current_.segment = folder_.Create(current_.number, 0);
  current_.name = folder_.PathOf(current_.number).string();
  current_.size = static_cast<long long>(kSegmentHeader.size());
  if (current_.segment.direct) buffer_ = kSegmentHeader;
}

bool DeliveryJournal::WantsNext() const {
  return Wants(*shared_.Lock());
}

bool DeliveryJournal::Wants(const Shared& shared) const {
  return !shared.prepared && shared.room <= segment_bytes_ / 2;
}

void DeliveryJournal::PrepareNext() {
  long long number = 0;
  {
    auto shared = shared_.Lock();
    if (!Wants(*shared)) return;
    number = ++shared->last_number;
  }
  JournalFolder::NewSegment segment = folder_.Create(number, segment_bytes_);
  {
    auto shared = shared_.Lock();
    // Records must grow with the numbers: if Append could not wait, this one came too late.
    if (shared->last_number == number) {
      shared->prepared = std::move(segment);
      return;
    }
  }
  folder_.Remove(number);
}

BodyPlace DeliveryJournal::AppendToBuffer(const Entry& entry) {
  const std::size_t begin = buffer_.size();
  buffer_.append(kRecordPrefixBytes, '\0');
  AppendRecordHead(buffer_, entry.id, entry.delivery);
  const std::size_t body = buffer_.size();
  BodyPlace place;
  place.segment = current_.number;
  place.offset = current_.WriteBegin() + static_cast<long long>(body);
  place.stored_bytes = static_cast<long long>(compressor_->AppendTo(buffer_, entry.delivery.body));
  const std::size_t content = begin + kRecordPrefixBytes;
  place.head_bytes = static_cast<long long>(body - content);
  const RecordSizes sizes{static_cast<std::uint32_t>(place.head_bytes),
                          static_cast<std::uint32_t>(place.stored_bytes)};
  const JournalPosition at{current_.number, current_.WriteBegin() + static_cast<long long>(begin)};
  buffer_.replace(begin,
                  kRecordPrefixBytes,
                  RecordPrefix(at, sizes, std::string_view(buffer_).substr(content)));
  return place;
}

std::vector<BodyPlace> DeliveryJournal::Append(const std::vector<Entry>& entries) {
  std::vector<BodyPlace> places;
  places.reserve(entries.size());
  if (entries.empty()) return places;
  try {
    if (!current_.segment.file.valid() || current_.size >= segment_bytes_) OpenNext();
    for (const Entry& entry : entries) places.push_back(AppendToBuffer(entry));
    WriteBuffer();
    shared_.Lock()->room = segment_bytes_ - current_.size;
  } catch (...) {
    GiveUpSegment();
    RethrowWithContext("writing the journal of deliveries");
  }
  return places;
}

void DeliveryJournal::WriteBuffer() {
  const int file = current_.segment.file.get();
  const long long begin = current_.WriteBegin();
  const long long end = begin + static_cast<long long>(buffer_.size());
  // Zeros stand behind it already. A part of a page would have to be read before it is written.
  const long long page_end = (end + kPageBytes - 1) / kPageBytes * kPageBytes;
  if (current_.segment.direct || page_end <= current_.segment.written_bytes) {
    buffer_.append(static_cast<std::size_t>(page_end - end), '\0');
  }
  WriteAt(file, begin, buffer_, current_.name);
  FailPoint("journal-written");
  if (::fdatasync(file) != 0) throw ErrnoError("syncing", current_.name, errno);
  FailPoint("journal-synced");
  current_.size = end;
  KeepLastPage();
}

// A page that is not full is written again, with what comes behind its records.
void DeliveryJournal::KeepLastPage() {
  PageBytes last;
  if (current_.segment.direct && current_.size % kPageBytes != 0) {
    const auto page = static_cast<std::size_t>(kPageBytes);
    const std::size_t begin = buffer_.size() - page;
    last.assign(buffer_, begin, static_cast<std::size_t>(current_.size % kPageBytes));
  }
  if (buffer_.capacity() > kMaxKeptBuffer) PageBytes().swap(buffer_);
  buffer_ = last;
}

// What reached the disk is unknown after a failed write or sync: never write here again. Nobody was
// answered for what stands behind `size`, so it is cut off if the disk still lets us; if not, and
// the sender tried again, the next start takes the later of the two.
void DeliveryJournal::GiveUpSegment() noexcept {
  if (current_.segment.file.valid()) {
    static_cast<void>(!::ftruncate(current_.segment.file.get(), static_cast<off_t>(current_.size)));
  }
  current_.segment.file.Close();
}

std::string DeliveryJournal::Bytes(long long segment, long long offset, long long count) const {
  const std::filesystem::path path = folder_.PathOf(segment);
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file.valid()) throw ErrnoError("opening", path.string(), errno);
  return ReadAt(file.get(), offset, static_cast<std::size_t>(count), path.string());
}

std::string DeliveryJournal::Read(const BodyPlace& place, std::size_t body_bytes) const {
  std::string stored = Bytes(place.segment, place.offset, place.stored_bytes);
  std::string body;
  std::size_t size = stored.size();
  if (IsFrame(stored)) {
    body.resize(body_bytes);
    size = ZSTD_decompress(body.data(), body.size(), stored.data(), stored.size());
  } else {
    body = std::move(stored);
  }
  if (ZSTD_isError(size) != 0U || size != body_bytes) {
    throw Error(Remedy::kNeedsChange,
                fmt::format("reading {}: the body at {} is damaged",
                            folder_.PathOf(place.segment).string(),
                            place.offset));
  }
  return body;
}

StoredDelivery DeliveryJournal::ReadDelivery(const BodyPlace& place) const {
  constexpr auto kPrefix = static_cast<long long>(kRecordPrefixBytes);
  const JournalPosition at{place.segment, place.offset - place.head_bytes - kPrefix};
  const std::string record =
      Bytes(at.segment, at.offset, kPrefix + place.head_bytes + place.stored_bytes);
  const auto prefix = std::string_view(record).substr(0, kRecordPrefixBytes);
  const auto content = std::string_view(record).substr(prefix.size());
  std::optional<StoredDelivery> stored = ParseRecord(at, prefix, content);
  if (!stored) {
    throw Error(Remedy::kNeedsChange,
                fmt::format("reading {}: the record at {} is damaged",
                            folder_.PathOf(place.segment).string(),
                            at.offset));
  }
  return *std::move(stored);
}

}  // namespace failgate
