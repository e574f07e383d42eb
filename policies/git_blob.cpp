#include "policies/git_blob.h"

#include <openssl/evp.h>

#include <array>
#include <memory>

#include "controller/base/digest.h"
#include "controller/base/error.h"

namespace failgate {

ObjectId GitBlobId(std::string_view bytes, GitHash hash) {
  const EVP_MD* algorithm = hash == GitHash::kSha1 ? EVP_sha1() : EVP_sha256();
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  std::string header = "blob " + std::to_string(bytes.size());
  header.push_back('\0');
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  const bool done = context != nullptr &&
                    EVP_DigestInit_ex(context.get(), algorithm, nullptr) == 1 &&
                    EVP_DigestUpdate(context.get(), header.data(), header.size()) == 1 &&
                    EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) == 1 &&
                    EVP_DigestFinal_ex(context.get(), digest.data(), &length) == 1;
  if (!done) throw Error(Remedy::kNeedsChange, "hashing a blob: OpenSSL refused");
  return ObjectId(HexEncode(std::string(digest.begin(), digest.begin() + length)));
}

bool IsBlobIdOf(const ObjectId& id, std::string_view bytes) {
  if (!IsObjectId(id.text())) return false;
  constexpr std::size_t kSha1Digits = 40;
  return GitBlobId(bytes, id.text().size() == kSha1Digits ? GitHash::kSha1 : GitHash::kSha256) ==
         id;
}

}  // namespace failgate
