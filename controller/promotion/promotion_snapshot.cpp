#include "controller/promotion/promotion_snapshot.h"

#include <fmt/format.h>

#include "controller/git/ssh_keygen.h"
#include "controller/promotion/situation.h"
#include "controller/trust/policy_listing.h"

namespace failgate {
namespace {

constexpr std::size_t kShortCommit = 12;
constexpr std::size_t kMaxSignersBytes = std::size_t{1} << 20U;

/// The controllers' keys as main names them: what proves a commit that the controller wrote there.
AllowedSigners SignersOf(const Repository& repository, const CommitId& main) {
  const auto text = repository.ReadFile(main, "allowed_signers", kMaxSignersBytes);
  auto signers = AllowedSigners::Parse(text.value_or(""));
  return signers ? std::move(*signers) : AllowedSigners();
}

/// A clone does not know the owners: what the log tells of signed policy counts, and what main says
/// beside it does not yet.
void TakePolicyOfLog(const Repository& clone, PromotionSnapshot& snapshot) {
  const auto& controller = snapshot.log->controller;
  if (!controller || !controller->policy || !clone.HasCommit(controller->policy->commit)) {
    return;
  }
  snapshot.policy = controller->policy->commit;
  if (PolicyContentKey(clone, snapshot.policy) != PolicyContentKey(clone, snapshot.main)) {
    snapshot.policy_trouble = fmt::format(
        "the policy of {} is in force by the deploy log, that of main is another one: an owner "
        "signs "
        "it with failgate policy sign, or the controller has not seen it yet",
        snapshot.policy.text().substr(0, kShortCommit));
  }
}

}  // namespace

std::optional<CommitId> BranchOfClone(const Repository& clone, const std::string& name) {
  const auto remote = clone.Ref("refs/remotes/origin/" + name);
  return remote ? remote : clone.Ref("refs/heads/" + name);
}

Result<PromotionSnapshot> ReadClone(const std::filesystem::path& clone,
                                    TimePoint now,
                                    const std::filesystem::path& source) {
  const bool plain = std::filesystem::exists(clone / ".git");
  const Repository repository = Repository::Open(plain ? clone / ".git" : clone);
  const auto main = BranchOfClone(repository, "main");
  if (!main) {
    return Refusal{"no_main",
                   fmt::format("{} has no branch main: name a clone of the operations repository",
                               clone.string())};
  }
  PromotionSnapshot snapshot;
  snapshot.main = *main;
  snapshot.log_head = BranchOfClone(repository, "deploy-log");
  LogViewReader reader;
  snapshot.log = reader.Read(repository, snapshot.log_head);
  TakePolicyOfLog(repository, snapshot);
  snapshot.view = std::make_shared<const OperationsView>(
      ReadOperationsAt(repository, *main, nullptr, snapshot.policy));
  snapshot.at = now;
  PromotionBounds bounds;
  bounds.known = false;
  bounds.source_clone = source;
  const LogTree tree(repository, snapshot.log_head, snapshot.log);
  AuthorCache authors;
  ProcessRunner processes;
  SshKeygen prover(processes);
  SourceSigners signers(&prover);
  const Situation situation{repository,
                            *main,
                            *snapshot.view,
                            tree,
                            bounds,
                            authors,
                            now,
                            source.empty() ? nullptr : &signers,
                            snapshot.policy};
  WishFinder wishes(SignersOf(repository, situation.PolicyCommit()), &prover);
  wishes.BoundBy(snapshot.policy);
  for (const auto& deployment : snapshot.view->deployments) {
    snapshot.pairs[deployment.first] =
        std::make_shared<const Assessment>(Assess(situation, deployment.first, wishes).assessment);
  }
  return snapshot;
}

}  // namespace failgate
