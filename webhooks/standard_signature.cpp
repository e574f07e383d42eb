#include "webhooks/standard_signature.h"

#include <algorithm>
#include <chrono>
#include <string>

#include "controller/base/digest.h"
#include "controller/base/text.h"
#include "webhooks/provider.h"
#include "webhooks/request_headers.h"

namespace failgate {
namespace {

constexpr std::string_view kSecretPrefix = "whsec_";
constexpr std::string_view kSymmetric = "v1,";
constexpr std::size_t kMaxSignatures = 8;
constexpr std::size_t kMaxSignatureHeaderBytes = 1024;
constexpr std::size_t kMaxTimeDigits = 12;
constexpr std::size_t kMinKeyBytes = 24;
constexpr std::size_t kMaxKeyBytes = 64;
constexpr std::chrono::seconds kTolerance{300};

struct SignedHead {
  std::string_view id;
  std::string_view time;
  std::chrono::seconds seconds{};
  std::vector<std::string> signatures;  ///< raw bytes of the symmetric ones
};

std::optional<std::string> ReadKey(const Secret& secret) {
  const std::string_view text = secret.Reveal();
  if (text.substr(0, kSecretPrefix.size()) != kSecretPrefix) {
    return std::nullopt;
  }
  std::optional<std::string> key = Base64Decode(text.substr(kSecretPrefix.size()));
  const bool fits = key && key->size() >= kMinKeyBytes && key->size() <= kMaxKeyBytes;
  return fits ? key : std::nullopt;
}

std::vector<Secret> ReadKeys(const std::vector<Secret>& secrets) {
  std::vector<Secret> keys;
  keys.reserve(secrets.size());
  for (const Secret& secret : secrets) {
    keys.emplace_back(ReadKey(secret).value_or(""));
  }
  return keys;
}

bool IsSignableId(std::string_view id) {
  return !id.empty() && IsDeliveryId(id) && id.find('.') == std::string_view::npos;
}

// Empty when any token is broken: a sender that speaks the protocol writes none such.
std::vector<std::string> ReadSignatures(std::string_view header) {
  std::vector<std::string> signatures;
  const auto blanks = static_cast<std::size_t>(std::count(header.begin(), header.end(), ' '));
  if (header.size() > kMaxSignatureHeaderBytes || blanks >= kMaxSignatures) {
    return signatures;
  }
  for (const std::string& token : Split(header, ' ')) {
    const std::size_t comma = token.find(',');
    if (comma == std::string::npos || comma == 0) {
      return {};
    }
    if (token.substr(0, comma + 1) != kSymmetric) {
      continue;  // of a public key, or of a version to come
    }
    std::optional<std::string> bytes = Base64Decode(token.substr(comma + 1));
    if (!bytes || bytes->size() != MacBytes(MacAlgorithm::kSha256)) {
      return {};
    }
    signatures.push_back(*std::move(bytes));
  }
  return signatures;
}

std::optional<SignedHead> ReadHead(const HookHeaders& headers, const SignedHeaders& names) {
  const FoundHeader id = FindHeader(headers, names.id);
  const FoundHeader time = FindHeader(headers, names.time);
  const FoundHeader signature = FindHeader(headers, names.signature);
  if (!id.IsSingle() || !time.IsSingle() || !signature.IsSingle() || !IsSignableId(id.value)) {
    return std::nullopt;
  }
  const std::optional<long long> seconds =
      time.value.size() <= kMaxTimeDigits ? ParseNonNegative(time.value) : std::nullopt;
  std::vector<std::string> signatures = ReadSignatures(signature.value);
  if (!seconds || signatures.empty()) {
    return std::nullopt;
  }
  return SignedHead{id.value, time.value, std::chrono::seconds(*seconds), std::move(signatures)};
}

}  // namespace

StandardSignature::StandardSignature(const std::vector<Secret>& secrets)
    : verifier_(ReadKeys(secrets)) {}

StandardSignature::StandardSignature(const std::vector<Secret>& keys, const SignedHeaders& names)
    : names_(names), verifier_(keys) {}

bool StandardSignature::IsWellFormed(const HookHeaders& headers, const SignedHeaders& names) {
  return ReadHead(headers, names).has_value();
}

std::optional<std::size_t> StandardSignature::FindSigner(const RawDelivery& delivery) const {
  const std::optional<SignedHead> head = ReadHead(delivery.headers, names_);
  if (!head) {
    return std::nullopt;
  }
  const Milliseconds age = delivery.received_at.time_since_epoch() - head->seconds;
  if (age > kTolerance || age < -kTolerance) {
    return std::nullopt;
  }
  const std::string prefix = std::string(head->id).append(".").append(head->time).append(".");
  return verifier_.FindSignerOfAny(head->signatures, prefix, delivery.body);
}

std::optional<std::string_view> StandardSignature::FaultOf(const Secret& secret) {
  if (!ReadKey(secret)) {
    return "it is not whsec_ followed by the base64 of 24 to 64 bytes";
  }
  return std::nullopt;
}

}  // namespace failgate
