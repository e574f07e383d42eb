// A sender of one's own: the HMAC of the raw body in a header, as "sha256=" or "sha512=" and hex.
#pragma once

#include <cstddef>
#include <vector>

#include "webhooks/signed_body_provider.h"

namespace failgate {

/// Header and algorithm are those of the options, X-Signature and SHA-256 when nothing is said. The
/// body is a plain push (ReadPlainPush); there is no delivery id.
class GenericProvider final : public SignedBodyProvider {
 public:
  GenericProvider(const std::vector<Secret>& secrets, const ProviderOptions& options);
  [[nodiscard]] Result<ParsedDelivery, HookAnswer> Parse(
      const VerifiedDelivery& delivery) const override;
  [[nodiscard]] std::size_t MaxBodyBytes() const override;

 protected:
  [[nodiscard]] bool AcceptsForms() const override { return false; }
};

}  // namespace failgate
