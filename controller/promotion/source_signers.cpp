#include "controller/promotion/source_signers.h"

#include "controller/base/error.h"
#include "controller/base/log.h"
#include "controller/git/repository.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxRemembered = 100;

SignedCommitFact Examine(const CommitInfo& commit, const People& people, SignatureProver* prover) {
  SignedCommitFact fact;
  fact.commit = commit.id;
  fact.author = commit.author.email;
  const SignatureCheck check = VerifySignature(commit.signature,
                                               commit.signed_payload,
                                               kRequestNamespace,
                                               people.signers,
                                               commit.committer_time,
                                               prover);
  if (check.good()) {
    fact.signer = check.principal;
  } else {
    fact.why_not = check.text;
  }
  return fact;
}

SignedCommitsFact Walk(const std::filesystem::path& mirror,
                       const CommitId& from,
                       const CommitId& to,
                       const People& people,
                       SignatureProver* prover) {
  SignedCommitsFact fact;
  if (!std::filesystem::exists(mirror / "HEAD")) {
    return fact;
  }
  const Repository repository = Repository::Open(mirror);
  if (!repository.HasCommit(to) || (!from.empty() && !repository.HasCommit(from))) {
    return fact;
  }
  auto commits = repository.CommitsBetween(
      from.empty() ? std::nullopt : std::optional<CommitId>(from), to, kMaxSignedCommits + 1);
  if (commits.size() > kMaxSignedCommits) {
    fact.truncated = true;
    commits.pop_back();
  }
  if (commits.empty()) {
    commits.push_back(to);
  }
  for (const CommitId& id : commits) {
    fact.commits.push_back(Examine(repository.ReadCommit(id), people, prover));
  }
  fact.known = true;
  return fact;
}

}  // namespace

SignedCommitsFact SignedCommitsBetween(const std::filesystem::path& mirror,
                                       const CommitId& from,
                                       const CommitId& to,
                                       const People& people,
                                       SignatureProver* prover) {
  try {
    return Walk(mirror, from, to, people, prover);
  } catch (const Error& error) {
    // A broken mirror is its source's trouble and is fetched anew; here it means "not known".
    log::Warning("the signatures of a revision cannot be told", {{"error", error.what()}});
    return {};
  }
}

SignedCommitsFact SourceSigners::Between(const std::filesystem::path& mirror,
                                         const CommitId& from,
                                         const CommitId& to,
                                         const People& people) {
  const Key key{mirror.string(), from, to, people.blob};
  const auto known = known_.find(key);
  if (known != known_.end()) {
    return known->second;
  }
  SignedCommitsFact fact = SignedCommitsBetween(mirror, from, to, people, prover_);
  if (fact.known) {
    if (known_.size() >= kMaxRemembered) {
      known_.clear();
    }
    known_[key] = fact;
  }
  return fact;
}

}  // namespace failgate
