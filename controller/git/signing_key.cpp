#include "controller/git/signing_key.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "controller/base/digest.h"
#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/ids.h"
#include "controller/base/text.h"
#include "controller/git/openssh_key.h"
#include "controller/git/ssh_signature.h"
#include "controller/git/ssh_wire.h"

namespace failgate {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kSignatureBytes = 64;
constexpr std::size_t kMaxFileBytes = std::size_t{64} << 10U;

struct OpensslFree {
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};
using PrivateKey = std::unique_ptr<EVP_PKEY, OpensslFree>;

PrivateKey MakeKey(std::string_view seed) {
  PrivateKey key(EVP_PKEY_new_raw_private_key(
      EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(seed.data()), seed.size()));
  Check(key != nullptr, "OpenSSL makes an ed25519 key of 32 bytes");
  return key;
}

std::string PublicKeyOf(const EVP_PKEY* key) {
  std::array<unsigned char, kKeyBytes> bytes{};
  std::size_t size = bytes.size();
  Check(EVP_PKEY_get_raw_public_key(key, bytes.data(), &size) == 1 && size == bytes.size(),
        "OpenSSL gives an ed25519 key's public part");
  return {reinterpret_cast<const char*>(bytes.data()), size};
}

[[noreturn]] void RefuseKey(const std::filesystem::path& path, std::string_view why) {
  throw Error(Remedy::kNeedsChange, fmt::format("loading signing key {}: {}", path.native(), why));
}

/// Opens once and judges what was opened, so that the file cannot be exchanged in between.
std::string ReadPrivateFile(const std::filesystem::path& path) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) {
    throw ErrnoError("loading signing key", path.native(), errno);
  }
  struct stat status {};
  if (fstat(file.get(), &status) != 0) {
    throw ErrnoError("loading signing key", path.native(), errno);
  }
  if (!S_ISREG(status.st_mode) || static_cast<std::size_t>(status.st_size) > kMaxFileBytes) {
    RefuseKey(path, "it is no key file: name a regular file made by ssh-keygen");
  }
  if ((status.st_mode & 077U) != 0) {
    RefuseKey(path, "group or others may read it: run chmod 600 on it, or make a new key");
  }
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t filled = 0;
  while (filled < text.size()) {
    const ssize_t count = read(file.get(), text.data() + filled, text.size() - filled);
    if (count < 0 && errno != EINTR) {
      throw ErrnoError("loading signing key", path.native(), errno);
    }
    if (count == 0) {
      break;
    }
    filled += count > 0 ? static_cast<std::size_t>(count) : 0;
  }
  text.resize(filled);
  return text;
}

void WriteNewPrivateFile(const std::filesystem::path& path, std::string_view text) {
  const FileDescriptor file(
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.valid()) {
    throw ErrnoError("making signing key", path.native(), errno);
  }
  try {
    WriteAll(file.get(), text, path.native());
    SyncFile(file.get(), path.native());
    SyncFolder(path.has_parent_path() ? path.parent_path() : std::filesystem::path("."));
  } catch (...) {
    unlink(path.c_str());
    RethrowWithContext("making signing key");
  }
}

}  // namespace

struct SigningKey::State {
  PrivateKey key;
  std::string public_key;
  std::string comment;
};

SigningKey::SigningKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
SigningKey::~SigningKey() = default;
SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&&) noexcept = default;

SigningKey SigningKey::Load(const std::filesystem::path& path) {
  std::string text = ReadPrivateFile(path);
  const Result<Ed25519Key> parsed = ParseOpenSshKey(text);
  OPENSSL_cleanse(text.data(), text.size());
  if (!parsed) {
    RefuseKey(path, parsed.error().text);
  }
  auto state = std::make_unique<State>();
  state->key = MakeKey(parsed->seed.Reveal());
  state->public_key = PublicKeyOf(state->key.get());
  if (state->public_key != parsed->public_key) {
    RefuseKey(path, "its public part does not belong to its private part: make a new key");
  }
  state->comment = OneLine(parsed->comment);
  return SigningKey(std::move(state));
}

SigningKey SigningKey::Generate(const std::filesystem::path& path, std::string_view comment) {
  auto state = std::make_unique<State>();
  std::string seed = RandomBytes(kKeyBytes);
  state->key = MakeKey(seed);
  state->public_key = PublicKeyOf(state->key.get());
  state->comment = OneLine(comment);
  unsigned check_number = 0;
  const std::string random = RandomBytes(sizeof check_number);
  std::memcpy(&check_number, random.data(), sizeof check_number);
  std::string file =
      FormatOpenSshKey({Secret(seed), state->public_key, state->comment}, check_number);
  OPENSSL_cleanse(seed.data(), seed.size());
  WriteNewPrivateFile(path, file);
  OPENSSL_cleanse(file.data(), file.size());
  return SigningKey(std::move(state));
}

std::string SigningKey::PublicLine() const {
  const std::string line = "ssh-ed25519 " + Base64Encode(Ed25519PublicBlob(state_->public_key));
  return state_->comment.empty() ? line : line + " " + state_->comment;
}

std::string SigningKey::Fingerprint() const {
  return KeyFingerprint(Ed25519PublicBlob(state_->public_key));
}

std::string SigningKey::Sign(std::string_view payload, std::string_view name_space) const {
  const std::string data = *SshSignedData(payload, name_space, "sha512");
  const std::unique_ptr<EVP_MD_CTX, OpensslFree> context(EVP_MD_CTX_new());
  std::array<unsigned char, kSignatureBytes> signature{};
  std::size_t size = signature.size();
  Check(context != nullptr &&
            EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, state_->key.get()) == 1 &&
            EVP_DigestSign(context.get(),
                           signature.data(),
                           &size,
                           reinterpret_cast<const unsigned char*>(data.data()),
                           data.size()) == 1 &&
            size == signature.size(),
        "OpenSSL signs with an ed25519 key");
  return FormatSshSignature(
      {Ed25519PublicBlob(state_->public_key),
       std::string(name_space),
       "sha512",
       SshText("ssh-ed25519") +
           SshText({reinterpret_cast<const char*>(signature.data()), signature.size()})});
}

}  // namespace failgate
