// What happens when a branch lost commits: it is named, and an operator may accept what is left.
#include <fmt/format.h>

#include "controller/deploylog/deploy_log.h"

namespace failgate {

std::string_view StandingWord(LogStanding standing) {
  switch (standing) {
    case LogStanding::kOurs:
      return "";
    case LogStanding::kFenced:
      return "fenced";
    case LogStanding::kRewritten:
      return "rewritten";
  }
  return "";
}

std::string LostRef(const std::string& branch, const std::string& request) {
  return "refs/failgate/lost/" + branch + "/" + request;
}

void DeployLog::StopRewritten(const char* branch,
                              const CommitId& ours,
                              const std::optional<CommitId>& theirs) {
  if (!theirs) {
    Stop(LogStanding::kRewritten,
         fmt::format("the branch {} is gone from the remote: push {} there again, the mirror in "
                     "the data directory has it",
                     branch,
                     ours.text()));
    return;
  }
  rewritten_ = RewrittenBranch{branch, ours, *theirs};
  Stop(LogStanding::kRewritten,
       fmt::format("the branch {} was rewritten: it no longer holds {}. Push that commit again "
                   "(the mirror in the data directory has it), or, once you have examined {}: "
                   "failgate accept-history {}",
                   branch,
                   ours.text(),
                   theirs->text(),
                   theirs->text()));
}

std::optional<Refusal> DeployLog::WhyNotAcceptable(const RewrittenBranch& branch) {
  if (branch.name != kDeployLogBranch) {
    return std::nullopt;  // main is the people's: its protection is their forge's business
  }
  if (!IsTrustedWriting(repository_.MergeBase(branch.accepted, branch.remote), branch.remote)) {
    return Refusal{"not_acceptable",
                   fmt::format("the branch deploy-log holds commits up to {} that no controller "
                               "signed: they can never be accepted, push {} over them",
                               branch.remote.text(),
                               branch.accepted.text())};
  }
  const auto controller = LogTree(repository_, branch.remote).Controller();
  if (!controller || controller->name != options_.controller) {
    return Refusal{"not_acceptable",
                   fmt::format("the branch deploy-log at {} is not of the controller \"{}\": push "
                               "{} over it",
                               branch.remote.text(),
                               options_.controller,
                               branch.accepted.text())};
  }
  return std::nullopt;
}

Result<CommitId> DeployLog::AcceptRewritten(const std::string& request) {
  Check(rewritten_.has_value(), "only a rewritten branch is accepted");
  const RewrittenBranch branch = *rewritten_;
  if (auto refusal = WhyNotAcceptable(branch)) {
    return *std::move(refusal);
  }
  const std::string lost = LostRef(branch.name, request);
  if (!repository_.Ref(lost) && !repository_.SetRef(lost, branch.accepted, std::nullopt)) {
    throw Error(Remedy::kRetry, fmt::format("writing {}: another process did", lost));
  }
  Accept(branch.name == kDeployLogBranch ? kAcceptedLogRef : kAcceptedMainRef,
         branch.accepted,
         branch.remote);
  rewritten_.reset();
  trouble_.clear();
  standing_ = LogStanding::kOurs;
  return branch.accepted;
}

}  // namespace failgate
