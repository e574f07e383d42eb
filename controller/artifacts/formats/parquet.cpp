// See the Parquet format: a magic, data, metadata, the length of the metadata, the magic again.
#include "controller/artifacts/formats/model_files.h"

namespace failgate {
namespace {

constexpr std::string_view kMagic = "PAR1";
constexpr std::size_t kTail = 8;

}  // namespace

std::optional<RecognisedFormat> RecogniseParquet(const ByteSource& source) {
  if (source.Read(0, kMagic.size()) != kMagic) return std::nullopt;
  const std::string tail = source.Read(source.size() - static_cast<long long>(kTail), kTail);
  const auto metadata = static_cast<long long>(LittleEndian(tail, 0, 4));
  const bool whole = tail.size() == kTail && tail.substr(4) == kMagic && metadata > 0 &&
                     metadata <= source.size() - static_cast<long long>(kMagic.size() + kTail);
  if (whole) return RecognisedFormat{"parquet", LoadSafety::kData};
  return RecognisedFormat{"damaged", LoadSafety::kUnknown, "parquet: it is cut off"};
}

}  // namespace failgate
