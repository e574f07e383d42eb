#include "controller/git/ssh_signature.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <memory>

#include "controller/base/digest.h"
#include "controller/base/text.h"
#include "controller/git/openssh_key.h"
#include "controller/git/ssh_wire.h"

namespace failgate {
namespace {

constexpr std::string_view kLabel = "SSH SIGNATURE";
constexpr std::string_view kMagic = "SSHSIG";
constexpr std::string_view kEd25519 = "ssh-ed25519";
constexpr std::size_t kMaxArmoredBytes = std::size_t{64} << 10U;
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kSignatureBytes = 64;

Refusal Damaged(std::string_view what) {
  return {"damaged_signature", fmt::format("the signature is damaged: {}", what)};
}

std::optional<std::string> Hash(std::string_view bytes, std::string_view algorithm) {
  const EVP_MD* kind = nullptr;
  if (algorithm == "sha512") {
    kind = EVP_sha512();
  } else if (algorithm == "sha256") {
    kind = EVP_sha256();
  } else {
    return std::nullopt;
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  Check(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, kind, nullptr) == 1,
        "OpenSSL hashes bytes");
  return std::string(reinterpret_cast<const char*>(digest.data()), size);
}

bool VerifyEd25519(std::string_view public_key, std::string_view signature, std::string_view data) {
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519,
                                  nullptr,
                                  reinterpret_cast<const unsigned char*>(public_key.data()),
                                  public_key.size()),
      EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                   EVP_MD_CTX_free);
  return key != nullptr && context != nullptr &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(),
                          reinterpret_cast<const unsigned char*>(signature.data()),
                          signature.size(),
                          reinterpret_cast<const unsigned char*>(data.data()),
                          data.size()) == 1;
}

/// Is it the signature of these bytes by the key it names?
bool IsSignatureOf(const SshSignature& signature, std::string_view payload) {
  SshReader key(signature.public_blob);
  SshReader made(signature.signature);
  const auto key_type = key.Text();
  const auto public_key = key.Text();
  const auto made_type = made.Text();
  const auto bytes = made.Text();
  const auto data = SshSignedData(payload, signature.name_space, signature.hash_algorithm);
  return key_type == kEd25519 && public_key && public_key->size() == kKeyBytes && key.AtEnd() &&
         made_type == kEd25519 && bytes && bytes->size() == kSignatureBytes && made.AtEnd() &&
         data && VerifyEd25519(*public_key, *bytes, *data);
}

/// What one line of the allowed signers says about this purpose and time.
SignatureVerdict Judge(const AllowedSigner& signer, std::string_view name_space, TimePoint at) {
  if (signer.namespaces && !MatchesPatternList(name_space, *signer.namespaces)) {
    return SignatureVerdict::kWrongNamespace;
  }
  if ((signer.valid_after && at < *signer.valid_after) ||
      (signer.valid_before && at > *signer.valid_before)) {
    return SignatureVerdict::kNotValidThen;
  }
  return SignatureVerdict::kGood;
}

/// The name a line gives its key: the first that is no pattern.
std::string PrincipalOf(const AllowedSigner& signer) {
  for (const std::string& principal : signer.principals) {
    if (principal.find_first_of("*?!") == std::string::npos) {
      return principal;
    }
  }
  return signer.principals.empty() ? "" : signer.principals.front();
}

std::string Explain(const SignatureCheck& check, std::string_view name_space, TimePoint at) {
  const std::string who = OneLine(check.principal, 200);
  switch (check.verdict) {
    case SignatureVerdict::kGood:
      return fmt::format("signed by {} with {}", who, check.fingerprint);
    case SignatureVerdict::kWrongNamespace:
      return fmt::format("signed with {} of {}, which is not allowed for \"{}\"",
                         check.fingerprint,
                         who,
                         OneLine(name_space, 60));
    case SignatureVerdict::kNotValidThen:
      return fmt::format("signed with {} of {}, which was not valid at {}",
                         check.fingerprint,
                         who,
                         FormatTime(at));
    case SignatureVerdict::kForeignKey:
      return fmt::format("signed with {}, which is no allowed key", check.fingerprint);
    case SignatureVerdict::kBadSignature:
    case SignatureVerdict::kUnsigned:
      break;
  }
  return "not signed";
}

SignatureCheck Bad(std::string fingerprint, std::string text) {
  return {SignatureVerdict::kBadSignature, "", std::move(fingerprint), std::move(text), ""};
}

}  // namespace

std::optional<std::string> SshSignedData(std::string_view payload,
                                         std::string_view name_space,
                                         std::string_view hash_algorithm) {
  const std::optional<std::string> digest = Hash(payload, hash_algorithm);
  if (!digest) {
    return std::nullopt;
  }
  return std::string(kMagic) + SshText(name_space) + SshText("") + SshText(hash_algorithm) +
         SshText(*digest);
}

Result<SshSignature> ParseSshSignature(std::string_view armored) {
  if (armored.size() > kMaxArmoredBytes) {
    return Damaged("it is too long");
  }
  const std::optional<std::string> blob = Dearmor(kLabel, armored);
  if (!blob || std::string_view(*blob).substr(0, kMagic.size()) != kMagic) {
    return Damaged("it is no SSH signature block");
  }
  SshReader reader(std::string_view(*blob).substr(kMagic.size()));
  if (reader.Number() != 1U) {
    return Damaged("its version is unknown");
  }
  const auto public_blob = reader.Text();
  const auto name_space = reader.Text();
  const auto reserved = reader.Text();
  const auto hash_algorithm = reader.Text();
  const auto signature = reader.Text();
  if (!public_blob || !name_space || !reserved || !hash_algorithm || !signature ||
      !reader.AtEnd()) {
    return Damaged("it is cut off");
  }
  if (name_space->empty() || !reserved->empty() ||
      (*hash_algorithm != "sha512" && *hash_algorithm != "sha256")) {
    return Damaged("namespace, reserved part or hash is wrong");
  }
  return SshSignature{std::string(*public_blob),
                      std::string(*name_space),
                      std::string(*hash_algorithm),
                      std::string(*signature)};
}

std::string FormatSshSignature(const SshSignature& signature) {
  return Armor(kLabel,
               std::string(kMagic) + SshNumber(1) + SshText(signature.public_blob) +
                   SshText(signature.name_space) + SshText("") + SshText(signature.hash_algorithm) +
                   SshText(signature.signature));
}

SignatureCheck JudgeSigner(const SshSignature& signature,
                           std::string_view name_space,
                           const AllowedSigners& allowed,
                           TimePoint at) {
  SignatureCheck check;
  check.fingerprint = KeyFingerprint(signature.public_blob);
  check.signer = signature.public_blob;
  check.verdict = SignatureVerdict::kForeignKey;
  for (const AllowedSigner* signer : allowed.Find(signature.public_blob)) {
    check.principal = PrincipalOf(*signer);
    check.verdict = Judge(*signer, name_space, at);
    if (check.good()) {
      break;
    }
  }
  check.text = Explain(check, name_space, at);
  return check;
}

SignatureCheck VerifySignature(const std::optional<std::string>& armored,
                               std::string_view payload,
                               std::string_view name_space,
                               const AllowedSigners& allowed,
                               TimePoint at,
                               SignatureProver* prover) {
  if (!armored || Trim(*armored).empty()) {
    return {SignatureVerdict::kUnsigned, "", "", "not signed", ""};
  }
  if (Trim(*armored).substr(0, 14) == "-----BEGIN PGP") {
    return {
        SignatureVerdict::kForeignKey,
        "",
        "",
        "signed with OpenPGP, which is not checked: sign with an SSH key (git config gpg.format "
        "ssh)",
        ""};
  }
  const Result<SshSignature> signature = ParseSshSignature(*armored);
  if (!signature) {
    return Bad("", signature.error().text);
  }
  const auto type = SshReader(signature->public_blob).Text();
  if (!type) {
    return Bad("", "the signature is damaged: its key cannot be read");
  }
  SignatureCheck check;
  check.fingerprint = KeyFingerprint(signature->public_blob);
  const bool in_process = *type == kEd25519;
  const bool listed = !allowed.Find(signature->public_blob).empty();
  if (!in_process && prover != nullptr && !listed) {
    check.verdict = SignatureVerdict::kForeignKey;
    check.text = Explain(check, name_space, at);
    return check;
  }
  if (!in_process && prover == nullptr) {
    check.verdict = SignatureVerdict::kForeignKey;
    check.text = fmt::format("signed with {}, a key of type {}: only ssh-ed25519 is checked",
                             check.fingerprint,
                             OneLine(*type, 60));
    return check;
  }
  const bool genuine =
      in_process
          ? IsSignatureOf(*signature, payload)
          : prover->Proves(
                *armored, payload, std::string(signature->name_space), signature->public_blob);
  if (!genuine) {
    return Bad(check.fingerprint,
               fmt::format("the signature by {} is not of these bytes", check.fingerprint));
  }
  if (signature->name_space != name_space) {
    check.verdict = SignatureVerdict::kWrongNamespace;
    check.text = fmt::format("signed for \"{}\", not for \"{}\"",
                             OneLine(signature->name_space, 60),
                             OneLine(name_space, 60));
    return check;
  }
  return JudgeSigner(*signature, name_space, allowed, at);
}

}  // namespace failgate
