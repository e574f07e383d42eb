#include "controller/deploylog/log_trust.h"

#include "controller/git/signing_key.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxNewCommits = 10'000'000;

SignatureCheck CheckOf(const CommitInfo& commit, const AllowedSigners& controllers) {
  return VerifySignature(
      commit.signature, commit.signed_payload, kGitNamespace, controllers, commit.committer_time);
}

}  // namespace

std::optional<std::string> WriterAfter(const Repository& repository, const CommitId& head) {
  const CommitInfo commit = repository.ReadCommit(head);
  const SignatureCheck check = CheckOf(commit, AllowedSigners());
  if (check.signer.empty()) {
    return std::nullopt;
  }
  const auto written = ParseFactMessage(commit.message);
  if (written && written->fact.kind == FactKind::kKeyRotated) {
    const auto rotation = ReadKeyRotation(*written);
    return rotation ? std::optional<std::string>(rotation->new_signer) : std::nullopt;
  }
  return check.signer;
}

bool IsTrustedWriting(const Repository& repository,
                      const std::optional<CommitId>& from,
                      const CommitId& to,
                      AllowedSigners controllers) {
  KeyChain chain(std::move(controllers));
  if (from) {
    if (const auto writer = WriterAfter(repository, *from)) {
      chain.Trust(*writer);
    }
  }
  const auto commits = repository.CommitsBetween(from, to, kMaxNewCommits);
  for (auto id = commits.rbegin(); id != commits.rend(); ++id) {
    const CommitInfo commit = repository.ReadCommit(*id);
    const auto written = ParseFactMessage(commit.message);
    if (chain.Follow(CheckOf(commit, chain.controllers()), written ? &*written : nullptr)) {
      return false;
    }
  }
  return true;
}

}  // namespace failgate
