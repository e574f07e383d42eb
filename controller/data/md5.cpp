#include "controller/data/md5.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "controller/base/digest.h"
#include "controller/base/error.h"

namespace failgate {
namespace {

constexpr std::size_t kMd5Bytes = 16;
constexpr std::size_t kDvcBlock = std::size_t{1} << 20U;
constexpr std::size_t kLookedAt = 512;

/// As istextblock of dvc_data: no NUL, and at most 30 % other bytes than printable ASCII and
/// "\n\r\t\f\b".
bool IsText(std::string_view begin) {
  if (begin.find('\0') != std::string_view::npos) {
    return false;
  }
  const auto other = std::count_if(begin.begin(), begin.end(), [](char c) {
    return (c < ' ' || c > '~') && std::string_view("\n\r\t\f\b").find(c) == std::string_view::npos;
  });
  return static_cast<std::size_t>(other) * 10 <= begin.size() * 3;
}

}  // namespace

struct Md5::State {
  EVP_MD_CTX* context = nullptr;
};

Md5::Md5() : state_(std::make_unique<State>()) {
  static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "MD5", nullptr);
  Check(algorithm != nullptr, "OpenSSL offers MD5");
  state_->context = EVP_MD_CTX_new();
  Check(state_->context != nullptr && EVP_DigestInit_ex2(state_->context, algorithm, nullptr) == 1,
        "MD5 begins");
}

Md5::~Md5() {
  EVP_MD_CTX_free(state_->context);
}

void Md5::Update(std::string_view bytes) {
  Check(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1, "MD5 goes on");
}

std::string Md5::FinishHex() {
  std::array<unsigned char, kMd5Bytes> digest{};
  unsigned int size = 0;
  Check(EVP_DigestFinal_ex(state_->context, digest.data(), &size) == 1 && size == kMd5Bytes,
        "MD5 ends");
  return HexEncode({reinterpret_cast<const char*>(digest.data()), kMd5Bytes});
}

void FormerDvcMd5::Update(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t count = std::min(bytes.size(), kDvcBlock - block_.size());
    block_.append(bytes.substr(0, count));
    bytes.remove_prefix(count);
    if (block_.size() == kDvcBlock) {
      HashBlock();
    }
  }
}

void FormerDvcMd5::HashBlock() {
  if (first_) {
    is_text_ = IsText(std::string_view(block_).substr(0, kLookedAt));
    first_ = false;
  }
  if (is_text_) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < block_.size(); ++i) {
      if (block_[i] != '\r' || i + 1 == block_.size() || block_[i + 1] != '\n') {
        block_[kept++] = block_[i];
      }
    }
    block_.resize(kept);
  }
  md5_.Update(block_);
  block_.clear();
}

std::string FormerDvcMd5::FinishHex() {
  HashBlock();
  return md5_.FinishHex();
}

}  // namespace failgate
