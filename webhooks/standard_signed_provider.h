// Senders that prove themselves as the Standard Webhooks specification says.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "webhooks/provider.h"
#include "webhooks/standard_signature.h"

namespace failgate {

/// The proof of such a sender; its payload is read by the class that derives from it. A token
/// beside the signature counts for nothing.
class StandardSignedProvider : public Provider {
 public:
  [[nodiscard]] static std::optional<std::string_view> FaultOf(const Secret& secret,
                                                               const ProviderOptions& /*options*/) {
    return StandardSignature::FaultOf(secret);
  }

 protected:
  explicit StandardSignedProvider(const std::vector<Secret>& secrets) : signature_(secrets) {}
  [[nodiscard]] bool AcceptsForms() const override { return false; }
  [[nodiscard]] bool HasSecret() const override { return !signature_.empty(); }
  [[nodiscard]] bool HasWellFormedProof(const HookHeaders& headers) const override {
    return StandardSignature::IsWellFormed(headers);
  }
  [[nodiscard]] std::optional<std::size_t> FindSecret(const RawDelivery& delivery) const override {
    return signature_.FindSigner(delivery);
  }

 private:
  StandardSignature signature_;
};

}  // namespace failgate
