// Senders that prove themselves by a fixed value of the Authorization header.
#pragma once

#include <optional>
#include <vector>

#include "webhooks/provider.h"

namespace failgate {

/// The secret is the header's whole value as configured at the sender, "Bearer …" for example.
/// Compared in constant time. The class that derives from it reads the payload.
class AuthorizationProvider : public Provider {
 protected:
  explicit AuthorizationProvider(const std::vector<Secret>& secrets) : verifier_(secrets) {}
  [[nodiscard]] bool AcceptsForms() const override { return false; }
  [[nodiscard]] bool HasSecret() const override { return !verifier_.empty(); }
  [[nodiscard]] bool HasWellFormedProof(const HookHeaders& headers) const override;
  [[nodiscard]] std::optional<std::size_t> FindSecret(const RawDelivery& delivery) const override;

 private:
  TokenVerifier verifier_;
};

}  // namespace failgate
