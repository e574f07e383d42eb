#include "webhooks/authorization_provider.h"

#include "webhooks/request_headers.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxValueBytes = 4096;

}  // namespace

bool AuthorizationProvider::HasWellFormedProof(const HookHeaders& headers) const {
  const FoundHeader value = FindHeader(headers, "Authorization");
  return value.IsSingle() && !value.value.empty() && value.value.size() <= kMaxValueBytes;
}

std::optional<std::size_t> AuthorizationProvider::FindSecret(const RawDelivery& delivery) const {
  return verifier_.FindToken(FindHeader(delivery.headers, "Authorization").value);
}

}  // namespace failgate
