#include "controller/artifacts/formats/archives.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "controller/artifacts/formats/deflated.h"
#include "controller/artifacts/formats/members.h"
#include "controller/artifacts/formats/model_files.h"
#include "controller/artifacts/formats/pickle_walk.h"
#include "controller/artifacts/formats/unpacked.h"
#include "controller/artifacts/formats/zip_directory.h"

namespace failgate {
namespace {

constexpr std::size_t kDepth = std::size_t{1} << 20U;
constexpr std::size_t kArrayHead = std::size_t{4} << 10U;
constexpr std::size_t kMaxArrays = 10'000;
constexpr std::size_t kMaxNames = 2001;
constexpr long long kMaxUnpacked = 1LL << 50U;
constexpr long long kMaxMeasured = 4LL << 30U;

bool EndsWith(const std::string& text, std::string_view end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

bool IsFolder(const ZipEntry& entry) {
  return EndsWith(entry.name, "/");
}

template <typename Fits>
bool AnyName(const std::vector<ZipEntry>& entries, Fits fits) {
  return std::any_of(
      entries.begin(), entries.end(), [&](const ZipEntry& entry) { return fits(entry.name); });
}

/// All of them must be arrays without objects to be data.
RecognisedFormat OfArrays(const ByteSource& source, const std::vector<ZipEntry>& entries) {
  RecognisedFormat found{"npz", LoadSafety::kData};
  if (entries.size() > kMaxArrays) return {"npz", LoadSafety::kUnknown, "it holds too many arrays"};
  for (const ZipEntry& entry : entries) {
    const auto array = RecogniseNpyHead(ZipEntryHead(source, entry, kArrayHead), entry.unpacked);
    if (!array || array->format != "npy") {
      return {"damaged",
              LoadSafety::kUnknown,
              array ? "npz: " + array->why : "npz: an entry of it is no array"};
    }
    if (array->safety != LoadSafety::kData) found = {"npz", array->safety, array->why};
  }
  return found;
}

RecognisedFormat OfMembers(const ByteSource& source,
                           const std::vector<ZipEntry>& entries,
                           int depth) {
  MemberSafety members(depth);
  for (const ZipEntry& entry : entries) {
    bool more = false;
    if (entry.unpacked > MemberSafety::kMaxMember) {
      more = members.AddUnknown(entry.name, "is larger than is looked at");
    } else if (const auto bytes = ZipEntryBytes(source, entry, MemberSafety::kMaxMember)) {
      more = members.Add(entry.name, *bytes);
    } else {
      more = members.AddUnknown(entry.name, "cannot be unpacked");
    }
    if (!more) break;
  }
  return members.Result("zip");
}

/// What the unpacked beginning is, if it is a pickle: joblib compresses so.
std::optional<RecognisedFormat> OfPickled(const std::string& beginning) {
  const PickleWalk walk = WalkPickle(MemoryBytes(beginning));
  const bool magic =
      beginning.size() > 1 && beginning[0] == '\x80' && beginning[1] >= 2 && beginning[1] <= 5;
  if (walk.joblib || magic || walk.end == PickleEnd::kStop || walk.calls) {
    return RecognisedFormat{"joblib", LoadSafety::kCode, "a compressed pickle"};
  }
  return std::nullopt;
}

bool IsZlib(std::string_view head) {
  const auto first = static_cast<unsigned char>(head[0]);
  const auto second = static_cast<unsigned char>(head[1]);
  return first == 0x78 && (first * 256U + second) % 31U == 0 && (second & 0x20U) == 0;
}

std::optional<Packed> PackedOf(const std::string& format) {
  if (format == "bzip2") return Packed::kBzip2;
  if (format == "xz") return Packed::kXz;
  if (format == "lzma") return Packed::kLzma;
  if (format == "lz4") return Packed::kLz4;
  if (format == "zstd") return Packed::kZstd;
  return std::nullopt;
}

PackedContent Measure(const ByteSource& source, const std::string& format) {
  if (const auto packed = PackedOf(format)) return MeasureUnpacked(source, *packed, kMaxMeasured);
  return MeasureDeflated(
      source, format == "gzip" ? Deflated::kGzip : Deflated::kZlib, kMaxMeasured);
}

/// What all of it is, of which the beginning was recognised.
RecognisedFormat OfWhole(const ByteSource& source,
                         const std::string& format,
                         bool pickled,
                         RecognisedFormat found) {
  const PackedContent content = Measure(source, format);
  if (!content.known) return found;
  found.unpacked = content.endless ? kMaxUnpacked : content.bytes;
  const bool breaks_off = pickled && content.last != '.';
  if (content.endless || (content.whole && !breaks_off)) return found;
  return {"damaged",
          found.safety,
          content.whole ? "a compressed pickle breaks off" : format + ": it is cut off",
          found.unpacked};
}

/// Unpacked; empty when that cannot be done.
std::string Beginning(const ByteSource& source, const std::string& format) {
  const std::string packed = source.Read(0, kDepth);
  if (format == "gzip") return Inflate(packed, Deflated::kGzip, kDepth);
  if (format == "zlib") return Inflate(packed, Deflated::kZlib, kDepth);
  return UnpackBeginning(packed, PackedOf(format).value_or(Packed::kZstd), kDepth);
}

}  // namespace

RecognisedFormat RecogniseZip(const ByteSource& source, int depth) {
  const auto directory = ReadZipDirectory(source);
  if (!directory) return {"damaged", LoadSafety::kUnknown, "zip: " + directory.error().text};
  std::vector<ZipEntry> files;
  std::set<std::string> folders;  // of installed distributions, among others
  long long unpacked = 0;
  for (const ZipEntry& entry : *directory) {
    unpacked = std::min(kMaxUnpacked, unpacked + entry.unpacked);
    if (!IsFolder(entry)) files.push_back(entry);
    const std::size_t info = entry.name.find("-info/");
    if (info != std::string::npos) folders.insert(entry.name.substr(0, info + 5));
  }
  RecognisedFormat found;
  const auto is_pickle = [](const std::string& name) {
    return name == "data.pkl" || EndsWith(name, "/data.pkl");
  };
  const auto is_wheel = [](const std::string& name) { return EndsWith(name, ".dist-info/WHEEL"); };
  const auto is_array = [](const ZipEntry& entry) { return EndsWith(entry.name, ".npy"); };
  if (AnyName(files, is_pickle)) {
    found = {"torch", LoadSafety::kCode, "it holds a pickle"};
  } else if (AnyName(files, is_wheel)) {
    found = {"wheel", LoadSafety::kCode, ""};
  } else if (!files.empty() && std::all_of(files.begin(), files.end(), is_array)) {
    found = OfArrays(source, files);
  } else {
    found = OfMembers(source, files, depth);
  }
  found.unpacked = unpacked;
  for (const std::string& folder : folders) {
    if (found.names.size() < kMaxNames) found.names.push_back(folder);
  }
  return found;
}

std::optional<RecognisedFormat> RecogniseCompressed(const ByteSource& source, int depth) {
  using namespace std::string_view_literals;
  static constexpr std::array<std::pair<std::string_view, const char*>, 6> kMagics = {
      {{"BZh"sv, "bzip2"},
       {"\xfd\x37zXZ\x00"sv, "xz"},
       {"\x5d\x00\x00"sv, "lzma"},
       {"\x04\x22\x4d\x18"sv, "lz4"},
       {"\x28\xb5\x2f\xfd"sv, "zstd"},
       {"\x1f\x8b\x08"sv, "gzip"}}};
  const std::string head = source.Read(0, 8);
  if (head.size() < 3) return std::nullopt;
  std::string format;
  for (const auto& [magic, word] : kMagics) {
    if (std::string_view(head).substr(0, magic.size()) == magic) format = word;
  }
  if (format.empty() && IsZlib(head)) format = "zlib";
  if (format.empty()) return std::nullopt;
  const std::string beginning = Beginning(source, format);
  if (beginning.empty() && format == "zlib") return std::nullopt;
  if (beginning.empty() && format == "gzip") {
    return RecognisedFormat{"damaged", LoadSafety::kUnknown, "gzip: it is cut off"};
  }
  const auto pickled = OfPickled(beginning);
  RecognisedFormat found = pickled.value_or(
      RecognisedFormat{format, LoadSafety::kUnknown, "what it holds is not known"});
  return depth > 0 ? found : OfWhole(source, format, pickled.has_value(), std::move(found));
}

}  // namespace failgate
