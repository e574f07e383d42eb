// See numpy.lib.format: a magic, a version, the length of a Python dict, the dict, the array.
#include "controller/artifacts/formats/model_files.h"

namespace failgate {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kMaxHeader = std::size_t{64} << 10U;

RecognisedFormat Damaged(const std::string& why) {
  return {"damaged", LoadSafety::kUnknown, "npy: " + why};
}

/// Type codes with O hold Python objects, which are pickled.
bool HoldsObjects(std::string_view header) {
  for (std::size_t at = header.find('\''); at != std::string_view::npos;
       at = header.find('\'', at + 1)) {
    std::string_view code = header.substr(at + 1);
    if (!code.empty() && std::string_view("|<>=").find(code.front()) != std::string_view::npos) {
      code.remove_prefix(1);
    }
    const std::size_t end = code.find_first_not_of("0123456789", 1);
    if (!code.empty() && code.front() == 'O' && end != std::string_view::npos &&
        code[end] == '\'') {
      return true;
    }
  }
  return false;
}

}  // namespace

std::optional<RecognisedFormat> RecogniseNpyHead(const std::string& head) {
  if (std::string_view(head).substr(0, kMagic.size()) != kMagic) return std::nullopt;
  if (head.size() < 12) return Damaged("it is cut off");
  const int version = head[kMagic.size()];
  if (version < 1 || version > 3) return Damaged("a version that is not known");
  const std::size_t length_size = version == 1 ? 2 : 4;
  const unsigned long long length = LittleEndian(head, 8, length_size);
  if (length > kMaxHeader || length > head.size() - 8 - length_size) {
    return Damaged("its header is cut off or too large");
  }
  const std::string_view header =
      std::string_view(head).substr(8 + length_size, static_cast<std::size_t>(length));
  if (header.find("'descr'") == std::string_view::npos ||
      header.find("'shape'") == std::string_view::npos) {
    return Damaged("its header says no type or shape");
  }
  if (HoldsObjects(header)) {
    return RecognisedFormat{"npy", LoadSafety::kCode, "its objects are pickled"};
  }
  return RecognisedFormat{"npy", LoadSafety::kData};
}

std::optional<RecognisedFormat> RecogniseNpy(const ByteSource& source) {
  return RecogniseNpyHead(source.Read(0, kMaxHeader + 12));
}

}  // namespace failgate
