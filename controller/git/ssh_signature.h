// SSH signatures (PROTOCOL.sshsig): reading, writing and judging them. ed25519, in process; other
// kinds of keys by whoever is given to prove them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "controller/base/clock.h"
#include "controller/base/result.h"
#include "controller/git/allowed_signers.h"

namespace failgate {

enum class SignatureVerdict {
  kGood,            ///< right bytes, by a key allowed for this namespace at that time
  kUnsigned,        ///< no signature at all
  kBadSignature,    ///< damaged, or not of these bytes
  kForeignKey,      ///< a key that is not allowed, or of a kind that is not checked here
  kNotValidThen,    ///< allowed, but not at that time (valid-after, valid-before)
  kWrongNamespace,  ///< made for, or allowed for, another purpose
};

struct SignatureCheck {
  SignatureVerdict verdict = SignatureVerdict::kUnsigned;
  std::string principal;    ///< who the key belongs to; set when the key is an allowed one
  std::string fingerprint;  ///< "SHA256:…"; set when a key could be read
  std::string text;         ///< one sentence for people
  /// Wire form of the key that truly made the signature for this purpose, allowed or not; else
  /// empty.
  std::string signer{};
  [[nodiscard]] bool good() const { return verdict == SignatureVerdict::kGood; }
};

/// Proves signatures by keys of the kinds that are not checked in process (ecdsa, rsa, sk-…).
class SignatureProver {
 public:
  virtual ~SignatureProver() = default;
  /// Whether `armored` was made of exactly `payload` for `name_space` by the key `public_blob`.
  /// Throws Error where it cannot find out.
  [[nodiscard]] virtual bool Proves(const std::string& armored,
                                    std::string_view payload,
                                    const std::string& name_space,
                                    const std::string& public_blob) = 0;
};

/// For hostile input, never throws for it. `armored` nullopt or blank = kUnsigned. `at` is the time
/// the key must be valid at (git takes the committer's). Without `prover` it is pure and only
/// ed25519 can be good; `prover` is asked only about keys that `allowed` lists.
[[nodiscard]] SignatureCheck VerifySignature(const std::optional<std::string>& armored,
                                             std::string_view payload,
                                             std::string_view name_space,
                                             const AllowedSigners& allowed,
                                             TimePoint at,
                                             SignatureProver* prover = nullptr);

/// The parts of an SSHSIG blob.
struct SshSignature {
  std::string public_blob;
  std::string name_space;
  std::string hash_algorithm;  ///< "sha512" or "sha256"
  std::string signature;       ///< wire form: string type, string bytes
};
[[nodiscard]] Result<SshSignature> ParseSshSignature(std::string_view armored);
[[nodiscard]] std::string FormatSshSignature(const SshSignature& signature);
/// Whose key made it, and whether that key may: for a signature that is proved already, of any
/// type.
[[nodiscard]] SignatureCheck JudgeSigner(const SshSignature& signature,
                                         std::string_view name_space,
                                         const AllowedSigners& allowed,
                                         TimePoint at);
/// What the key really signs for `payload`; nullopt for an unknown hash.
[[nodiscard]] std::optional<std::string> SshSignedData(std::string_view payload,
                                                       std::string_view name_space,
                                                       std::string_view hash_algorithm);

}  // namespace failgate
