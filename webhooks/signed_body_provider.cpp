#include "webhooks/signed_body_provider.h"

#include <utility>

#include "webhooks/request_headers.h"

namespace failgate {

SignedBodyProvider::SignedBodyProvider(SignatureHeader header, const std::vector<Secret>& secrets)
    : header_(std::move(header)), verifier_(secrets, header_.algorithm) {}

bool SignedBodyProvider::HasWellFormedProof(const HookHeaders& headers) const {
  const FoundHeader found = FindHeader(headers, header_.name);
  return found.IsSingle() &&
         ParseHexSignature(found.value, header_.prefix, header_.algorithm).has_value();
}

std::optional<std::size_t> SignedBodyProvider::FindSecret(const RawDelivery& delivery) const {
  const FoundHeader found = FindHeader(delivery.headers, header_.name);
  const std::optional<std::string> signature =
      ParseHexSignature(found.value, header_.prefix, header_.algorithm);
  return signature ? verifier_.FindSigner(*signature, delivery.body) : std::nullopt;
}

}  // namespace failgate
