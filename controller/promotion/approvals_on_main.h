// What the approval files of main mean, and what the log is still to be told of them.
#pragma once

#include <string>
#include <vector>

#include "controller/deploylog/log_state.h"
#include "controller/promotion/situation.h"
#include "controller/promotion/wish.h"

namespace failgate {

/// One fact about one version of a file.
struct ApprovalChange {
  enum class Kind { kCounted, kRefused, kWithdrawn };
  Kind kind = Kind::kRefused;
  std::string path;
  ReleaseName release;
  ToldApproval told;          ///< of the file, once the log has the fact
  StandingApproval approval;  ///< of kCounted and kWithdrawn
  CommitId wanted;            ///< that brought the file; empty: it is gone
  std::string signed_with;    ///< of kCounted
  std::string text;           ///< of kCounted: what the person says
};

/// A version that was refused stays so, and one that was used up or withdrawn never counts again: a
/// new one must be signed. A yes waits while the person's own no by token stands. The pair must
/// have no problems.
[[nodiscard]] std::vector<ApprovalChange> LookAtApprovals(const Situation& situation,
                                                          const EnvironmentProject& pair,
                                                          const EnvironmentState& state,
                                                          WishFinder& wishes);

/// "approvals/…: does not count: …" for each refused file of the release that main still has.
[[nodiscard]] std::vector<std::string> RefusedApprovals(const Situation& situation,
                                                        const EnvironmentState& state,
                                                        const EnvironmentName& environment,
                                                        const ReleaseName& release);

/// Of `approvals/E/…` for releases of P.
[[nodiscard]] std::vector<const ApprovalFile*> ApprovalsOf(const OperationsView& view,
                                                           const EnvironmentProject& pair);

}  // namespace failgate
