// Which commit's policy is in force: the newest on main whose content an owner signed.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "controller/base/clock.h"
#include "controller/base/ids.h"
#include "controller/git/allowed_signers.h"
#include "controller/git/repository.h"
#include "controller/process/process.h"
#include "controller/trust/policy_proof.h"

namespace failgate {

/// Policy that came into force; what the log says of it makes it checkable from git alone.
struct PolicyInForce {
  CommitId commit;        ///< of main
  std::string listing;    ///< "sha256:…" of the canonical listing there
  std::string signature;  ///< id of the blob policy.sig there
  std::string signer;     ///< the owner
  std::string key;        ///< fingerprint
  TimePoint since;        ///< its owner's key was valid then, in whole seconds

  /// The same content by the same signature, at whatever commit.
  [[nodiscard]] bool SameContent(const PolicyInForce& other) const {
    return listing == other.listing && signature == other.signature;
  }
};

struct PolicyStanding {
  std::optional<PolicyInForce> in_force;
  /// Why the policy of the head is not in force: "policy change at COMMIT is not signed by an
  /// owner…", or what is wrong with the owners file. Empty = it is.
  std::string trouble;
  /// Names the refused content of the head, for one fact each; empty where nothing is refused.
  std::string refused;
  CommitId head;
};

/// Not thread-safe. Remembers what contents prove, so that a look without news verifies nothing.
class PolicyTrust {
 public:
  /// `processes` must outlive it.
  PolicyTrust(std::filesystem::path owners, ProcessRunner& processes)
      : owners_(std::move(owners)), processes_(processes) {}

  /// Follows first parents from `head`, at most kMaxWalk commits, then looks at `known` (what the
  /// log says is in force) if it is part of them. A key must be valid now, or at known->since for
  /// the content that has been in force since then: what was accepted in time outlives its key's
  /// end, not its owner's line. An owners file that cannot be read leaves nothing in force. Throws
  /// Error when the repository cannot be read.
  [[nodiscard]] PolicyStanding Look(const Repository& repository,
                                    const CommitId& head,
                                    const std::optional<PolicyInForce>& known,
                                    TimePoint now);

  static constexpr std::size_t kMaxWalk = 5000;

 private:
  struct Asked {
    const Repository& repository;
    const AllowedSigners& owners;
    const std::optional<PolicyInForce>& known;
    TimePoint now;
  };
  const PolicyProof& Prove(const Repository& repository, const CommitId& commit);
  [[nodiscard]] std::optional<PolicyInForce> Judge(const Asked& asked,
                                                   const CommitId& commit,
                                                   std::string& why);
  [[nodiscard]] std::optional<PolicyInForce> FindOlder(const Asked& asked, const CommitId& head);

  std::filesystem::path owners_;
  ProcessRunner& processes_;
  std::map<std::string, PolicyProof> proofs_;  ///< by PolicyContentKey
};

}  // namespace failgate
