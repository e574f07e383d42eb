#include "controller/deploylog/key_chain.h"

#include <fmt/format.h>

#include "controller/base/digest.h"
#include "controller/base/text.h"
#include "controller/git/openssh_key.h"
#include "controller/git/ssh_wire.h"

namespace failgate {
namespace {

constexpr const char* kOld = "Old";
constexpr const char* kNew = "New";
constexpr const char* kNewKey = "New-key";
constexpr const char* kLost = "Lost";
constexpr const char* kMain = "Main";

using Break = KeyChain::Break;

}  // namespace

std::string KeyLine(const std::string& signer) {
  const auto type = SshReader(signer).Text();
  return fmt::format("{} {}", type.value_or(""), Base64Encode(signer));
}

std::optional<std::string> SignerOf(const std::string& line) {
  const auto parsed = AllowedSigners::Parse("log " + line + "\n");
  if (!parsed || parsed->signers().size() != 1) {
    return std::nullopt;
  }
  return parsed->signers().front().public_blob;
}

Result<KeyRotation> ReadKeyRotation(const WrittenFact& written) {
  KeyRotation rotation;
  rotation.old_key = written.Value(kOld).value_or("");
  rotation.new_key = written.Value(kNew).value_or("");
  rotation.new_line = written.Value(kNewKey).value_or("");
  rotation.lost = written.Value(kLost) == "true";
  rotation.main = CommitId(written.Value(kMain).value_or(""));
  const auto signer = SignerOf(rotation.new_line);
  if (!signer) {
    return Refusal{"malformed_rotation", "it hands the log to a key that cannot be read"};
  }
  rotation.new_signer = *signer;
  if (KeyFingerprint(rotation.new_signer) != rotation.new_key || rotation.old_key.empty()) {
    return Refusal{"malformed_rotation", "it hands the log to another key than the one it names"};
  }
  return rotation;
}

Fact KeyRotationFact(const KeyRotation& rotation) {
  Fact fact;
  fact.kind = FactKind::kKeyRotated;
  fact.subject = fmt::format("{} the signing key: {} signs from here on",
                             rotation.lost ? "replaced" : "rotated",
                             rotation.new_key);
  fact.Add(kOld, rotation.old_key);
  fact.Add(kNew, rotation.new_key);
  fact.Add(kNewKey, rotation.new_line);
  if (rotation.lost) {
    fact.Add(kLost, "true");
  }
  if (!rotation.main.empty()) {
    fact.Add(kMain, rotation.main.text());
  }
  return fact;
}

std::optional<KeyChain::Problem> KeyChain::JudgeSigner(const SignatureCheck& check) const {
  switch (check.verdict) {
    case SignatureVerdict::kUnsigned:
      return Problem{Break::kUnsigned, "it is not signed"};
    case SignatureVerdict::kBadSignature:
      return Problem{Break::kDamaged, check.text};
    case SignatureVerdict::kNotValidThen:
    case SignatureVerdict::kWrongNamespace:
      return Problem{Break::kForeign, check.text};
    case SignatureVerdict::kForeignKey:
      // A key that a rotation named needs no line on main for us; git asks for one.
      if (check.signer.empty() || check.signer != current_) {
        return Problem{Break::kForeign, check.text};
      }
      break;
    case SignatureVerdict::kGood:
      break;
  }
  const auto persons = people_.Find(check.signer);
  if (!persons.empty()) {
    return Problem{
        Break::kForeign,
        fmt::format("signed with {}, a person's key: those never sign the log", check.fingerprint)};
  }
  return std::nullopt;
}

std::optional<KeyChain::Problem> KeyChain::TakeRotation(const SignatureCheck& check,
                                                        const WrittenFact& written) {
  const Result<KeyRotation> rotation = ReadKeyRotation(written);
  if (!rotation) {
    return Problem{Break::kDamaged, rotation.error().text};
  }
  if (!people_.Find(rotation->new_signer).empty()) {
    return Problem{Break::kForeign, "it hands the log to a person's key"};
  }
  if (!current_.empty() && rotation->old_key != KeyFingerprint(current_)) {
    return Problem{Break::kDamaged,
                   fmt::format("it ends the key {}, but {} is in force",
                               OneLine(rotation->old_key, 100),
                               KeyFingerprint(current_))};
  }
  if (rotation->lost && (rotation->new_signer != check.signer || !check.good())) {
    return Problem{Break::kForeign,
                   "it replaces a lost key, but is not signed by a key that main allows"};
  }
  current_ = rotation->new_signer;
  return std::nullopt;
}

std::optional<KeyChain::Problem> KeyChain::Follow(const SignatureCheck& check,
                                                  const WrittenFact* written) {
  if (auto problem = JudgeSigner(check)) {
    return problem;
  }
  const bool rotates = written != nullptr && written->fact.kind == FactKind::kKeyRotated;
  if (current_.empty()) {
    current_ = check.signer;
  }
  const bool replaces = rotates && written->Value(kLost) == "true";
  if (check.signer != current_ && !replaces) {
    return Problem{Break::kForeign,
                   fmt::format("signed with {}, but {} is in force: no fact hands the log over",
                               check.fingerprint,
                               KeyFingerprint(current_))};
  }
  return rotates ? TakeRotation(check, *written) : std::nullopt;
}

}  // namespace failgate
