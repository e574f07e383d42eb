// Gitea, Forgejo and Gogs: a bare hex HMAC-SHA256 of the JSON, also when a form wraps it.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "webhooks/provider.h"
#include "webhooks/signature.h"

namespace failgate {

/// `push` is a push and `delete` the deletion of its ref; every other event is ignored (`create`
/// too: the push comes beside it). "Test delivery" is a push that moves nothing and counts as one.
/// The headers are X-Gitea-*, X-Forgejo-* or X-Gogs-*; those in the manner of GitHub that come with
/// them are not looked at. A delivery that is sent again has a new id. Source: docs.gitea.com,
/// "Webhooks", and the senders' code.
class GiteaProvider final : public Provider {
 public:
  explicit GiteaProvider(const std::vector<Secret>& secrets) : verifier_(secrets) {}
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
