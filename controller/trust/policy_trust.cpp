#include "controller/trust/policy_trust.h"

#include <fmt/format.h>

#include <utility>

#include "controller/trust/owners_file.h"

namespace failgate {
namespace {

constexpr std::size_t kKeptProofs = 1000;
constexpr std::size_t kShortCommit = 12;

}  // namespace

const PolicyProof& PolicyTrust::Prove(const Repository& repository, const CommitId& commit) {
  std::string key = PolicyContentKey(repository, commit);
  const auto known = proofs_.find(key);
  if (known != proofs_.end()) {
    return known->second;
  }
  if (proofs_.size() >= kKeptProofs) {
    proofs_.clear();
  }
  return proofs_[std::move(key)] = ProvePolicy(repository, commit, processes_);
}

std::optional<PolicyInForce> PolicyTrust::Judge(const Asked& asked,
                                                const CommitId& commit,
                                                std::string& why) {
  const PolicyProof& proof = Prove(asked.repository, commit);
  PolicyInForce policy;
  policy.commit = commit;
  policy.listing = proof.listing;
  policy.signature = proof.signature_blob;
  const bool stands = asked.known && asked.known->SameContent(policy);
  // What the log keeps of a time has whole seconds.
  policy.since = stands ? asked.known->since : std::chrono::floor<std::chrono::seconds>(asked.now);
  const SignatureCheck check = JudgeProof(proof, asked.owners, policy.since);
  if (!check.good()) {
    // The same sentence at each look: what changes with the clock would be news each time.
    why = check.verdict == SignatureVerdict::kNotValidThen
              ? fmt::format("signed with {} of {}, which is not valid now",
                            check.fingerprint,
                            check.principal)
              : check.text;
    return std::nullopt;
  }
  policy.signer = check.principal;
  policy.key = check.fingerprint;
  return policy;
}

std::optional<PolicyInForce> PolicyTrust::FindOlder(const Asked& asked, const CommitId& head) {
  std::string why;
  CommitId at = head;
  for (std::size_t walked = 1; walked < kMaxWalk; ++walked) {
    const auto parents = asked.repository.ReadCommit(at).parents;
    if (parents.empty()) {
      return std::nullopt;
    }
    at = parents.front();
    if (auto policy = Judge(asked, at, why)) {
      return policy;
    }
  }
  const auto& known = asked.known;
  const bool reachable = known && asked.repository.HasCommit(known->commit) &&
                         asked.repository.IsAncestor(known->commit, head);
  return reachable ? Judge(asked, known->commit, why) : std::nullopt;
}

PolicyStanding PolicyTrust::Look(const Repository& repository,
                                 const CommitId& head,
                                 const std::optional<PolicyInForce>& known,
                                 TimePoint now) {
  PolicyStanding standing;
  standing.head = head;
  const Parsed<AllowedSigners> owners = LoadOwners(owners_);
  if (!owners) {
    standing.trouble = fmt::format("no policy is in force: the owners of policy are not known: {}",
                                   Describe(owners.error().front()));
    return standing;
  }
  const Asked asked{repository, *owners, known, now};
  std::string why;
  standing.in_force = Judge(asked, head, why);
  if (standing.in_force) {
    return standing;
  }
  const PolicyProof& proof = Prove(repository, head);
  standing.refused =
      proof.listing + " " +
      (proof.signature_blob.empty() ? std::string("unsigned") : proof.signature_blob);
  standing.in_force = FindOlder(asked, head);
  standing.trouble = fmt::format(
      "policy change at {} is not signed by an owner: failgate policy sign ({}; {})",
      head.text().substr(0, kShortCommit),
      why,
      standing.in_force ? fmt::format("the policy of {} stays in force",
                                      standing.in_force->commit.text().substr(0, kShortCommit))
                        : std::string("no policy is in force, nothing is promoted"));
  return standing;
}

}  // namespace failgate
