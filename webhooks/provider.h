// A forge's way to sign and word its deliveries, behind one small interface.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/result.h"
#include "controller/base/secret.h"
#include "webhooks/delivery.h"
#include "webhooks/event.h"

namespace failgate {

/// One receiver's provider with its secrets. Which one speaks at a path is configuration, never
/// taken from the request. Immutable, thread-safe. Order of use: CheckHeaders, read at most
/// MaxBodyBytes, Verify, Parse, KeepOnlyConfigured (event.h). Source of the answers: the order of
/// checks every webhook receiver of this program keeps (400 repeated header, 415, 503 without
/// secret, 401; then 401, 400, 422).
class Provider {
 public:
  virtual ~Provider() = default;

  /// Before the body is read: the answer that refuses the request, if any.
  [[nodiscard]] std::optional<HookAnswer> CheckHeaders(const HookHeaders& headers) const;
  /// The only maker of a VerifiedDelivery. Repeats CheckHeaders, so that leaving it out opens
  /// nothing.
  [[nodiscard]] Result<VerifiedDelivery, HookAnswer> Verify(RawDelivery delivery) const;
  /// Never throws for any content.
  [[nodiscard]] virtual Result<ParsedDelivery, HookAnswer> Parse(
      const VerifiedDelivery& delivery) const = 0;
  [[nodiscard]] virtual std::size_t MaxBodyBytes() const = 0;

 protected:
  Provider() = default;
  [[nodiscard]] virtual bool AcceptsForms() const = 0;
  [[nodiscard]] virtual bool HasSecret() const = 0;
  /// Whether what proves the sender is there once and of the right form.
  [[nodiscard]] virtual bool HasWellFormedProof(const HookHeaders& headers) const = 0;
  /// Index of the secret that proves the sender. Called only after HasWellFormedProof.
  [[nodiscard]] virtual std::optional<std::size_t> FindSecret(
      const RawDelivery& delivery) const = 0;
};

/// Every provider word of the contract, those this version does not have included.
[[nodiscard]] const std::vector<std::string>& ProviderWords();

/// Why `word` cannot be used, if so: `provider_not_available` for a word of the contract that this
/// version does not have, `provider_unknown` for any other, with the nearest word.
[[nodiscard]] std::optional<Refusal> RefuseProvider(std::string_view word);

/// `secrets`: current first. Empty ones are left out; without any the provider answers 503 to all.
[[nodiscard]] Result<std::unique_ptr<const Provider>> ProviderByName(
    std::string_view word, const std::vector<Secret>& secrets);

/// The one occurrence of a header that names the event: 400 when it is absent, empty or repeated.
[[nodiscard]] Result<std::string_view, HookAnswer> ReadEventHeader(const HookHeaders& headers,
                                                                   std::string_view name);
/// The sender's delivery id: letters, digits, ".", "_", "-", at most 128 bytes. Empty when the
/// header is absent; 400 when it is repeated or something else.
[[nodiscard]] Result<std::string, HookAnswer> ReadDeliveryId(const HookHeaders& headers,
                                                             std::string_view name);

}  // namespace failgate
