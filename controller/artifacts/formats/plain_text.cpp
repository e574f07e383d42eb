#include "controller/artifacts/formats/plain_text.h"

#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr long long kMaxText = 64LL << 20U;
constexpr std::size_t kBlock = std::size_t{256} << 10U;
constexpr std::size_t kLongestCharacter = 4;

bool IsTextByte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 0x20 && byte != 0x7F) || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

/// Bytes at the end that may be the beginning of a character whose rest comes later.
std::size_t Unfinished(std::string_view text) {
  for (std::size_t back = 1; back < kLongestCharacter && back <= text.size(); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if ((byte & 0xC0U) == 0xC0U) return back;
    if ((byte & 0x80U) == 0) return 0;
  }
  return 0;
}

}  // namespace

std::optional<RecognisedFormat> RecogniseText(const ByteSource& source) {
  if (source.size() > kMaxText) return std::nullopt;
  std::string carried;
  for (long long at = 0; at < source.size();) {
    const std::string block = source.Read(at, kBlock);
    if (block.empty()) return std::nullopt;
    for (const char c : block) {
      if (!IsTextByte(c)) return std::nullopt;
    }
    at += static_cast<long long>(block.size());
    std::string text = carried + block;
    const std::size_t open = at < source.size() ? Unfinished(text) : 0;
    carried = text.substr(text.size() - open);
    text.resize(text.size() - open);
    if (!IsUtf8(text)) return std::nullopt;
  }
  if (source.Read(0, 2) == "#!") return RecognisedFormat{"script", LoadSafety::kCode};
  return RecognisedFormat{"text", LoadSafety::kData};
}

}  // namespace failgate
