#include "webhooks/providers/gitlab_signed.h"

#include "webhooks/providers/gitlab_payload.h"

namespace failgate {

std::size_t GitlabSignedProvider::MaxBodyBytes() const {
  return kForgeBodyBytes;
}

Result<ParsedDelivery, HookAnswer> GitlabSignedProvider::Parse(
    const VerifiedDelivery& delivery) const {
  // The same value as Idempotency-Key, and this one is signed.
  return ParseGitlab(delivery, kStandardIdHeader);
}

}  // namespace failgate
