// GitLab (.com and self-managed) with a plain secret token.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "webhooks/provider.h"
#include "webhooks/signature.h"

namespace failgate {

/// The secret is the token itself. Pushes: see ParseGitlab.
class GitlabProvider final : public Provider {
 public:
  explicit GitlabProvider(const std::vector<Secret>& secrets) : verifier_(secrets) {}
  [[nodiscard]] Result<ParsedDelivery, HookAnswer> Parse(
      const VerifiedDelivery& delivery) const override;
  [[nodiscard]] std::size_t MaxBodyBytes() const override;

 protected:
  [[nodiscard]] bool AcceptsForms() const override { return false; }
  [[nodiscard]] bool HasSecret() const override { return !verifier_.empty(); }
  [[nodiscard]] bool HasWellFormedProof(const HookHeaders& headers) const override;
  [[nodiscard]] std::optional<std::size_t> FindSecret(const RawDelivery& delivery) const override;

 private:
  TokenVerifier verifier_;
};

}  // namespace failgate
