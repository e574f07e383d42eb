// Notifications of a CNCF distribution registry ("registry:2" and what is built on it).
#pragma once

#include <cstddef>
#include <vector>

#include "webhooks/authorization_provider.h"

namespace failgate {

/// A push: events `push` of manifests and indexes with a tag; layers, pulls, mounts and deletions
/// are not. Once proven nothing is refused, since the registry sends the same event again until it
/// is taken: what cannot be used is ignored. Source: distribution.github.io, "Notifications".
class DistributionProvider final : public AuthorizationProvider {
 public:
  explicit DistributionProvider(const std::vector<Secret>& secrets)
      : AuthorizationProvider(secrets) {}
  [[nodiscard]] Result<ParsedDelivery, HookAnswer> Parse(
      const VerifiedDelivery& delivery) const override;
  [[nodiscard]] std::size_t MaxBodyBytes() const override { return kForgeBodyBytes; }

 protected:
  [[nodiscard]] BodyType TypeOf(std::string_view content_type) const override;
};

}  // namespace failgate
