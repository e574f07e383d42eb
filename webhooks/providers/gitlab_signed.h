// GitLab with a signing token: Standard Webhooks over id, time and body.
#pragma once

#include <cstddef>
#include <vector>

#include "webhooks/standard_signed_provider.h"

namespace failgate {

/// The secret is the signing token, "whsec_…". A plain token is no proof here: once signing is
/// configured, nothing less is taken. Pushes: see ParseGitlab.
class GitlabSignedProvider final : public StandardSignedProvider {
 public:
  explicit GitlabSignedProvider(const std::vector<Secret>& secrets)
      : StandardSignedProvider(secrets) {}
  [[nodiscard]] Result<ParsedDelivery, HookAnswer> Parse(
      const VerifiedDelivery& delivery) const override;
  [[nodiscard]] std::size_t MaxBodyBytes() const override;
};

}  // namespace failgate
