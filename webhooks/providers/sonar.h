// SonarQube and SonarCloud: an analysis has ended. A bare hex HMAC-SHA256 of the body.
#pragma once

#include <cstddef>
#include <vector>

#include "webhooks/signed_body_provider.h"

namespace failgate {

/// Every delivery is a reason to ask the configured server: what it says of status, quality gate
/// and revision is not looked at. The id is that of the server's task; a delivery without one is
/// its own. Source: docs.sonarsource.com, "Webhooks".
class SonarProvider final : public SignedBodyProvider {
 public:
  explicit SonarProvider(const std::vector<Secret>& secrets);
  [[nodiscard]] Result<ParsedDelivery, HookAnswer> Parse(
      const VerifiedDelivery& delivery) const override;
  [[nodiscard]] std::size_t MaxBodyBytes() const override { return kSmallBodyBytes; }

 protected:
  [[nodiscard]] bool AcceptsForms() const override { return false; }
};

}  // namespace failgate
