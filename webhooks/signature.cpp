#include "webhooks/signature.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <utility>

#include "controller/base/digest.h"
#include "controller/base/error.h"

namespace failgate {
namespace {

constexpr std::size_t kDigestBytes = 32;
constexpr std::string_view kSignaturePrefix = "sha256=";

struct FreeContext {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using MacContext = std::unique_ptr<EVP_MAC_CTX, FreeContext>;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

struct HmacKey::State {
  MacContext keyed;  ///< never fed: each message works on a copy
};

HmacKey::HmacKey(const Secret& secret) : state_(std::make_unique<State>()) {
  Check(!secret.empty(), "an HMAC key is not empty");
  EVP_MAC* mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  Check(mac != nullptr, "OpenSSL knows HMAC");
  state_->keyed.reset(EVP_MAC_CTX_new(mac));
  EVP_MAC_free(mac);
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end()};
  const std::string& key = secret.Reveal();
  Check(state_->keyed != nullptr &&
            EVP_MAC_init(state_->keyed.get(), Bytes(key), key.size(), parameters) == 1,
        "OpenSSL accepts an HMAC-SHA256 key");
}

HmacKey::~HmacKey() = default;
HmacKey::HmacKey(HmacKey&&) noexcept = default;
HmacKey& HmacKey::operator=(HmacKey&&) noexcept = default;

std::string HmacKey::Sign(std::string_view bytes) const {
  const MacContext context(EVP_MAC_CTX_dup(state_->keyed.get()));
  std::string digest(kDigestBytes, '\0');
  std::size_t written = 0;
  const bool done = context != nullptr &&
                    EVP_MAC_update(context.get(), Bytes(bytes), bytes.size()) == 1 &&
                    EVP_MAC_final(context.get(),
                                  reinterpret_cast<unsigned char*>(digest.data()),
                                  &written,
                                  digest.size()) == 1;
  Check(done && written == kDigestBytes, "OpenSSL computes HMAC-SHA256");
  return digest;
}

std::optional<std::string> ParseSha256Signature(std::string_view header) {
  if (header.size() != kSignaturePrefix.size() + 2 * kDigestBytes ||
      header.substr(0, kSignaturePrefix.size()) != kSignaturePrefix) {
    return std::nullopt;
  }
  return HexDecode(header.substr(kSignaturePrefix.size()));
}

SignatureVerifier::SignatureVerifier(const std::vector<Secret>& secrets) {
  for (std::size_t index = 0; index < secrets.size(); ++index) {
    if (!secrets[index].empty()) {
      keys_.push_back(IndexedKey{index, HmacKey(secrets[index])});
    }
  }
}

std::optional<std::size_t> SignatureVerifier::FindSigner(std::string_view signature,
                                                         std::string_view bytes) const {
  std::optional<std::size_t> signer;
  for (const IndexedKey& candidate : keys_) {
    const bool matches = ConstantTimeEqual(candidate.key.Sign(bytes), signature);
    if (matches && !signer) {
      signer = candidate.index;
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
