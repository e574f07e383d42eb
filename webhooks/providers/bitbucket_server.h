// Bitbucket Data Center (and Server): HMAC-SHA256 of the raw body in X-Hub-Signature.
#pragma once

#include <cstddef>
#include <vector>

#include "webhooks/signed_body_provider.h"

namespace failgate {

/// `repo:refs_changed` is a push of all its changes, `diagnostics:ping` a ping: the button "Test
/// connection" sends it without a signature in some versions, and it is answered either way. Every
/// other event is ignored. Source: confluence.atlassian.com, "Event payload" (Data Center).
class BitbucketServerProvider final : public SignedBodyProvider {
 public:
  explicit BitbucketServerProvider(const std::vector<Secret>& secrets);
  [[nodiscard]] Result<ParsedDelivery, HookAnswer> Parse(
      const VerifiedDelivery& delivery) const override;
  [[nodiscard]] std::size_t MaxBodyBytes() const override;

 protected:
  [[nodiscard]] bool AcceptsForms() const override { return false; }
  [[nodiscard]] bool IsUnsignedPing(const HookHeaders& headers) const override;
};

}  // namespace failgate
