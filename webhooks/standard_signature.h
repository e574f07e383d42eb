// The signature of the Standard Webhooks specification, over id, time and body.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "controller/base/secret.h"
#include "webhooks/delivery.h"
#include "webhooks/signature.h"

namespace failgate {

inline constexpr std::string_view kStandardIdHeader = "webhook-id";

/// Where a sender writes what it signs beside the body, and the signatures.
struct SignedHeaders {
  std::string_view id;
  std::string_view time;
  std::string_view signature;
};
inline constexpr SignedHeaders kStandardHeaders{
    kStandardIdHeader, "webhook-timestamp", "webhook-signature"};

/// Symmetric signatures ("v1,") only. Immutable, thread-safe. Source: Standard Webhooks 1.0.0,
/// with stricter reading where the reference libraries are lenient.
class StandardSignature {
 public:
  /// Secrets that FaultOf names are left out.
  explicit StandardSignature(const std::vector<Secret>& secrets);
  /// Of a sender that does the same under other names, and whose keys are the secrets as they are.
  StandardSignature(const std::vector<Secret>& keys, const SignedHeaders& names);
  [[nodiscard]] bool empty() const { return verifier_.empty(); }
  /// Each header once; an id without "." (the separator of what is signed); 1 to 12 digits of
  /// seconds; 1 to 8 signatures, one of them symmetric and whole.
  [[nodiscard]] static bool IsWellFormed(const HookHeaders& headers,
                                         const SignedHeaders& names = kStandardHeaders);
  /// Index of the secret that signed. nullopt also when the time is more than five minutes from the
  /// time the delivery came in.
  [[nodiscard]] std::optional<std::size_t> FindSigner(const RawDelivery& delivery) const;
  /// nullopt for "whsec_" and the base64 of 24 to 64 bytes.
  [[nodiscard]] static std::optional<std::string_view> FaultOf(const Secret& secret);

 private:
  SignedHeaders names_ = kStandardHeaders;
  SignatureVerifier verifier_;
};

}  // namespace failgate
