// SHA-256 and text encodings of bytes.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace failgate {

/// Incremental SHA-256 (FIPS 180-4). Not thread-safe.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  void Update(std::string_view bytes);
  /// 64 lower-case hex digits; the object is spent afterwards.
  [[nodiscard]] std::string FinishHex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// 64 lower-case hex digits.
[[nodiscard]] std::string Sha256Hex(std::string_view bytes);
/// 32 raw bytes.
[[nodiscard]] std::string Sha256Raw(std::string_view bytes);
/// Streams the file in constant memory; throws Error when it cannot be read.
[[nodiscard]] std::string Sha256File(const std::filesystem::path& path);
/// "sha256:" + 64 lower-case hex digits.
[[nodiscard]] bool IsSha256Reference(std::string_view text);
/// 32 raw bytes of HMAC-SHA256 (RFC 2104). An empty key is a failed Check.
[[nodiscard]] std::string HmacSha256(std::string_view key, std::string_view bytes);
/// Constant time for equal lengths.
[[nodiscard]] bool ConstantTimeEqual(std::string_view a, std::string_view b);

[[nodiscard]] std::string HexEncode(std::string_view bytes);
/// Strict: even length, lower-case hex digits only.
[[nodiscard]] std::optional<std::string> HexDecode(std::string_view text);
[[nodiscard]] std::string Base64Encode(std::string_view bytes);
/// Without padding, with '-' and '_' (RFC 4648 §5).
[[nodiscard]] std::string Base64UrlEncode(std::string_view bytes);
/// Strict RFC 4648 §4: padding demanded, canonical, no white space.
[[nodiscard]] std::optional<std::string> Base64Decode(std::string_view text);

}  // namespace failgate
