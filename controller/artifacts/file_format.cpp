#include "controller/artifacts/file_format.h"

#include <fmt/format.h>

#include "controller/artifacts/formats/archives.h"
#include "controller/artifacts/formats/members.h"
#include "controller/artifacts/formats/model_files.h"
#include "controller/artifacts/formats/pickle_walk.h"
#include "controller/artifacts/formats/plain_text.h"
#include "controller/artifacts/formats/zip_directory.h"

namespace failgate {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kHead = 512;
/// Python's torch before 1.6 wrote this number first, then pickles and raw storage.
constexpr std::string_view kOldTorch =
    "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e"sv;
constexpr std::string_view kTar = "ustar";
constexpr std::size_t kTarMagicAt = 257;

bool StartsWith(std::string_view bytes, std::string_view magic) {
  return bytes.substr(0, magic.size()) == magic;
}

std::optional<RecognisedFormat> ByMagic(const ByteSource& source,
                                        std::string_view head,
                                        int depth) {
  if (StartsWith(head,
                 "\x7f"
                 "ELF"))
    return RecognisedFormat{"elf", LoadSafety::kCode};
  if (auto found = RecogniseHdf5(source)) return found;
  if (auto found = RecogniseGguf(source)) return found;
  if (auto found = RecogniseParquet(source)) return found;
  if (head.size() > kTarMagicAt && StartsWith(head.substr(kTarMagicAt), kTar)) {
    return RecogniseTar(source, depth);
  }
  if (StartsWith(head, kOldTorch)) {
    return RecognisedFormat{"torch", LoadSafety::kCode, "pickles of an old torch"};
  }
  return std::nullopt;
}

std::optional<RecognisedFormat> AsPickle(const ByteSource& source, std::string_view head) {
  const bool magic = head.size() > 1 && head[0] == '\x80' && head[1] >= 2 && head[1] <= 5;
  const PickleWalk walk = WalkPickle(source);
  if (walk.joblib) {
    // Arrays lie between the opcodes, so these are not read to the end; the last one is STOP.
    if (source.Read(source.size() - 1, 1) == ".") {
      return RecognisedFormat{"joblib", LoadSafety::kCode};
    }
    return RecognisedFormat{"damaged", LoadSafety::kCode, "joblib: it breaks off"};
  }
  switch (walk.end) {
    case PickleEnd::kStop: {
      const bool more = walk.length < source.size();
      return RecognisedFormat{
          "pickle",
          LoadSafety::kCode,
          more ? fmt::format("{} bytes follow its end", source.size() - walk.length) : ""};
    }
    case PickleEnd::kTooLong:
      return RecognisedFormat{"pickle", LoadSafety::kCode, "not read to its end"};
    case PickleEnd::kTruncated:
    case PickleEnd::kNoPickle:
      break;
  }
  // Python runs what comes before the fault.
  if (walk.calls) {
    return RecognisedFormat{
        "damaged", LoadSafety::kCode, "a pickle that calls code and breaks off"};
  }
  if (magic) return RecognisedFormat{"damaged", LoadSafety::kCode, "pickle: it breaks off"};
  return std::nullopt;
}

/// What says by its first bytes that it is no pickle.
std::optional<RecognisedFormat> ByHeader(const ByteSource& source,
                                         std::string_view head,
                                         int depth) {
  if (auto found = ByMagic(source, head, depth)) return found;
  if (auto found = RecogniseNpy(source)) return found;
  if (auto found = RecogniseCompressed(source, depth)) return found;
  return RecogniseSafetensors(source);
}

/// Whatever may follow or lie at the end.
RecognisedFormat ByBeginning(const ByteSource& source, int depth) {
  const std::string head = source.Read(0, kHead);
  if (auto found = ByHeader(source, head, depth)) {
    if (found->safety == LoadSafety::kCode) return *found;
    const PickleWalk walk = WalkPickle(source);
    if (!walk.calls && walk.end != PickleEnd::kStop) return *found;
    return {"ambiguous", LoadSafety::kCode, fmt::format("{} and a pickle as well", found->format)};
  }
  if (auto found = AsPickle(source, head)) return *found;
  if (auto found = RecogniseOnnx(source)) return *found;
  if (auto found = RecogniseText(source)) return *found;
  return {"unknown", LoadSafety::kUnknown, "no format that is recognised"};
}

}  // namespace

RecognisedFormat RecogniseFormat(const ByteSource& source, int depth) {
  if (source.size() == 0) return {"empty", LoadSafety::kData};
  const std::string head = source.Read(0, 4);
  if (head == "PK\x03\x04" || head == "PK\x05\x06") return RecogniseZip(source, depth);
  RecognisedFormat found = ByBeginning(source, depth);
  // Programs that read zip archives begin at the end and do not mind what lies in front.
  // A tar archive is padded, and a zip archive in it is looked at as its member.
  if (found.format == "tar" ? EndsAsZip(source) : HoldsZipNearEnd(source)) {
    return {"ambiguous",
            LoadSafety::kCode,
            fmt::format("{} by its beginning and a zip archive by its end", found.format)};
  }
  return found;
}

}  // namespace failgate
