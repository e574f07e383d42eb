// The binary encoding of SSH (RFC 4251 §5): 32-bit lengths and strings. Pure, for hostile input.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace failgate {

class SshReader {
 public:
  explicit SshReader(std::string_view bytes) : rest_(bytes) {}
  /// nullopt when too few bytes are left; nothing is consumed then.
  [[nodiscard]] std::optional<std::uint32_t> Number();
  /// A view into the bytes given.
  [[nodiscard]] std::optional<std::string_view> Text();
  [[nodiscard]] std::string_view rest() const { return rest_; }
  [[nodiscard]] bool AtEnd() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

[[nodiscard]] std::string SshNumber(std::uint32_t number);
[[nodiscard]] std::string SshText(std::string_view text);

/// "-----BEGIN LABEL-----", base64 in lines of 70, "-----END LABEL-----", each line ended.
[[nodiscard]] std::string Armor(std::string_view label, std::string_view bytes);
/// nullopt when the text is anything but one such block and white space around it.
[[nodiscard]] std::optional<std::string> Dearmor(std::string_view label, std::string_view text);

}  // namespace failgate
