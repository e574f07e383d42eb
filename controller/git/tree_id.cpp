#include "controller/git/tree_id.h"

#include <openssl/evp.h>

#include <array>
#include <memory>
#include <string>

#include "controller/base/digest.h"
#include "controller/base/error.h"

namespace failgate {

ObjectId TreeIdOf(std::string_view bytes) {
  struct FreeContext {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  std::string header = "tree " + std::to_string(bytes.size());
  header += '\0';
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  Check(context != nullptr && EVP_DigestInit_ex(context.get(), EVP_sha1(), nullptr) == 1 &&
            EVP_DigestUpdate(context.get(), header.data(), header.size()) == 1 &&
            EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) == 1 &&
            EVP_DigestFinal_ex(context.get(), digest.data(), &size) == 1,
        "SHA-1 of a folder");
  return ObjectId(HexEncode(std::string(digest.begin(), digest.begin() + size)));
}

}  // namespace failgate
