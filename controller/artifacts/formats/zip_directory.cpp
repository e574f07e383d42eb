#include "controller/artifacts/formats/zip_directory.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "controller/artifacts/formats/deflated.h"
#include "controller/base/ids.h"

namespace failgate {
namespace {

constexpr std::size_t kEndSize = 22;
constexpr std::size_t kMaxComment = 65535;
constexpr std::size_t kEntrySize = 46;
constexpr std::size_t kLocalSize = 30;
constexpr std::size_t kMaxDirectory = std::size_t{32} << 20U;
constexpr unsigned long long kMaxEntries = 100'000;
constexpr std::string_view kEndMark = "PK\x05\x06";
constexpr std::string_view kEnd64Mark = "PK\x06\x06";
constexpr std::string_view kLocator64Mark = "PK\x06\x07";
constexpr std::string_view kEntryMark = "PK\x01\x02";
constexpr std::string_view kLocalMark = "PK\x03\x04";

struct Directory {
  unsigned long long entries = 0;
  unsigned long long size = 0;
  unsigned long long offset = 0;
  long long end = 0;  ///< where the end record (of 64 bits, where there is one) lies
};

Refusal Fault(const std::string& text) {
  return Refusal{"zip", text};
}

bool StartsWith(std::string_view bytes, std::string_view mark) {
  return bytes.substr(0, mark.size()) == mark;
}

/// Offset of the end record.
std::optional<long long> FindEnd(const ByteSource& source) {
  const long long size = source.size();
  const auto count = std::min<long long>(size, static_cast<long long>(kEndSize + kMaxComment));
  const std::string tail = source.Read(size - count, static_cast<std::size_t>(count));
  for (std::size_t at = tail.rfind(kEndMark); at != std::string::npos;
       at = at == 0 ? std::string::npos : tail.rfind(kEndMark, at - 1)) {
    if (at + kEndSize <= tail.size() &&
        at + kEndSize + LittleEndian(tail, at + 20, 2) == tail.size()) {
      return size - count + static_cast<long long>(at);
    }
  }
  return std::nullopt;
}

std::optional<Directory> ReadEnd(const ByteSource& source) {
  const auto at = FindEnd(source);
  if (!at) return std::nullopt;
  const std::string end = source.Read(*at, kEndSize);
  Directory directory{
      LittleEndian(end, 10, 2), LittleEndian(end, 12, 4), LittleEndian(end, 16, 4), *at};
  const std::string locator = source.Read(*at - 20, 20);
  if (locator.size() == 20 && StartsWith(locator, kLocator64Mark)) {
    const unsigned long long where = LittleEndian(locator, 8, 8);
    if (where >= static_cast<unsigned long long>(*at)) return std::nullopt;
    const std::string end64 = source.Read(static_cast<long long>(where), 56);
    if (end64.size() < 56 || !StartsWith(end64, kEnd64Mark)) return std::nullopt;
    directory.entries = LittleEndian(end64, 32, 8);
    directory.size = LittleEndian(end64, 40, 8);
    directory.offset = LittleEndian(end64, 48, 8);
    directory.end = static_cast<long long>(where);
  }
  return directory;
}

/// Numbers of 64 bits, where the ones of 32 are full.
bool ReadExtra(std::string_view extra,
               unsigned long long& unpacked,
               unsigned long long& packed,
               unsigned long long& offset) {
  constexpr unsigned long long kFull = 0xFFFFFFFFULL;
  while (extra.size() >= 4) {
    const unsigned long long id = LittleEndian(extra, 0, 2);
    const unsigned long long size = LittleEndian(extra, 2, 2);
    if (size > extra.size() - 4) return false;
    std::string_view field = extra.substr(4, static_cast<std::size_t>(size));
    for (unsigned long long* number : {&unpacked, &packed, &offset}) {
      if (id != 1 || *number != kFull) continue;
      if (field.size() < 8) return false;
      *number = LittleEndian(field, 0, 8);
      field.remove_prefix(8);
    }
    extra.remove_prefix(4 + static_cast<std::size_t>(size));
  }
  return unpacked != kFull && packed != kFull && offset != kFull;
}

bool IsSafeName(std::string name) {
  if (!name.empty() && name.back() == '/') name.pop_back();
  return name.find('\\') == std::string::npos && IsSafeRelativePath(name);
}

std::optional<Refusal> CheckPlaces(std::vector<ZipEntry> entries, long long end) {
  std::sort(entries.begin(), entries.end(), [](const ZipEntry& a, const ZipEntry& b) {
    return a.offset < b.offset;
  });
  if (!entries.empty() && entries.front().offset != 0) return Fault("something lies before it");
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const long long next = i + 1 < entries.size() ? entries[i + 1].offset : end;
    if (next - entries[i].offset < static_cast<long long>(kLocalSize) + entries[i].packed) {
      return Fault("its entries lie over each other");
    }
  }
  return std::nullopt;
}

/// Where the packed bytes of an entry begin.
std::optional<long long> BytesAt(const ByteSource& source, const ZipEntry& entry) {
  const std::string local = source.Read(entry.offset, kLocalSize);
  if (local.size() < kLocalSize || !StartsWith(local, kLocalMark)) return std::nullopt;
  return entry.offset + static_cast<long long>(kLocalSize) +
         static_cast<long long>(LittleEndian(local, 26, 2)) +
         static_cast<long long>(LittleEndian(local, 28, 2));
}

}  // namespace

bool EndsAsZip(const ByteSource& source) {
  return FindEnd(source).has_value();
}

bool HoldsZipNearEnd(const ByteSource& source) {
  const long long size = source.size();
  const auto count = std::min<long long>(size, static_cast<long long>(kEndSize + kMaxComment));
  const std::string tail = source.Read(size - count, static_cast<std::size_t>(count));
  for (std::size_t at = tail.find(kEndMark); at != std::string::npos;
       at = tail.find(kEndMark, at + 1)) {
    if (tail.size() - at < kEndSize) return false;
    const long long end = size - count + static_cast<long long>(at);
    const auto directory = static_cast<long long>(LittleEndian(tail, at + 12, 4));
    if (directory > 0 && directory <= end &&
        source.Read(end - directory, kEntryMark.size()) == kEntryMark) {
      return true;
    }
    if (end >= 20 && StartsWith(source.Read(end - 20, 4), kLocator64Mark)) return true;
  }
  return false;
}

Result<std::vector<ZipEntry>> ReadZipDirectory(const ByteSource& source) {
  const auto directory = ReadEnd(source);
  if (!directory) return Fault("its directory is cut off");
  if (directory->entries > kMaxEntries || directory->size > kMaxDirectory) {
    return Fault("its directory is too large");
  }
  const auto end = static_cast<unsigned long long>(directory->end);
  if (directory->offset > end || directory->size != end - directory->offset) {
    return Fault("its directory is not where it says");
  }
  const std::string bytes = source.Read(static_cast<long long>(directory->offset),
                                        static_cast<std::size_t>(directory->size));
  std::vector<ZipEntry> entries;
  std::set<std::string> names;
  std::string_view rest(bytes);
  while (!rest.empty()) {
    if (rest.size() < kEntrySize || !StartsWith(rest, kEntryMark)) {
      return Fault("its directory is damaged");
    }
    const std::size_t name = static_cast<std::size_t>(LittleEndian(rest, 28, 2));
    const std::size_t extra = static_cast<std::size_t>(LittleEndian(rest, 30, 2));
    const std::size_t comment = static_cast<std::size_t>(LittleEndian(rest, 32, 2));
    if (name + extra + comment > rest.size() - kEntrySize) return Fault("its directory is damaged");
    unsigned long long packed = LittleEndian(rest, 20, 4);
    unsigned long long unpacked = LittleEndian(rest, 24, 4);
    unsigned long long offset = LittleEndian(rest, 42, 4);
    if (!ReadExtra(rest.substr(kEntrySize + name, extra), unpacked, packed, offset) ||
        offset >= directory->offset || packed > directory->offset || unpacked > (1ULL << 50U)) {
      return Fault("an entry does not fit the archive");
    }
    ZipEntry entry;
    entry.name = std::string(rest.substr(kEntrySize, name));
    entry.method = static_cast<int>(LittleEndian(rest, 10, 2));
    entry.packed = static_cast<long long>(packed);
    entry.unpacked = static_cast<long long>(unpacked);
    entry.offset = static_cast<long long>(offset);
    if (!IsSafeName(entry.name)) return Fault("a name in it leaves the folder");
    if (!names.insert(entry.name).second) return Fault("a name is in it twice");
    entries.push_back(std::move(entry));
    rest.remove_prefix(kEntrySize + name + extra + comment);
  }
  if (entries.size() != directory->entries) return Fault("its directory is damaged");
  if (auto fault = CheckPlaces(entries, static_cast<long long>(directory->offset))) return *fault;
  return entries;
}

std::string ZipEntryHead(const ByteSource& source, const ZipEntry& entry, std::size_t count) {
  const auto at = BytesAt(source, entry);
  const auto packed = static_cast<std::size_t>(entry.packed);
  if (!at) return {};
  if (entry.method == 0) return source.Read(*at, std::min(count, packed));
  if (entry.method != 8) return {};
  return Inflate(source.Read(*at, std::min(packed, count + 1024)), Deflated::kRaw, count);
}

std::optional<std::string> ZipEntryBytes(const ByteSource& source,
                                         const ZipEntry& entry,
                                         long long most) {
  const auto at = BytesAt(source, entry);
  const long long unpacked = entry.unpacked;
  // Deflate makes nothing much longer than it was.
  if (!at || unpacked > most || entry.packed > most + most / 1000 + 1024) return std::nullopt;
  const auto count = static_cast<std::size_t>(unpacked);
  std::string bytes = source.Read(*at, static_cast<std::size_t>(entry.packed));
  if (entry.method == 8) {
    bytes = Inflate(bytes, Deflated::kRaw, count + 1);
  } else if (entry.method != 0) {
    return std::nullopt;
  }
  return bytes.size() == count ? std::optional(std::move(bytes)) : std::nullopt;
}

}  // namespace failgate
