// GitHub (github.com and Enterprise Server): HMAC-SHA256 of the raw body, JSON or form.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "webhooks/provider.h"
#include "webhooks/signature.h"

namespace failgate {

/// `ping` is a ping, `push` a push, every other event is ignored (`create` and `delete` too: GitHub
/// sends the push beside them). Source: docs.github.com, "Webhook events and payloads".
class GithubProvider final : public Provider {
 public:
  explicit GithubProvider(const std::vector<Secret>& secrets) : verifier_(secrets) {}
  [[nodiscard]] Result<ParsedDelivery, HookAnswer> Parse(
      const VerifiedDelivery& delivery) const override;
  [[nodiscard]] std::size_t MaxBodyBytes() const override;

 protected:
  [[nodiscard]] bool AcceptsForms() const override { return true; }
  [[nodiscard]] bool HasSecret() const override { return !verifier_.empty(); }
  [[nodiscard]] bool HasWellFormedProof(const HookHeaders& headers) const override;
  [[nodiscard]] std::optional<std::size_t> FindSecret(const RawDelivery& delivery) const override;

 private:
  SignatureVerifier verifier_;
};

}  // namespace failgate
