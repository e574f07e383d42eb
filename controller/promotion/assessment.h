// Where a project stands in an environment, and why: the answer of `status` and `why`.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "controller/promotion/candidates.h"
#include "controller/promotion/fact_drafts.h"
#include "controller/promotion/hold.h"
#include "policies/decision.h"

namespace failgate {

enum class PairState {
  kNothing,  ///< nothing runs, nothing is wanted or there
  kRunning,  ///< what is wanted runs well
  kWaiting,  ///< a candidate waits at a gate
  kBlocked,  ///< a candidate is refused by a gate
  kDeploying,
  kRemoving,  ///< a person wants it gone
  kFailed,    ///< the last deployment failed, or what runs is unhealthy
  kDrifted,
  kStopped,  ///< the way back failed too: a person must act
  kRefused,  ///< a commit asked for what it may not
  kHeld,     ///< a person stopped all automation
  kInvalid,  ///< the files on main have problems: nothing is done
};
[[nodiscard]] std::string Word(PairState state);

struct Assessment {
  PairState state = PairState::kNothing;
  ReleaseName release;             ///< the candidate, else what runs
  std::vector<GateVerdict> gates;  ///< of the candidate
  std::string text;                ///< one sentence
  std::vector<std::string> next;   ///< commands to type, the most useful first
  /// When a gate of a candidate may open by itself: the pair is to be judged again then.
  std::optional<TimePoint> until = {};
  Problems problems;
};

/// An assessment and what a pass makes of it.
struct AssessedPair {
  Assessment assessment;
  std::optional<CandidateChoice::Refused> refused;
  std::optional<Wish> removal;     ///< the log is to order it
  std::optional<HoldChange> hold;  ///< the log is to be told of
  /// The log is to be told of these files first: nothing is judged without them.
  std::vector<ApprovalChange> approvals = {};
  /// Candidates as judged, in order, ending with the first that passed.
  std::vector<JudgedCandidate> judged;
  /// It stays so while neither branch changes: no verdict asked the time, and no fact that may
  /// become known elsewhere was missing.
  bool lasts = true;
};

/// Reads only. `pair` must have an environment (its project file may be missing or broken).
[[nodiscard]] AssessedPair Assess(const Situation& situation,
                                  const EnvironmentProject& pair,
                                  WishFinder& wishes);

}  // namespace failgate
