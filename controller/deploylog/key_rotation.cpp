#include "controller/deploylog/key_rotation.h"

#include <fmt/format.h>

#include "controller/deploylog/key_chain.h"
#include "controller/deploylog/log_trust.h"
#include "controller/git/openssh_key.h"
#include "controller/git/ssh_signature.h"

namespace failgate {
namespace {

constexpr const char* kAllowedSigners = "allowed_signers";
constexpr std::size_t kMaxSignersBytes = std::size_t{1} << 20U;

FactDraft DraftOf(const KeyRotation& rotation, const std::string& old_signer, TimePoint at) {
  FactDraft draft;
  draft.fact = KeyRotationFact(rotation);
  draft.fact.at = at;
  draft.change = [rotation, line = KeyLine(old_signer)](LogEdit& edit) {
    if (edit.controller->key == rotation.new_key) {
      return false;
    }
    edit.controller->key = rotation.new_key;
    edit.controller->former.push_back(FormerKey{line, rotation.main});
    return true;
  };
  return draft;
}

/// What stock git would say of a signature by this key, made now.
bool Allows(const Repository& repository,
            const CommitId& main,
            const SigningKey& key,
            TimePoint at) {
  const auto signers = AllowedSigners::Parse(
      repository.ReadFile(main, kAllowedSigners, kMaxSignersBytes).value_or(""));
  constexpr std::string_view kProbe = "is this key allowed for the log?";
  return signers &&
         VerifySignature(key.Sign(kProbe, kGitNamespace), kProbe, kGitNamespace, *signers, at)
             .good();
}

}  // namespace

FactDraft RotationDraft(const SigningKey& old_key,
                        const SigningKey& new_key,
                        const std::optional<CommitId>& main,
                        TimePoint at) {
  KeyRotation rotation;
  rotation.old_key = old_key.Fingerprint();
  rotation.new_key = new_key.Fingerprint();
  rotation.new_line = new_key.PublicLine();
  rotation.main = main.value_or(CommitId());
  return DraftOf(rotation, SignerOf(old_key.PublicLine()).value_or(""), at);
}

std::optional<FactDraft> ReplacementDraft(const Repository& repository,
                                          const std::optional<CommitId>& head,
                                          const std::optional<CommitId>& main,
                                          const SigningKey& key,
                                          TimePoint at) {
  const auto in_force = head ? WriterAfter(repository, *head) : std::nullopt;
  if (!in_force || in_force == SignerOf(key.PublicLine())) {
    return std::nullopt;
  }
  if (!main || !Allows(repository, *main, key, at)) {
    throw Error(
        Remedy::kNeedsChange,
        fmt::format("the deploy log is signed with {}, and the signing key here is {}: put the "
                    "controller's key back; if it is lost, an owner adds \"{}\" to allowed_signers "
                    "on main (failgate key show prints the line), and the log shows that the key "
                    "was replaced",
                    KeyFingerprint(*in_force),
                    key.Fingerprint(),
                    key.PublicLine()));
  }
  KeyRotation rotation;
  rotation.old_key = KeyFingerprint(*in_force);
  rotation.new_key = key.Fingerprint();
  rotation.new_line = key.PublicLine();
  rotation.lost = true;
  rotation.main = *main;
  return DraftOf(rotation, *in_force, at);
}

}  // namespace failgate
