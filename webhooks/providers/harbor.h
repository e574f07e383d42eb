// Harbor's webhooks in the payload format "Default".
#pragma once

#include <cstddef>
#include <vector>

#include "webhooks/authorization_provider.h"

namespace failgate {

/// A push: PUSH_ARTIFACT, of every tag among its resources. Every other event is ignored. There is
/// no delivery id. Source: goharbor.io, "Configure Webhook Notifications".
class HarborProvider final : public AuthorizationProvider {
 public:
  explicit HarborProvider(const std::vector<Secret>& secrets) : AuthorizationProvider(secrets) {}
  [[nodiscard]] Result<ParsedDelivery, HookAnswer> Parse(
      const VerifiedDelivery& delivery) const override;
  [[nodiscard]] std::size_t MaxBodyBytes() const override { return kSmallBodyBytes; }
};

}  // namespace failgate
