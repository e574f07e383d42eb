// Senders that prove themselves by one header: a MAC of the raw body, written in hex.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "webhooks/provider.h"
#include "webhooks/signature.h"

namespace failgate {

/// Where a MAC stands in a request and how it is written.
struct SignatureHeader {
  std::string name;
  std::string prefix;  ///< before the digits, such as "sha256="
  MacAlgorithm algorithm = MacAlgorithm::kSha256;
};

/// The proof of such a sender; its payload is read by the class that derives from it.
class SignedBodyProvider : public Provider {
 protected:
  SignedBodyProvider(SignatureHeader header, const std::vector<Secret>& secrets);
  [[nodiscard]] const SignatureHeader& header() const { return header_; }
  [[nodiscard]] bool HasSecret() const override { return !verifier_.empty(); }
  [[nodiscard]] bool HasWellFormedProof(const HookHeaders& headers) const override;
  [[nodiscard]] std::optional<std::size_t> FindSecret(const RawDelivery& delivery) const override;

 private:
  SignatureHeader header_;
  SignatureVerifier verifier_;
};

}  // namespace failgate
