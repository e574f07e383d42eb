// Azure DevOps service hooks: Basic authentication, or a header of one's own, over an unsigned
// body.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "webhooks/provider.h"
#include "webhooks/signature.h"

namespace failgate {

/// `git.push` is a push of all its refUpdates; every other event is ignored. The secret is
/// "user:password", or the whole value of ProviderOptions::header when that is set. Source:
/// learn.microsoft.com, "Webhooks with Azure DevOps" and "Service hooks events".
class AzureProvider final : public Provider {
 public:
  AzureProvider(const std::vector<Secret>& secrets, const ProviderOptions& options);
  [[nodiscard]] Result<ParsedDelivery, HookAnswer> Parse(
      const VerifiedDelivery& delivery) const override;
  [[nodiscard]] std::size_t MaxBodyBytes() const override;
  [[nodiscard]] static std::optional<std::string_view> FaultOf(const Secret& secret,
                                                               const ProviderOptions& options);

 protected:
  [[nodiscard]] bool AcceptsForms() const override { return false; }
  [[nodiscard]] bool HasSecret() const override { return !verifier_.empty(); }
  [[nodiscard]] bool HasWellFormedProof(const HookHeaders& headers) const override;
  [[nodiscard]] std::optional<std::size_t> FindSecret(const RawDelivery& delivery) const override;

 private:
  /// What is compared with the secrets: the header's value, or the decoded user:password.
  [[nodiscard]] std::optional<std::string> ReadProof(const HookHeaders& headers) const;

  std::string header_;  ///< empty = Basic authentication
  TokenVerifier verifier_;
};

}  // namespace failgate
