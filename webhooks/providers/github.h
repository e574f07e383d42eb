// GitHub (github.com and Enterprise Server): HMAC-SHA256 of the raw body, JSON or form.
#pragma once

#include <cstddef>
#include <vector>

#include "webhooks/signed_body_provider.h"

namespace failgate {

/// `ping` is a ping, `push` a push, every other event is ignored (`create` and `delete` too: GitHub
/// sends the push beside them). Source: docs.github.com, "Webhook events and payloads".
class GithubProvider final : public SignedBodyProvider {
 public:
  explicit GithubProvider(const std::vector<Secret>& secrets);
  [[nodiscard]] Result<ParsedDelivery, HookAnswer> Parse(
      const VerifiedDelivery& delivery) const override;
  [[nodiscard]] std::size_t MaxBodyBytes() const override;

 protected:
  [[nodiscard]] bool AcceptsForms() const override { return true; }
};

}  // namespace failgate
