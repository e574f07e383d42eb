// MLflow 3: something happened to a registered model. It signs as Standard Webhooks do, under names
// of its own and with the secret as it is.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "webhooks/provider.h"
#include "webhooks/standard_signature.h"

namespace failgate {

/// Every delivery about a model, its versions, their tags or aliases is a reason to ask the
/// configured server; what it says but the model's name is not looked at. Prompts and budgets are
/// ignored. Source: mlflow.webhooks of MLflow 3.
class MlflowProvider final : public Provider {
 public:
  explicit MlflowProvider(const std::vector<Secret>& secrets);
  [[nodiscard]] Result<ParsedDelivery, HookAnswer> Parse(
      const VerifiedDelivery& delivery) const override;
  [[nodiscard]] std::size_t MaxBodyBytes() const override { return kSmallBodyBytes; }

 protected:
  [[nodiscard]] bool AcceptsForms() const override { return false; }
  [[nodiscard]] bool HasSecret() const override { return !signature_.empty(); }
  [[nodiscard]] bool HasWellFormedProof(const HookHeaders& headers) const override;
  [[nodiscard]] std::optional<std::size_t> FindSecret(const RawDelivery& delivery) const override {
    return signature_.FindSigner(delivery);
  }

 private:
  StandardSignature signature_;
};

}  // namespace failgate
