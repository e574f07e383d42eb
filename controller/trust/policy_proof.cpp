#include "controller/trust/policy_proof.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/text.h"
#include "controller/git/openssh_key.h"
#include "controller/git/ssh_wire.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxSignatureBytes = std::size_t{64} << 10U;
constexpr Milliseconds kKeygenDeadline{10'000};
constexpr const char* kSystemPath = "/usr/local/bin:/usr/bin:/bin";

/// nullopt: there is no regular file of this name.
std::optional<ObjectId> SignatureBlob(const Repository& repository, const CommitId& commit) {
  return repository.BlobId(commit, kPolicySignatureFile);
}

bool IsProvedByKeygen(const std::string& armored,
                      const std::string& payload,
                      ProcessRunner& processes) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "signature";
  WriteFileDurably(file, armored, 0600);
  ProcessSpec spec;
  spec.argv = {"ssh-keygen",
               "-Y",
               "check-novalidate",
               "-n",
               std::string(kPolicyNamespace),
               "-s",
               file.string()};
  spec.env = {{"PATH", kSystemPath}, {"LC_ALL", "C"}};
  spec.stdin_text = payload;
  spec.timeout = kKeygenDeadline;
  const ProcessResult result = processes.Run(spec);
  if (result.timed_out) {
    throw Error(Remedy::kRetry, "checking policy.sig: ssh-keygen did not end in time");
  }
  return result.Succeeded();
}

std::string WhyNotProved(const std::string& armored,
                         const PolicyListing& listing,
                         PolicyProof& proof,
                         ProcessRunner& processes) {
  auto signature = ParseSshSignature(armored);
  if (!signature) {
    return "policy.sig: " + signature.error().text;
  }
  if (signature->name_space != kPolicyNamespace) {
    return fmt::format("policy.sig is signed for \"{}\", not for \"{}\"",
                       OneLine(signature->name_space, 60),
                       kPolicyNamespace);
  }
  const bool in_process = SshReader(signature->public_blob).Text() == "ssh-ed25519";
  const bool good =
      in_process
          ? !VerifySignature(armored, listing.text, kPolicyNamespace, AllowedSigners(), TimePoint())
                 .signer.empty()
          : IsProvedByKeygen(armored, listing.text, processes);
  if (!good) {
    return fmt::format("policy.sig by {} is of other content",
                       KeyFingerprint(signature->public_blob));
  }
  proof.signature = std::move(*signature);
  return {};
}

}  // namespace

PolicyProof ProvePolicy(const Repository& repository,
                        const CommitId& commit,
                        ProcessRunner& processes) {
  const PolicyListing listing = ListPolicyAt(repository, commit);
  PolicyProof proof;
  proof.listing = listing.digest;
  const auto blob = SignatureBlob(repository, commit);
  if (!blob) {
    proof.problem = "there is no policy.sig";
    return proof;
  }
  proof.signature_blob = blob->text();
  if (!listing.problem.empty()) {
    proof.problem = listing.problem;
    return proof;
  }
  std::string armored;
  try {
    armored = repository.ReadBlob(*blob, kMaxSignatureBytes);
  } catch (const Error& error) {
    if (error.remedy() == Remedy::kRetry) {
      throw;
    }
    proof.problem = "policy.sig is too large to be a signature";
    return proof;
  }
  proof.problem = WhyNotProved(armored, listing, proof, processes);
  return proof;
}

SignatureCheck JudgeProof(const PolicyProof& proof, const AllowedSigners& owners, TimePoint at) {
  if (!proof.signature) {
    return {proof.signature_blob.empty() ? SignatureVerdict::kUnsigned
                                         : SignatureVerdict::kBadSignature,
            "",
            "",
            proof.problem,
            ""};
  }
  return JudgeSigner(*proof.signature, kPolicyNamespace, owners, at);
}

}  // namespace failgate
