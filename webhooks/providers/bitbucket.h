// Bitbucket Cloud: HMAC-SHA256 of the raw body in X-Hub-Signature.
#pragma once

#include <cstddef>
#include <vector>

#include "webhooks/signed_body_provider.h"

namespace failgate {

/// `repo:push` is a push of all its changes; every other event is ignored. Source:
/// support.atlassian.com, "Event payloads" (Bitbucket Cloud).
class BitbucketProvider final : public SignedBodyProvider {
 public:
  explicit BitbucketProvider(const std::vector<Secret>& secrets);
  [[nodiscard]] Result<ParsedDelivery, HookAnswer> Parse(
      const VerifiedDelivery& delivery) const override;
  [[nodiscard]] std::size_t MaxBodyBytes() const override;

 protected:
  [[nodiscard]] bool AcceptsForms() const override { return false; }
};

}  // namespace failgate
