#include "controller/git/ssh_wire.h"

#include "controller/base/digest.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::size_t kLineWidth = 70;

std::string Boundary(std::string_view word, std::string_view label) {
  return "-----" + std::string(word) + " " + std::string(label) + "-----";
}

}  // namespace

std::optional<std::uint32_t> SshReader::Number() {
  if (rest_.size() < 4) {
    return std::nullopt;
  }
  std::uint32_t number = 0;
  for (const char byte : rest_.substr(0, 4)) {
    number = (number << 8U) | static_cast<unsigned char>(byte);
  }
  rest_.remove_prefix(4);
  return number;
}

std::optional<std::string_view> SshReader::Text() {
  const std::string_view before = rest_;
  const std::optional<std::uint32_t> size = Number();
  if (!size || *size > rest_.size()) {
    rest_ = before;
    return std::nullopt;
  }
  const std::string_view text = rest_.substr(0, *size);
  rest_.remove_prefix(*size);
  return text;
}

std::string SshNumber(std::uint32_t number) {
  std::string bytes;
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    bytes += static_cast<char>((number >> shift) & 0xFFU);
  }
  return bytes;
}

std::string SshText(std::string_view text) {
  return SshNumber(static_cast<std::uint32_t>(text.size())).append(text);
}

std::string Armor(std::string_view label, std::string_view bytes) {
  const std::string base64 = Base64Encode(bytes);
  std::string armored = Boundary("BEGIN", label) + "\n";
  for (std::size_t i = 0; i < base64.size(); i += kLineWidth) {
    armored.append(base64, i, kLineWidth).append("\n");
  }
  return armored + Boundary("END", label) + "\n";
}

std::optional<std::string> Dearmor(std::string_view label, std::string_view text) {
  const std::string begin = Boundary("BEGIN", label);
  const std::string end = Boundary("END", label);
  text = Trim(text);
  if (text.size() < begin.size() + end.size() || text.substr(0, begin.size()) != begin ||
      text.substr(text.size() - end.size()) != end) {
    return std::nullopt;
  }
  text = text.substr(begin.size(), text.size() - begin.size() - end.size());
  std::string base64;
  for (const char byte : text) {
    if (byte != '\n' && byte != '\r' && byte != ' ' && byte != '\t') {
      base64 += byte;
    }
  }
  return Base64Decode(base64);
}

}  // namespace failgate
