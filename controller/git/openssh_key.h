// OpenSSH's private key file format ("openssh-key-v1", PROTOCOL.key), ed25519 without passphrase
// only.
#pragma once

#include <string>
#include <string_view>

#include "controller/base/result.h"
#include "controller/base/secret.h"

namespace failgate {

struct Ed25519Key {
  Secret seed;             ///< 32 bytes (RFC 8032 private key)
  std::string public_key;  ///< 32 bytes
  std::string comment;
};

/// Pure, for hostile input. The refusal is one sentence that says what to do. Whether seed and
/// public key belong together is for the caller to check.
[[nodiscard]] Result<Ed25519Key> ParseOpenSshKey(std::string_view file);
/// The file's text, as ssh-keygen writes it. check_number: any random number.
[[nodiscard]] std::string FormatOpenSshKey(const Ed25519Key& key, unsigned check_number);
/// The wire form of an ed25519 public key: string "ssh-ed25519", string 32 bytes.
[[nodiscard]] std::string Ed25519PublicBlob(std::string_view public_key);
/// "SHA256:" + unpadded base64 of the SHA-256 of a public key's wire form.
[[nodiscard]] std::string KeyFingerprint(std::string_view public_blob);

}  // namespace failgate
