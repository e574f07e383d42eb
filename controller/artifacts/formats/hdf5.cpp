// See the HDF5 File Format Specification, "Disk Format: Level 0A": the superblock says where the
// file ends.
#include "controller/artifacts/formats/model_files.h"

namespace failgate {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kMagic = "\x89HDF\r\n\x1a\n"sv;
constexpr std::size_t kSuperblock = 64;
constexpr std::size_t kOffsetSize = 8;  ///< what all writers use

RecognisedFormat Damaged(const char* why) {
  return {"damaged", LoadSafety::kUnknown, why};
}

}  // namespace

std::optional<RecognisedFormat> RecogniseHdf5(const ByteSource& source) {
  const std::string head = source.Read(0, kSuperblock);
  if (std::string_view(head).substr(0, kMagic.size()) != kMagic) return std::nullopt;
  const unsigned long long version = LittleEndian(head, 8, 1);
  if (head.size() < kSuperblock - 16 || version > 3) {
    return Damaged("hdf5: a version that is not known, or cut off");
  }
  const bool old = version < 2;
  if (LittleEndian(head, old ? 13 : 9, 1) != kOffsetSize) {
    return Damaged("hdf5: offsets of a size that is not known");
  }
  const std::size_t at = !old ? 28 : version == 0 ? 40 : 44;
  const unsigned long long end = LittleEndian(head, at, kOffsetSize);
  if (end < kSuperblock - 16 || end > static_cast<unsigned long long>(source.size())) {
    return Damaged("hdf5: it is cut off");
  }
  return RecognisedFormat{
      "hdf5", LoadSafety::kUnknown, "a model of Keras in it may hold functions"};
}

}  // namespace failgate
