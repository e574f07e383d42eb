#include "controller/promotion/promotion_snapshot.h"

#include <fmt/format.h>

#include "controller/git/ssh_keygen.h"
#include "controller/promotion/situation.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxSignersBytes = std::size_t{1} << 20U;

/// The controllers' keys as main names them: what proves a commit that the controller wrote there.
AllowedSigners SignersOf(const Repository& repository, const CommitId& main) {
  const auto text = repository.ReadFile(main, "allowed_signers", kMaxSignersBytes);
  auto signers = AllowedSigners::Parse(text.value_or(""));
  return signers ? std::move(*signers) : AllowedSigners();
}

}  // namespace

std::optional<CommitId> BranchOfClone(const Repository& clone, const std::string& name) {
  const auto remote = clone.Ref("refs/remotes/origin/" + name);
  return remote ? remote : clone.Ref("refs/heads/" + name);
}

Result<PromotionSnapshot> ReadClone(const std::filesystem::path& clone, TimePoint now) {
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
  snapshot.view = std::make_shared<const OperationsView>(ReadOperationsAt(repository, *main));
  LogViewReader reader;
  snapshot.log = reader.Read(repository, snapshot.log_head);
  snapshot.at = now;
  PromotionBounds bounds;
  bounds.known = false;
  const LogTree tree(repository, snapshot.log_head, snapshot.log);
  AuthorCache authors;
  const Situation situation{repository, *main, *snapshot.view, tree, bounds, authors, now};
  ProcessRunner processes;
  SshKeygen prover(processes);
  WishFinder wishes(SignersOf(repository, *main), &prover);
  for (const auto& deployment : snapshot.view->deployments) {
    snapshot.pairs[deployment.first] =
        std::make_shared<const Assessment>(Assess(situation, deployment.first, wishes).assessment);
  }
  return snapshot;
}

}  // namespace failgate
