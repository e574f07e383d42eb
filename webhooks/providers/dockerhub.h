// Docker Hub, which signs nothing: a token in the path is all that proves the sender.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "webhooks/provider.h"

namespace failgate {

/// The secret is the last part of the path, /hooks/SOURCE/TOKEN: at least 32 letters, digits, '-'
/// or '_', which of hexadecimal digits are 128 bits. Every delivery is the push of a tag; its
/// callback_url is never called. Source: docs.docker.com, "Docker Hub webhooks".
class DockerhubProvider final : public Provider {
 public:
  explicit DockerhubProvider(const std::vector<Secret>& secrets);
  [[nodiscard]] Result<ParsedDelivery, HookAnswer> Parse(
      const VerifiedDelivery& delivery) const override;
  [[nodiscard]] std::size_t MaxBodyBytes() const override { return kSmallBodyBytes; }
  [[nodiscard]] bool TakesPathToken() const override { return true; }
  [[nodiscard]] static std::optional<std::string_view> FaultOf(const Secret& secret,
                                                               const ProviderOptions& options);

 protected:
  [[nodiscard]] bool AcceptsForms() const override { return false; }
  [[nodiscard]] bool HasSecret() const override { return !verifier_.empty(); }
  [[nodiscard]] bool HasWellFormedProof(const HookHeaders& /*headers*/) const override {
    return true;
  }
  [[nodiscard]] bool KnowsPathToken(std::string_view token) const override;
  [[nodiscard]] std::optional<std::size_t> FindSecret(const RawDelivery& delivery) const override;

 private:
  TokenVerifier verifier_;
};

}  // namespace failgate
