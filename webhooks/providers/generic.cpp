#include "webhooks/providers/generic.h"

#include "webhooks/providers/plain_push.h"

namespace failgate {
namespace {

SignatureHeader HeaderOf(const ProviderOptions& options) {
  const bool long_mac = options.algorithm == MacAlgorithm::kSha512;
  return SignatureHeader{options.header.empty() ? "X-Signature" : options.header,
                         long_mac ? "sha512=" : "sha256=",
                         options.algorithm};
}

}  // namespace

GenericProvider::GenericProvider(const std::vector<Secret>& secrets, const ProviderOptions& options)
    : SignedBodyProvider(HeaderOf(options), secrets) {}

std::size_t GenericProvider::MaxBodyBytes() const {
  return kSmallBodyBytes;
}

Result<ParsedDelivery, HookAnswer> GenericProvider::Parse(const VerifiedDelivery& delivery) const {
  return ReadPlainPush(delivery.body(), "");
}

}  // namespace failgate
