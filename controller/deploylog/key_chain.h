// Whose key may sign the next commit of the log: the first key is one that main allows, every later
// one was named by a fact. Pure.
#pragma once

#include <optional>
#include <string>

#include "controller/deploylog/fact.h"
#include "controller/git/allowed_signers.h"
#include "controller/git/ssh_signature.h"

namespace failgate {

/// What a `key-rotated` fact says.
struct KeyRotation {
  std::string old_key;     ///< fingerprint
  std::string new_key;     ///< fingerprint
  std::string new_line;    ///< "ssh-ed25519 AAAA… comment"
  std::string new_signer;  ///< the new key's wire form
  /// The old key is gone: the new one signs this fact itself, because main allows it.
  bool lost = false;
  CommitId main;  ///< where main stood; for a lost key, what allows the new one
};
/// Refused unless the public line is the key that the fact names.
[[nodiscard]] Result<KeyRotation> ReadKeyRotation(const WrittenFact& written);
/// "ssh-ed25519 AAAA…" without a comment, and back to the wire form.
[[nodiscard]] std::string KeyLine(const std::string& signer);
[[nodiscard]] std::optional<std::string> SignerOf(const std::string& line);
/// The fact itself, without a time.
[[nodiscard]] Fact KeyRotationFact(const KeyRotation& rotation);

/// Fed with every commit in order. Exactly one key may sign at any time; that main allows several
/// does not make the others good: the log must say so when it changes hands.
class KeyChain {
 public:
  /// `people`: keys that never count, whoever allows them.
  explicit KeyChain(AllowedSigners controllers, AllowedSigners people = {})
      : controllers_(std::move(controllers)), people_(std::move(people)) {}

  /// The key in force is taken as given: what comes before is trusted.
  void Trust(std::string signer) { current_ = std::move(signer); }

  enum class Break {
    kUnsigned,
    kDamaged,  ///< a signature of other bytes, or a rotation that does not fit
    kForeign,
  };
  struct Problem {
    Break kind = Break::kForeign;
    std::string text;
  };
  /// nullopt = the commit is signed as it must be. `check` was made with controllers(); `written`
  /// is nullptr for a commit that is no fact. After a problem the same key stays in force.
  [[nodiscard]] std::optional<Problem> Follow(const SignatureCheck& check,
                                              const WrittenFact* written);
  [[nodiscard]] const AllowedSigners& controllers() const { return controllers_; }

 private:
  [[nodiscard]] std::optional<Problem> JudgeSigner(const SignatureCheck& check) const;
  [[nodiscard]] std::optional<Problem> TakeRotation(const SignatureCheck& check,
                                                    const WrittenFact& written);

  AllowedSigners controllers_;
  AllowedSigners people_;
  std::string current_;  ///< wire form; empty before the first commit
};

}  // namespace failgate
