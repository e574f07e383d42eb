#include "controller/git/openssh_key.h"

#include <openssl/crypto.h>

#include <cstddef>

#include "controller/base/digest.h"
#include "controller/git/ssh_wire.h"

namespace failgate {
namespace {

constexpr std::string_view kLabel = "OPENSSH PRIVATE KEY";
constexpr std::string_view kMagic("openssh-key-v1\0", 15);
constexpr std::string_view kType = "ssh-ed25519";
constexpr std::size_t kKeyBytes = 32;
/// Of cipher "none".
constexpr std::size_t kBlockBytes = 8;

Refusal Damaged() {
  return {
      "damaged_key",
      "it is no OpenSSH private key file, or a damaged one: make one with ssh-keygen -t ed25519 "
      "-N ''"};
}

Refusal OtherType(std::string_view type) {
  std::string shown;
  for (const char c : type.substr(0, 40)) {
    shown += (c >= 0x21 && c <= 0x7E) ? c : '?';
  }
  return {"key_type",
          "it is a key of type " + shown +
              ", only ssh-ed25519 is supported: make one with ssh-keygen -t ed25519 -N ''"};
}

Refusal Encrypted() {
  return {"encrypted_key",
          "it is encrypted with a passphrase, which the controller cannot ask for: remove it with "
          "ssh-keygen -p -N ''"};
}

/// The part that a passphrase would encrypt.
Result<Ed25519Key> ParsePrivatePart(std::string_view part) {
  SshReader reader(part);
  const auto check_a = reader.Number();
  const auto check_b = reader.Number();
  const auto type = reader.Text();
  if (part.size() % kBlockBytes != 0 || !check_a || check_a != check_b || !type) {
    return Damaged();
  }
  if (*type != kType) {
    return OtherType(*type);
  }
  const auto public_key = reader.Text();
  const auto private_key = reader.Text();
  const auto comment = reader.Text();
  if (!public_key || public_key->size() != kKeyBytes || !private_key ||
      private_key->size() != 2 * kKeyBytes || private_key->substr(kKeyBytes) != *public_key ||
      !comment || reader.rest().size() >= kBlockBytes) {
    return Damaged();
  }
  char expected = 1;
  for (const char padding : reader.rest()) {
    if (padding != expected++) {
      return Damaged();
    }
  }
  return Ed25519Key{Secret(std::string(private_key->substr(0, kKeyBytes))),
                    std::string(*public_key),
                    std::string(*comment)};
}

Result<Ed25519Key> ParseBlob(std::string_view blob) {
  if (blob.substr(0, kMagic.size()) != kMagic) {
    return Damaged();
  }
  SshReader reader(blob.substr(kMagic.size()));
  const auto cipher = reader.Text();
  const auto derivation = reader.Text();
  const auto options = reader.Text();
  const auto count = reader.Number();
  if (!cipher || !derivation || !options || count != 1U) {
    return Damaged();
  }
  const auto public_blob = reader.Text();
  const auto private_part = reader.Text();
  if (!public_blob || !private_part || !reader.AtEnd()) {
    return Damaged();
  }
  const auto type = SshReader(*public_blob).Text();
  if (!type) {
    return Damaged();
  }
  if (*type != kType) {
    return OtherType(*type);
  }
  if (*cipher != "none" || *derivation != "none") {
    return Encrypted();
  }
  Result<Ed25519Key> key = ParsePrivatePart(*private_part);
  if (key && Ed25519PublicBlob(key->public_key) != *public_blob) {
    return Damaged();
  }
  return key;
}

}  // namespace

Result<Ed25519Key> ParseOpenSshKey(std::string_view file) {
  for (const std::string_view label : {"BEGIN RSA PRIVATE KEY",
                                       "BEGIN EC PRIVATE KEY",
                                       "BEGIN DSA PRIVATE KEY",
                                       "BEGIN PRIVATE KEY",
                                       "BEGIN ENCRYPTED PRIVATE KEY"}) {
    if (file.find(label) != std::string_view::npos) {
      return Refusal{"key_format",
                     "it is in PEM form, only OpenSSH's own is supported: make one with ssh-keygen "
                     "-t ed25519 -N ''"};
    }
  }
  std::optional<std::string> blob = Dearmor(kLabel, file);
  if (!blob) {
    return Damaged();
  }
  Result<Ed25519Key> key = ParseBlob(*blob);
  OPENSSL_cleanse(blob->data(), blob->size());
  return key;
}

std::string FormatOpenSshKey(const Ed25519Key& key, unsigned check_number) {
  std::string part = SshNumber(check_number) + SshNumber(check_number) + SshText(kType) +
                     SshText(key.public_key) + SshText(key.seed.Reveal() + key.public_key) +
                     SshText(key.comment);
  for (char padding = 1; part.size() % kBlockBytes != 0; ++padding) {
    part += padding;
  }
  std::string blob(kMagic);
  blob += SshText("none") + SshText("none") + SshText("") + SshNumber(1) +
          SshText(Ed25519PublicBlob(key.public_key)) + SshText(part);
  std::string armored = Armor(kLabel, blob);
  OPENSSL_cleanse(part.data(), part.size());
  OPENSSL_cleanse(blob.data(), blob.size());
  return armored;
}

std::string Ed25519PublicBlob(std::string_view public_key) {
  return SshText(kType) + SshText(public_key);
}

std::string KeyFingerprint(std::string_view public_blob) {
  std::string base64 = Base64Encode(Sha256Raw(public_blob));
  base64.resize(base64.find_last_not_of('=') + 1);
  return "SHA256:" + base64;
}

}  // namespace failgate
