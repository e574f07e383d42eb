#include "controller/data/lfs_pointer.h"

#include <fmt/format.h>

#include <vector>

#include "controller/base/digest.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::string_view kVersion = "version https://git-lfs.github.com/spec/v1";
constexpr std::string_view kFormerVersion = "version https://hawser.github.com/spec/v1";
constexpr std::string_view kOid = "oid sha256:";
constexpr std::string_view kSize = "size ";
constexpr std::string_view kExtension = "ext-";

bool StartsWith(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

Refusal Invalid(std::string_view why) {
  return Refusal{"invalid_pointer", fmt::format("this git-lfs pointer {}", why)};
}

}  // namespace

bool LooksLikeLfsPointer(std::string_view bytes) {
  return bytes.size() < kLfsPointerBytes &&
         (StartsWith(bytes, kVersion) || StartsWith(bytes, kFormerVersion));
}

Result<LfsPointer> ParseLfsPointer(std::string_view bytes) {
  if (!LooksLikeLfsPointer(bytes)) {
    return Invalid("begins with no version");
  }
  LfsPointer pointer;
  bool has_size = false;
  for (const std::string& line : Split(bytes, '\n')) {
    const std::string_view text = line;
    if (StartsWith(text, kExtension)) {
      return Invalid("uses an extension of git-lfs: its bytes are not those of the file");
    }
    if (StartsWith(text, kOid) && pointer.sha256.empty()) {
      pointer.sha256 = std::string(text.substr(kOid.size()));
    } else if (StartsWith(text, kSize) && !has_size) {
      const auto size = ParseNonNegative(text.substr(kSize.size()));
      if (!size) {
        return Invalid("has a size that is no number");
      }
      pointer.size = *size;
      has_size = true;
    }
  }
  if (!IsSha256Reference("sha256:" + pointer.sha256) || !has_size) {
    return Invalid("needs `oid sha256:` with 64 hex digits and `size`");
  }
  return pointer;
}

std::string FormatLfsPointer(const LfsPointer& pointer) {
  return fmt::format("{}\n{}{}\n{}{}\n", kVersion, kOid, pointer.sha256, kSize, pointer.size);
}

}  // namespace failgate
