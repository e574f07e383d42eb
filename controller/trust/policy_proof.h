// What a signature over policy proves by itself, before anybody asks whose key it is.
#pragma once

#include <optional>
#include <string>

#include "controller/git/repository.h"
#include "controller/git/ssh_signature.h"
#include "controller/process/process.h"
#include "controller/trust/policy_listing.h"

namespace failgate {

/// `ssh-keygen -Y sign -n failgate-policy`
inline constexpr std::string_view kPolicyNamespace = "failgate-policy";

/// Of the content of one commit: the same for every commit with this content.
struct PolicyProof {
  std::string listing;                    ///< PolicyListing::digest
  std::string signature_blob;             ///< id of policy.sig; empty: there is none
  std::optional<SshSignature> signature;  ///< truly made of this listing, for this purpose
  std::string problem;                    ///< why there is none, one sentence
};

/// ed25519 is proved in process, keys of other types by `ssh-keygen -Y check-novalidate`. Throws
/// Error when the repository cannot be read or no process can be started.
[[nodiscard]] PolicyProof ProvePolicy(const Repository& repository,
                                      const CommitId& commit,
                                      ProcessRunner& processes);

/// Whether an owner's key made it, one that was valid at `at`. Pure.
[[nodiscard]] SignatureCheck JudgeProof(const PolicyProof& proof,
                                        const AllowedSigners& owners,
                                        TimePoint at);

}  // namespace failgate
