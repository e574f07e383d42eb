// Proofs that a sender knows our secret: a MAC of the body, or the secret itself.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/secret.h"

namespace failgate {

/// The hash below an HMAC: always from our configuration, never from what a request says.
enum class MacAlgorithm { kSha256, kSha512 };

/// The size of a MAC: 32 or 64.
[[nodiscard]] std::size_t MacBytes(MacAlgorithm algorithm);

/// HMAC (RFC 2104) with a key that is set up once. Const calls are thread-safe.
class HmacKey {
 public:
  /// Throws Error for an empty key, which would authenticate anybody.
  explicit HmacKey(const Secret& secret, MacAlgorithm algorithm = MacAlgorithm::kSha256);
  ~HmacKey();
  HmacKey(HmacKey&&) noexcept;
  HmacKey& operator=(HmacKey&&) noexcept;
  /// MacBytes raw bytes.
  [[nodiscard]] std::string Sign(std::string_view bytes) const { return Sign({}, bytes); }
  /// Over both in a row, without joining them.
  [[nodiscard]] std::string Sign(std::string_view prefix, std::string_view bytes) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// `prefix` and lower-case hex digits -> MacBytes raw bytes; nullopt for anything else.
[[nodiscard]] std::optional<std::string> ParseHexSignature(std::string_view header,
                                                           std::string_view prefix,
                                                           MacAlgorithm algorithm);

/// The signatures of one receiver's secrets, current first. Immutable, thread-safe.
class SignatureVerifier {
 public:
  /// Empty secrets are left out; with none left nothing ever matches.
  explicit SignatureVerifier(const std::vector<Secret>& secrets,
                             MacAlgorithm algorithm = MacAlgorithm::kSha256);
  [[nodiscard]] bool empty() const { return keys_.empty(); }
  /// Index into the secrets given of the first that made `signature` (raw bytes) over `bytes`. All
  /// are tried, so time tells neither which matched nor how much of it.
  [[nodiscard]] std::optional<std::size_t> FindSigner(std::string_view signature,
                                                      std::string_view bytes) const;
  /// The same where one of several signatures is enough, over `prefix` and `bytes` in a row.
  [[nodiscard]] std::optional<std::size_t> FindSignerOfAny(
      const std::vector<std::string>& signatures,
      std::string_view prefix,
      std::string_view bytes) const;

 private:
  [[nodiscard]] std::optional<std::size_t> FindSignerOf(
      std::span<const std::string_view> signatures,
      std::string_view prefix,
      std::string_view bytes) const;

  struct IndexedKey {
    std::size_t index;
    HmacKey key;
  };
  std::vector<IndexedKey> keys_;
};

/// Static tokens of one receiver, kept as SHA-256: equal lengths make the comparison constant in
/// time.
class TokenVerifier {
 public:
  /// As SignatureVerifier.
  explicit TokenVerifier(const std::vector<Secret>& secrets);
  [[nodiscard]] bool empty() const { return digests_.empty(); }
  [[nodiscard]] std::optional<std::size_t> FindToken(std::string_view token) const;

 private:
  struct IndexedDigest {
    std::size_t index;
    std::string digest;
  };
  std::vector<IndexedDigest> digests_;
};

}  // namespace failgate
