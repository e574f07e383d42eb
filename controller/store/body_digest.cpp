#include "controller/store/body_digest.h"

#include <fmt/format.h>
#include <xxhash.h>

#include "controller/base/digest.h"

namespace failgate {
namespace {

// Of versions that named it nowhere.
constexpr std::size_t kSha256Digits = 64;
constexpr std::string_view kXxh3 = "xxh3-128:";
constexpr std::string_view kSha256 = "sha256:";

bool StartsWith(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

}  // namespace

std::string DigestOfBody(std::string_view body) {
  const XXH128_hash_t hash = XXH3_128bits(body.data(), body.size());
  return fmt::format("{}{:016x}{:016x}", kXxh3, hash.high64, hash.low64);
}

std::string NamedBodyDigest(std::string digest) {
  return digest.size() == kSha256Digits ? std::string(kSha256) + digest : digest;
}

bool IsDigestOfBody(std::string_view digest, std::string_view body) {
  if (StartsWith(digest, kSha256)) return Sha256Hex(body) == digest.substr(kSha256.size());
  return DigestOfBody(body) == digest;
}

}  // namespace failgate
