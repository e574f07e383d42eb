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
#include "webhooks/request_headers.h"
#include "webhooks/signature.h"

namespace failgate {

/// What a forge may send: GitHub and GitLab stop at 25 MB; percent-encoding may make a form a
/// little longer.
inline constexpr std::size_t kForgeBodyBytes = std::size_t{26} << 20U;
/// For senders whose payloads are known to be small.
inline constexpr std::size_t kSmallBodyBytes = std::size_t{1} << 20U;

/// One receiver's provider with its secrets. Which one speaks at a path is configuration, never
/// taken from the request. Immutable, thread-safe. Order of use: CheckHeaders, read at most
/// MaxBodyBytes, Verify, Parse, KeepOnlyConfigured (event.h). Source of the answers: the order of
/// checks every webhook receiver of this program keeps (400 repeated header, 415, 503 without
/// secret, 401; then 401, 400, 422).
class Provider {
 public:
  virtual ~Provider() = default;

  /// Before the body is read: the answer that ends the request, if any: a refusal, or 200 for a
  /// sender's unsigned try of the connection.
  /// `path_token`: see RawDelivery; for senders that have no other proof.
  [[nodiscard]] std::optional<HookAnswer> CheckHeaders(const HookHeaders& headers,
                                                       std::string_view path_token = {}) const;
  /// The only maker of a VerifiedDelivery. Repeats CheckHeaders, so that leaving it out opens
  /// nothing.
  [[nodiscard]] Result<VerifiedDelivery, HookAnswer> Verify(RawDelivery delivery) const;
  /// Never throws for any content.
  [[nodiscard]] virtual Result<ParsedDelivery, HookAnswer> Parse(
      const VerifiedDelivery& delivery) const = 0;
  [[nodiscard]] virtual std::size_t MaxBodyBytes() const = 0;
  /// Whether the path goes on with a secret after the source.
  [[nodiscard]] virtual bool TakesPathToken() const { return false; }

 protected:
  Provider() = default;
  [[nodiscard]] virtual bool AcceptsForms() const = 0;
  [[nodiscard]] virtual BodyType TypeOf(std::string_view content_type) const {
    return ReadBodyType(content_type);
  }
  /// A try of the connection that its sender does not sign. Answered 200 and forgotten.
  [[nodiscard]] virtual bool IsUnsignedPing(const HookHeaders& /*headers*/) const { return false; }
  [[nodiscard]] virtual bool HasSecret() const = 0;
  /// Whether what proves the sender is there once and of the right form.
  [[nodiscard]] virtual bool HasWellFormedProof(const HookHeaders& headers) const = 0;
  /// Only of a provider that TakesPathToken.
  [[nodiscard]] virtual bool KnowsPathToken(std::string_view /*token*/) const { return false; }
  /// Index of the secret that proves the sender. Called only after HasWellFormedProof.
  [[nodiscard]] virtual std::optional<std::size_t> FindSecret(
      const RawDelivery& delivery) const = 0;
};

/// What a provider may be told beside its secrets. Those that have no use for a field ignore it.
struct ProviderOptions {
  std::string header;  ///< that carries the proof (azure, generic); empty = the usual one
  MacAlgorithm algorithm = MacAlgorithm::kSha256;  ///< of the signature (generic)
};

/// Of forges, and what else sends pushes to repositories.
[[nodiscard]] const std::vector<std::string>& ProviderWords();
/// Of registries: their deliveries have image_pushes.
[[nodiscard]] const std::vector<std::string>& RegistryProviderWords();

/// `secrets`: current first. Empty ones and those FaultOfSecret names are left out; without any the
/// provider answers 503 to all. Refused: `provider_unknown`, with the nearest word.
[[nodiscard]] Result<std::unique_ptr<const Provider>> ProviderByName(
    std::string_view word,
    const std::vector<Secret>& secrets,
    const ProviderOptions& options = ProviderOptions());

/// Why the provider cannot use a secret, as one constant sentence; nullopt when it can.
[[nodiscard]] std::optional<std::string_view> FaultOfSecret(std::string_view word,
                                                            const Secret& secret,
                                                            const ProviderOptions& options);

/// The one occurrence of a header that names the event: 400 when it is absent, empty or repeated.
[[nodiscard]] Result<std::string_view, HookAnswer> ReadEventHeader(const HookHeaders& headers,
                                                                   std::string_view name);
/// Letters, digits, ".", "_", "-", at most 128 bytes; empty is one too.
[[nodiscard]] bool IsDeliveryId(std::string_view text);
/// The sender's delivery id, as IsDeliveryId. Empty when the header is absent; 400 when it is
/// repeated or something else.
[[nodiscard]] Result<std::string, HookAnswer> ReadDeliveryId(const HookHeaders& headers,
                                                             std::string_view name);

}  // namespace failgate
