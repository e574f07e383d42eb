#include "controller/artifacts/formats/unpacked.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <memory>

#include "controller/base/error.h"

namespace failgate {
namespace {

constexpr std::size_t kBlock = std::size_t{64} << 10U;

struct Closer {
  void operator()(struct archive* reader) const { archive_read_free(reader); }
};
using Reader = std::unique_ptr<struct archive, Closer>;

Reader MakeReader() {
  Reader reader(archive_read_new());
  if (reader == nullptr) {
    throw Error(Remedy::kRetry, "unpacking an artifact: there is not enough memory");
  }
  return reader;
}

/// ARCHIVE_WARN would mean that it starts another program.
bool Supports(struct archive* reader, Packed kind) {
  switch (kind) {
    case Packed::kBzip2:
      return archive_read_support_filter_bzip2(reader) == ARCHIVE_OK;
    case Packed::kXz:
      return archive_read_support_filter_xz(reader) == ARCHIVE_OK;
    case Packed::kLzma:
      return archive_read_support_filter_lzma(reader) == ARCHIVE_OK;
    case Packed::kLz4:
      return archive_read_support_filter_lz4(reader) == ARCHIVE_OK;
    case Packed::kZstd:
      return archive_read_support_filter_zstd(reader) == ARCHIVE_OK;
  }
  return false;
}

std::string ReadAtMost(struct archive* reader, std::size_t limit) {
  std::string bytes;
  while (bytes.size() < limit) {
    const std::size_t have = bytes.size();
    bytes.resize(std::min(limit, have + kBlock));
    const la_ssize_t got = archive_read_data(reader, bytes.data() + have, bytes.size() - have);
    bytes.resize(have + static_cast<std::size_t>(got > 0 ? got : 0));
    if (got <= 0) break;
  }
  return bytes;
}

/// What libarchive reads of a ByteSource.
struct SourceCursor {
  const ByteSource& source;
  long long at = 0;
  std::string block = {};
};

la_ssize_t ReadBlock(struct archive* /*reader*/, void* data, const void** buffer) {
  auto* cursor = static_cast<SourceCursor*>(data);
  cursor->block = cursor->source.Read(cursor->at, kBlock);
  cursor->at += static_cast<long long>(cursor->block.size());
  *buffer = cursor->block.data();
  return static_cast<la_ssize_t>(cursor->block.size());
}

la_int64_t SkipBytes(struct archive* /*reader*/, void* data, la_int64_t count) {
  auto* cursor = static_cast<SourceCursor*>(data);
  const long long left = cursor->source.size() - cursor->at;
  const la_int64_t skipped = std::min<la_int64_t>(count, left);
  cursor->at += skipped;
  return skipped;
}

}  // namespace

std::string UnpackBeginning(std::string_view packed, Packed kind, std::size_t limit) {
  const Reader reader = MakeReader();
  struct archive_entry* entry = nullptr;
  if (!Supports(reader.get(), kind) ||
      archive_read_support_format_raw(reader.get()) != ARCHIVE_OK ||
      archive_read_open_memory(reader.get(), packed.data(), packed.size()) != ARCHIVE_OK ||
      archive_read_next_header(reader.get(), &entry) != ARCHIVE_OK) {
    return {};
  }
  return ReadAtMost(reader.get(), limit);
}

PackedContent MeasureUnpacked(const ByteSource& source, Packed kind, long long most) {
  SourceCursor cursor{source};
  PackedContent content;
  const Reader reader = MakeReader();
  content.known =
      Supports(reader.get(), kind) && archive_read_support_format_raw(reader.get()) == ARCHIVE_OK;
  struct archive_entry* entry = nullptr;
  if (!content.known ||
      archive_read_open2(reader.get(), &cursor, nullptr, ReadBlock, SkipBytes, nullptr) !=
          ARCHIVE_OK ||
      archive_read_next_header(reader.get(), &entry) != ARCHIVE_OK) {
    return content;
  }
  std::string piece(kBlock, '\0');
  while (!content.endless) {
    const la_ssize_t got = archive_read_data(reader.get(), piece.data(), piece.size());
    content.whole = got == 0;
    if (got <= 0) break;
    content.last = piece[static_cast<std::size_t>(got) - 1];
    content.bytes += got;
    content.endless = content.bytes > most;
  }
  return content;
}

std::string WalkTar(const ByteSource& source,
                    long long most,
                    const std::function<bool(const TarMember&)>& look) {
  SourceCursor cursor{source};
  const Reader reader = MakeReader();
  if (archive_read_support_format_tar(reader.get()) != ARCHIVE_OK ||
      archive_read_open2(reader.get(), &cursor, nullptr, ReadBlock, SkipBytes, nullptr) !=
          ARCHIVE_OK) {
    return "it cannot be read";
  }
  while (true) {
    struct archive_entry* entry = nullptr;
    const int got = archive_read_next_header(reader.get(), &entry);
    if (got == ARCHIVE_EOF) return {};
    const char* name = got == ARCHIVE_OK ? archive_entry_pathname(entry) : nullptr;
    if (name == nullptr) return "it is damaged";
    TarMember member;
    member.name = name;
    const bool linked = archive_entry_hardlink(entry) != nullptr;
    member.file = !linked && archive_entry_filetype(entry) == AE_IFREG;
    member.folder = archive_entry_filetype(entry) == AE_IFDIR;
    member.size = archive_entry_size(entry);
    if (member.file && member.size <= most) {
      member.bytes = ReadAtMost(reader.get(), static_cast<std::size_t>(member.size));
      if (static_cast<long long>(member.bytes.size()) != member.size) return "it is cut off";
    }
    if (!look(member)) return {};
  }
}

}  // namespace failgate
