#include "controller/base/digest.h"

#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"

namespace failgate {
namespace {

constexpr std::size_t kSha256Bytes = 32;
constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64Url =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// Fetched once and kept for the life of the program: OpenSSL 3 searches its providers at each
// fetch.
const EVP_MD* Sha256Algorithm() {
  static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  Check(algorithm != nullptr, "OpenSSL offers SHA256");
  return algorithm;
}

EVP_MAC* HmacAlgorithm() {
  static EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  Check(algorithm != nullptr, "OpenSSL offers HMAC");
  return algorithm;
}

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string Text(const unsigned char* bytes, std::size_t count) {
  return {reinterpret_cast<const char*>(bytes), count};
}

constexpr unsigned char kNoDigit = 0xFF;

constexpr std::array<unsigned char, 256> HexValues() {
  std::array<unsigned char, 256> values{};
  values.fill(kNoDigit);
  for (std::size_t i = 0; i < kHexDigits.size(); ++i) {
    values.at(static_cast<unsigned char>(kHexDigits.at(i))) = static_cast<unsigned char>(i);
  }
  return values;
}
constexpr std::array<unsigned char, 256> kHexValues = HexValues();

std::string EncodeBase64(std::string_view bytes, std::string_view alphabet) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t pending = 0;
  unsigned bits = 0;
  for (const char byte : bytes) {
    pending = (pending << 8U | static_cast<unsigned char>(byte)) & 0xFFFFU;
    for (bits += 8; bits >= 6;) {
      bits -= 6;
      text += alphabet[(pending >> bits) & 63U];
    }
  }
  if (bits > 0) {
    text += alphabet[(pending << (6 - bits)) & 63U];
  }
  return text;
}

}  // namespace

struct Sha256::State {
  struct Free {
    void operator()(EVP_MD_CTX* digest) const { EVP_MD_CTX_free(digest); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context;

  std::string Finish() {
    std::array<unsigned char, kSha256Bytes> digest{};
    unsigned size = 0;
    Check(EVP_DigestFinal_ex(context.get(), digest.data(), &size) == 1 && size == digest.size(),
          "SHA-256 can be finished");
    return Text(digest.data(), digest.size());
  }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  state_->context.reset(EVP_MD_CTX_new());
  Check(state_->context != nullptr &&
            EVP_DigestInit_ex(state_->context.get(), Sha256Algorithm(), nullptr) == 1,
        "SHA-256 can be started");
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::Update(std::string_view bytes) {
  Check(state_ != nullptr, "a spent Sha256 is not used again");
  Check(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) == 1,
        "SHA-256 takes bytes");
}

std::string Sha256::FinishHex() {
  Check(state_ != nullptr, "a spent Sha256 is not used again");
  const std::string digest = state_->Finish();
  state_.reset();
  return HexEncode(digest);
}

std::string Sha256Hex(std::string_view bytes) {
  return HexEncode(Sha256Raw(bytes));
}

std::string Sha256Raw(std::string_view bytes) {
  std::array<unsigned char, kSha256Bytes> digest{};
  unsigned size = 0;
  Check(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, Sha256Algorithm(), nullptr) ==
                1 &&
            size == digest.size(),
        "SHA-256 of bytes");
  return Text(digest.data(), digest.size());
}

std::string Sha256File(const std::filesystem::path& path) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) {
    throw ErrnoError("opening", path.string(), errno);
  }
  Sha256 hash;
  std::vector<char> buffer(std::size_t{256} << 10U);
  while (true) {
    const ssize_t count = read(file.get(), buffer.data(), buffer.size());
    if (count == 0) {
      return hash.FinishHex();
    }
    if (count > 0) {
      hash.Update({buffer.data(), static_cast<std::size_t>(count)});
    } else if (errno != EINTR) {
      throw ErrnoError("reading", path.string(), errno);
    }
  }
}

bool IsSha256Reference(std::string_view text) {
  constexpr std::string_view kPrefix = "sha256:";
  return text.size() == kPrefix.size() + 2 * kSha256Bytes &&
         text.substr(0, kPrefix.size()) == kPrefix &&
         text.find_first_not_of(kHexDigits, kPrefix.size()) == std::string_view::npos;
}

std::string HmacSha256(std::string_view key, std::string_view bytes) {
  Check(!key.empty(), "an HMAC key is not empty");
  struct Free {
    void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
  };
  const std::unique_ptr<EVP_MAC_CTX, Free> context(EVP_MAC_CTX_new(HmacAlgorithm()));
  Check(context != nullptr, "an HMAC can be started");
  std::string digest_name = "SHA256";
  const std::array<OSSL_PARAM, 2> parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest_name.data(), 0),
      OSSL_PARAM_construct_end()};
  std::array<unsigned char, kSha256Bytes> digest{};
  std::size_t size = 0;
  Check(EVP_MAC_init(context.get(), Bytes(key), key.size(), parameters.data()) == 1 &&
            EVP_MAC_update(context.get(), Bytes(bytes), bytes.size()) == 1 &&
            EVP_MAC_final(context.get(), digest.data(), &size, digest.size()) == 1 &&
            size == digest.size(),
        "an HMAC can be computed");
  return Text(digest.data(), digest.size());
}

bool ConstantTimeEqual(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string HexEncode(std::string_view bytes) {
  std::string text(2 * bytes.size(), '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto value = static_cast<unsigned char>(bytes[i]);
    text[2 * i] = kHexDigits[value >> 4U];
    text[2 * i + 1] = kHexDigits[value & 15U];
  }
  return text;
}

std::optional<std::string> HexDecode(std::string_view text) {
  if (text.size() % 2 != 0) {
    return std::nullopt;
  }
  std::string bytes(text.size() / 2, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const unsigned high = kHexValues[static_cast<unsigned char>(text[2 * i])];
    const unsigned low = kHexValues[static_cast<unsigned char>(text[2 * i + 1])];
    if (high == kNoDigit || low == kNoDigit) {
      return std::nullopt;
    }
    bytes[i] = static_cast<char>(high << 4U | low);
  }
  return bytes;
}

std::string Base64Encode(std::string_view bytes) {
  std::string text = EncodeBase64(bytes, kBase64);
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

std::string Base64UrlEncode(std::string_view bytes) {
  return EncodeBase64(bytes, kBase64Url);
}

std::optional<std::string> Base64Decode(std::string_view text) {
  if (text.size() % 4 != 0) {
    return std::nullopt;
  }
  std::string_view digits = text;
  for (int i = 0; i < 2 && !digits.empty() && digits.back() == '='; ++i) {
    digits.remove_suffix(1);
  }
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  std::uint32_t pending = 0;
  unsigned bits = 0;
  for (const char digit : digits) {
    const std::size_t value = kBase64.find(digit);
    if (value == std::string_view::npos) {
      return std::nullopt;
    }
    pending = (pending << 6U | static_cast<std::uint32_t>(value)) & 0xFFFFU;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes += static_cast<char>(static_cast<unsigned char>((pending >> bits) & 0xFFU));
    }
  }
  // Left-over bits that are not zero would let two texts mean the same bytes.
  if ((pending & ((1U << bits) - 1U)) != 0) {
    return std::nullopt;
  }
  return bytes;
}

}  // namespace failgate
