// Any sender that signs by the Standard Webhooks specification.
#pragma once

#include <cstddef>
#include <vector>

#include "webhooks/standard_signed_provider.h"

namespace failgate {

/// The secret is "whsec_…". The event is the `type` of the body, the push its `data`, or the body
/// itself when it has no `data`: see ReadPlainPush.
class StandardProvider final : public StandardSignedProvider {
 public:
  explicit StandardProvider(const std::vector<Secret>& secrets) : StandardSignedProvider(secrets) {}
  [[nodiscard]] Result<ParsedDelivery, HookAnswer> Parse(
      const VerifiedDelivery& delivery) const override;
  [[nodiscard]] std::size_t MaxBodyBytes() const override;
};

}  // namespace failgate
