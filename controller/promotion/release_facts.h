// The facts about one release for one environment, gathered from both branches.
#pragma once

#include <optional>

#include "controller/promotion/situation.h"
#include "controller/promotion/wish.h"
#include "policies/decision_json.h"
#include "policies/facts.h"

namespace failgate {

/// Who or what brings the candidate forward.
struct Candidate {
  EnvironmentProject pair;
  ReleaseName release;
  std::string spec;          ///< SpecDigest of the deployment as it is on main
  std::optional<Wish> wish;  ///< nullopt: chosen by the controller itself (policy deployment)
  bool rollback = false;
};

/// nullopt when the release has no record in the log.
[[nodiscard]] std::optional<Facts> GatherFacts(const Situation& situation,
                                               const Candidate& candidate);

/// GatherFacts, policy and verdicts in one record, ready for the log.
[[nodiscard]] std::optional<DecisionRecord> Judge(const Situation& situation,
                                                  const Candidate& candidate);

/// Whether the policy's verdicts need Facts::authors: they come from a source's mirror.
[[nodiscard]] bool AsksForAuthors(const Policy& policy);

/// How the release fares on the rung before.
[[nodiscard]] LadderFact LadderFactOf(const Situation& situation,
                                      const EnvironmentName& after,
                                      const ReleaseRecord& record);

}  // namespace failgate
