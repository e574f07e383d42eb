// Any bytes as a key file, a signature, an allowed_signers file or a commit; each also wrapped in
// the armour it comes in, so that the bytes inside are reached without guessing base64.
#include "controller/base/digest.h"
#include "controller/git/allowed_signers.h"
#include "controller/git/commit_info.h"
#include "controller/git/openssh_key.h"
#include "controller/git/ssh_signature.h"
#include "tests/fuzz/require.h"

namespace failgate {
namespace {

// The public half of the key that made corpus/fuzz_keys/signature over "payload" for git.
constexpr std::string_view kAllowed =
    "alice@example.com namespaces=\"git\" ssh-ed25519 "
    "AAAAC3NzaC1lZDI1NTE5AAAAINyHbWw7mOA9zUkS2qC7ambCcFvWcl7mD9GEuGlFMGi6\n";

std::string Armoured(std::string_view label, std::string_view bytes) {
  constexpr std::size_t kLine = 70;
  const std::string text = Base64Encode(bytes);
  std::string armoured = "-----BEGIN " + std::string(label) + "-----\n";
  for (std::size_t at = 0; at < text.size(); at += kLine) {
    armoured += text.substr(at, kLine) + "\n";
  }
  return armoured + "-----END " + std::string(label) + "-----\n";
}

void FuzzKey(std::string_view file) {
  const Result<Ed25519Key> key = ParseOpenSshKey(file);
  if (!key) {
    Require(!key.error().text.empty());
    return;
  }
  Require(key->seed.Reveal().size() == 32 && key->public_key.size() == 32);
  const Result<Ed25519Key> again = ParseOpenSshKey(FormatOpenSshKey(*key, 7));
  Require(again.has_value() && again->public_key == key->public_key);
  Require(again->seed.Reveal() == key->seed.Reveal() && again->comment == key->comment);
}

void FuzzSignature(const std::string& armoured) {
  static const AllowedSigners allowed = AllowedSigners::Parse(kAllowed).value();
  static const TimePoint at = *ParseTime("2026-06-01T00:00:00Z");
  const Result<SshSignature> read = ParseSshSignature(armoured);
  if (read) {
    const Result<SshSignature> again = ParseSshSignature(FormatSshSignature(*read));
    Require(again.has_value() && again->public_blob == read->public_blob);
    Require(again->name_space == read->name_space && again->signature == read->signature);
    Require(again->hash_algorithm == read->hash_algorithm);
  }
  const SignatureCheck check = VerifySignature(armoured, "payload", "git", allowed, at);
  Require(!check.good() || (read.has_value() && read->name_space == "git"));
  Require(!check.good() || check.principal == "alice@example.com");
  // Nobody forges a signature over other bytes by changing one that was made.
  Require(!VerifySignature(armoured, "another payload", "git", allowed, at).good());
}

void FuzzSigners(std::string_view text) {
  const Parsed<AllowedSigners> signers = AllowedSigners::Parse(text);
  if (!signers) {
    Require(!signers.error().empty());
    return;
  }
  for (const AllowedSigner& signer : signers->signers()) {
    Require(!signer.principals.empty() && !signer.public_blob.empty());
    Require(!signers->Find(signer.public_blob).empty());
  }
}

void FuzzCommit(std::string_view bytes) {
  const Result<CommitInfo> commit = ParseCommit(CommitId(std::string(40, 'a')), bytes);
  if (!commit) {
    Require(!commit.error().text.empty());
    return;
  }
  Require(IsObjectId(commit->tree.text()));
  for (const CommitId& parent : commit->parents) {
    Require(IsObjectId(parent.text()));
  }
  Require(commit->subject.find('\n') == std::string::npos);
}

}  // namespace
}  // namespace failgate

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = failgate::TextOf(data, size);
  failgate::FuzzKey(text);
  failgate::FuzzKey(failgate::Armoured("OPENSSH PRIVATE KEY", text));
  failgate::FuzzSignature(std::string(text));
  failgate::FuzzSignature(failgate::Armoured("SSH SIGNATURE", text));
  failgate::FuzzSigners(text);
  failgate::FuzzCommit(text);
  return 0;
}
