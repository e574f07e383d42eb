// What the environments of a ladder would say of a release that is not made yet. Offline.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "controller/base/ids.h"
#include "controller/git/ssh_signature.h"
#include "controller/promotion/promotion_snapshot.h"
#include "policies/decision.h"
#include "policies/policy.h"

namespace failgate {

/// What would be released, and from where.
struct ForecastRelease {
  ProjectName project;
  CommitId revision;
  std::filesystem::path source;  ///< a repository that has the revision
};

struct ForecastGate {
  /// nullopt: only the run can tell.
  std::optional<Verdict> verdict;
  std::string gate;
  GateMode mode = GateMode::kEnforce;
  std::string reason;  ///< one line
  std::optional<TimePoint> until = {};
};

struct ForecastEnvironment {
  EnvironmentName environment;
  Policy::LastStep last_step = Policy::kDelivery;
  std::vector<ForecastGate> gates;
  /// What stops the pair whatever the gates say: a hold, a failed way back, files with problems.
  std::string stands;
};

/// Environments where the project is deployed, in ladder order. `clone` is the repository that
/// `snapshot` was read from. `prover` may be nullptr: ed25519 alone is proved.
[[nodiscard]] std::vector<ForecastEnvironment> ForecastOf(const PromotionSnapshot& snapshot,
                                                          const Repository& clone,
                                                          const ForecastRelease& release,
                                                          SignatureProver* prover);

}  // namespace failgate
