#include "webhooks/providers/gitlab.h"

#include <string_view>

#include "webhooks/providers/gitlab_payload.h"
#include "webhooks/request_headers.h"

namespace failgate {
namespace {

constexpr std::string_view kTokenHeader = "X-Gitlab-Token";
// The two UUID headers change with every sending or are shared by several: this one is the only id
// that stays the same when GitLab sends again (from 17.4).
constexpr std::string_view kDeliveryHeader = "Idempotency-Key";

}  // namespace

std::size_t GitlabProvider::MaxBodyBytes() const {
  return kForgeBodyBytes;
}

bool GitlabProvider::HasWellFormedProof(const HookHeaders& headers) const {
  const FoundHeader token = FindHeader(headers, kTokenHeader);
  return token.IsSingle() && !token.value.empty();
}

std::optional<std::size_t> GitlabProvider::FindSecret(const RawDelivery& delivery) const {
  return verifier_.FindToken(FindHeader(delivery.headers, kTokenHeader).value);
}

Result<ParsedDelivery, HookAnswer> GitlabProvider::Parse(const VerifiedDelivery& delivery) const {
  return ParseGitlab(delivery, kDeliveryHeader);
}

}  // namespace failgate
