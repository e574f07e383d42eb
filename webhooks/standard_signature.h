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

/// Symmetric signatures ("v1,") only. Immutable, thread-safe. Source: Standard Webhooks 1.0.0,
/// with stricter reading where the reference libraries are lenient.
class StandardSignature {
 public:
  /// Secrets that FaultOf names are left out.
  explicit StandardSignature(const std::vector<Secret>& secrets);
  [[nodiscard]] bool empty() const { return verifier_.empty(); }
  /// Each header once; an id without "." (the separator of what is signed); 1 to 12 digits of
  /// seconds; 1 to 8 signatures, one of them symmetric and whole.
  [[nodiscard]] static bool IsWellFormed(const HookHeaders& headers);
  /// Index of the secret that signed. nullopt also when the time is more than five minutes from the
  /// time the delivery came in.
  [[nodiscard]] std::optional<std::size_t> FindSigner(const RawDelivery& delivery) const;
  /// nullopt for "whsec_" and the base64 of 24 to 64 bytes.
  [[nodiscard]] static std::optional<std::string_view> FaultOf(const Secret& secret);

 private:
  SignatureVerifier verifier_;
};

}  // namespace failgate
