#include "controller/store/body_segments.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "controller/base/error.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

// The fastest level: payloads are JSON and shrink to a tenth anyway.
constexpr int kCompressionLevel = 1;
constexpr std::string_view kSuffix = ".bodies";

std::optional<long long> SegmentNumber(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  if (name.size() <= kSuffix.size() || path.extension() != kSuffix) return std::nullopt;
  return ParseNonNegative(std::string_view(name).substr(0, name.size() - kSuffix.size()));
}

std::vector<long long> SegmentsIn(const std::filesystem::path& folder) {
  std::vector<long long> numbers;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (const std::optional<long long> number = SegmentNumber(entry.path())) {
      numbers.push_back(*number);
    }
  }
  return numbers;
}

std::string ReadAt(const std::filesystem::path& path, const BodyPlace& place) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file.valid()) throw ErrnoError("opening", path.string(), errno);
  std::string bytes(static_cast<std::size_t>(place.stored_bytes), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = ::pread(file.get(),
                                bytes.data() + done,
                                bytes.size() - done,
                                static_cast<off_t>(place.offset) + static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw ErrnoError("reading", path.string(), errno);
    if (got == 0) {
      throw Error(Remedy::kNeedsChange, "reading " + path.string() + ": it ends too early");
    }
    done += static_cast<std::size_t>(got);
  }
  return bytes;
}

}  // namespace

struct BodySegments::Compressor {
  Compressor() : context(ZSTD_createCCtx()) {
    if (context == nullptr) throw std::bad_alloc();
  }
  ~Compressor() { ZSTD_freeCCtx(context); }
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  // Appends one frame; answers its size.
  std::size_t AppendTo(std::string& buffer, std::string_view body) const {
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

BodySegments::BodySegments(std::filesystem::path folder, std::size_t segment_bytes)
    : folder_(std::move(folder)),
      segment_bytes_(static_cast<long long>(segment_bytes)),
      compressor_(std::make_unique<Compressor>()),
      writing_(0LL) {
  CreateFolders(folder_, 0700);
  for (const long long number : SegmentsIn(folder_)) {
    current_.number = std::max(current_.number, number);
  }
  *writing_.Lock() = current_.number;
}

BodySegments::~BodySegments() = default;

std::filesystem::path BodySegments::PathOf(long long segment) const {
  return folder_ / fmt::format("{:012}{}", segment, kSuffix);
}

void BodySegments::OpenNext() {
  current_.file.Close();
  const long long next = current_.number + 1;
  // Told before the file exists, so that no clean-up takes it for a forgotten one.
  *writing_.Lock() = next;
  current_.number = next;
  current_.size = 0;
  const std::filesystem::path path = PathOf(next);
  FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.valid()) throw ErrnoError("making", path.string(), errno);
  SyncFolder(folder_);
  current_.file = std::move(file);
}

std::vector<BodyPlace> BodySegments::Append(const std::vector<std::string_view>& bodies) {
  std::vector<BodyPlace> places;
  places.reserve(bodies.size());
  if (bodies.empty()) return places;
  try {
    if (!current_.file.valid() || current_.size >= segment_bytes_) OpenNext();
    buffer_.clear();
    for (const std::string_view body : bodies) {
      BodyPlace place;
      place.segment = current_.number;
      place.offset = current_.size + static_cast<long long>(buffer_.size());
      place.stored_bytes = static_cast<long long>(compressor_->AppendTo(buffer_, body));
      places.push_back(place);
    }
    const std::string object = PathOf(current_.number).string();
    WriteAll(current_.file.get(), buffer_, object);
    if (::fdatasync(current_.file.get()) != 0) throw ErrnoError("syncing", object, errno);
    current_.size += static_cast<long long>(buffer_.size());
    // A burst of large bodies must not keep its buffer for ever.
    if (buffer_.capacity() > (std::size_t{8} << 20U)) std::string().swap(buffer_);
  } catch (...) {
    // What reached the disk is unknown after a failed write or sync: never write here again.
    current_.file.Close();
    RethrowWithContext("storing webhook bodies");
  }
  return places;
}

std::string BodySegments::Read(const BodyPlace& place, std::size_t body_bytes) const {
  const std::filesystem::path path = PathOf(place.segment);
  const std::string frame = ReadAt(path, place);
  std::string body(body_bytes, '\0');
  const std::size_t size = ZSTD_decompress(body.data(), body.size(), frame.data(), frame.size());
  if (ZSTD_isError(size) != 0U || size != body_bytes) {
    throw Error(Remedy::kNeedsChange,
                fmt::format("reading {}: the body at {} is damaged", path.string(), place.offset));
  }
  return body;
}

void BodySegments::RemoveUnused(const std::set<long long>& used, long long end) {
  for (const long long number : SegmentsIn(folder_)) {
    if (number >= end || used.count(number) != 0) continue;
    const std::filesystem::path path = PathOf(number);
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
      throw ErrnoError("removing", path.string(), errno);
    }
  }
}

}  // namespace failgate
