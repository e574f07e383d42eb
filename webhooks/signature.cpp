#include "webhooks/signature.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <utility>

#include "controller/base/digest.h"
#include "controller/base/error.h"
#include "controller/base/guarded.h"

namespace failgate {
namespace {

constexpr std::size_t kSha256Bytes = 32;
constexpr std::size_t kSha512Bytes = 64;

struct FreeContext {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using MacContext = std::unique_ptr<EVP_MAC_CTX, FreeContext>;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::size_t MacBytes(MacAlgorithm algorithm) {
  return algorithm == MacAlgorithm::kSha512 ? kSha512Bytes : kSha256Bytes;
}

struct HmacKey::State {
  /// Keyed and not fed. One is lent to each message and comes back reset: to make a copy takes ten
  /// allocations.
  Guarded<std::vector<MacContext>> spare;
  MacContext keyed;  ///< never fed
  std::size_t mac_bytes = 0;

  MacContext Lend() {
    {
      auto contexts = spare.Lock();
      if (!contexts->empty()) {
        MacContext context = std::move(contexts->back());
        contexts->pop_back();
        return context;
      }
    }
    return MacContext(EVP_MAC_CTX_dup(keyed.get()));
  }
  void TakeBack(MacContext context) {
    if (EVP_MAC_init(context.get(), nullptr, 0, nullptr) == 1) {
      spare.Lock()->push_back(std::move(context));
    }
  }
};

HmacKey::HmacKey(const Secret& secret, MacAlgorithm algorithm) : state_(std::make_unique<State>()) {
  Check(!secret.empty(), "an HMAC key is not empty");
  EVP_MAC* mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  Check(mac != nullptr, "OpenSSL knows HMAC");
  state_->keyed.reset(EVP_MAC_CTX_new(mac));
  EVP_MAC_free(mac);
  state_->mac_bytes = MacBytes(algorithm);
  std::string digest = algorithm == MacAlgorithm::kSha512 ? "SHA512" : "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_end()};
  const std::string& key = secret.Reveal();
  Check(state_->keyed != nullptr &&
            EVP_MAC_init(state_->keyed.get(), Bytes(key), key.size(), parameters) == 1,
        "OpenSSL accepts an HMAC key");
}

HmacKey::~HmacKey() = default;
HmacKey::HmacKey(HmacKey&&) noexcept = default;
HmacKey& HmacKey::operator=(HmacKey&&) noexcept = default;

std::string HmacKey::Sign(std::string_view prefix, std::string_view bytes) const {
  MacContext context = state_->Lend();
  std::string digest(state_->mac_bytes, '\0');
  std::size_t written = 0;
  const bool done = context != nullptr &&
                    EVP_MAC_update(context.get(), Bytes(prefix), prefix.size()) == 1 &&
                    EVP_MAC_update(context.get(), Bytes(bytes), bytes.size()) == 1 &&
                    EVP_MAC_final(context.get(),
                                  reinterpret_cast<unsigned char*>(digest.data()),
                                  &written,
                                  digest.size()) == 1;
  Check(done && written == digest.size(), "OpenSSL computes an HMAC");
  state_->TakeBack(std::move(context));
  return digest;
}

std::optional<std::string> ParseHexSignature(std::string_view header,
                                             std::string_view prefix,
                                             MacAlgorithm algorithm) {
  if (header.size() != prefix.size() + 2 * MacBytes(algorithm) ||
      header.substr(0, prefix.size()) != prefix) {
    return std::nullopt;
  }
  return HexDecode(header.substr(prefix.size()));
}

SignatureVerifier::SignatureVerifier(const std::vector<Secret>& secrets, MacAlgorithm algorithm) {
  for (std::size_t index = 0; index < secrets.size(); ++index) {
    if (!secrets[index].empty()) {
      keys_.push_back(IndexedKey{index, HmacKey(secrets[index], algorithm)});
    }
  }
}

std::optional<std::size_t> SignatureVerifier::FindSigner(std::string_view signature,
                                                         std::string_view bytes) const {
  return FindSignerOf({&signature, 1}, {}, bytes);
}

std::optional<std::size_t> SignatureVerifier::FindSignerOfAny(
    const std::vector<std::string>& signatures,
    std::string_view prefix,
    std::string_view bytes) const {
  const std::vector<std::string_view> views(signatures.begin(), signatures.end());
  return FindSignerOf(views, prefix, bytes);
}

std::optional<std::size_t> SignatureVerifier::FindSignerOf(
    std::span<const std::string_view> signatures,
    std::string_view prefix,
    std::string_view bytes) const {
  std::optional<std::size_t> signer;
  for (const IndexedKey& candidate : keys_) {
    const std::string expected = candidate.key.Sign(prefix, bytes);
    for (const std::string_view signature : signatures) {
      const bool matches = ConstantTimeEqual(expected, signature);
      if (matches && !signer) {
        signer = candidate.index;
      }
    }
  }
  return signer;
}

TokenVerifier::TokenVerifier(const std::vector<Secret>& secrets) {
  for (std::size_t index = 0; index < secrets.size(); ++index) {
    if (!secrets[index].empty()) {
      digests_.push_back(IndexedDigest{index, Sha256Raw(secrets[index].Reveal())});
    }
  }
}

std::optional<std::size_t> TokenVerifier::FindToken(std::string_view token) const {
  const std::string digest = Sha256Raw(token);
  std::optional<std::size_t> found;
  for (const IndexedDigest& candidate : digests_) {
    const bool matches = ConstantTimeEqual(candidate.digest, digest);
    if (matches && !found) {
      found = candidate.index;
    }
  }
  return found;
}

}  // namespace failgate
