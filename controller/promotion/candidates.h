// Which release is brought forward next for a project in an environment. Reads only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/base/release_number.h"
#include "controller/promotion/release_facts.h"
#include "controller/promotion/situation.h"
#include "controller/promotion/wish.h"

namespace failgate {

/// Candidates in the order to judge them: the first that passes is promoted.
struct CandidateChoice {
  std::vector<Candidate> candidates;
  /// A commit on main asked for what it may not ask for.
  struct Refused {
    ReleaseName release;
    Wish wish;
    std::string why;
    std::string command;       ///< to type instead
    std::string subject = {};  ///< of the fact; empty: the wish for `release`
  };
  std::optional<Refused> refused;
  /// A person wants what is there to go, and the log does not order it yet.
  std::optional<Wish> removal;
  /// Why there is no candidate, for `why`: one sentence.
  std::string nothing;
  std::string command;  ///< that would change it; may be empty
  /// Newer releases are held back for one that soaks, whether or not there are candidates.
  bool reserved = false;
  std::optional<TimePoint> until = {};  ///< of `reserved`; absent: not known
};

/// Whether releases go in without a person who asks for the way back.
enum class Automation { kActs, kHeld };

/// The pair must have no problems. A held pair has no candidate but the way back that a person
/// asked for. A deployment in progress, a stopped pair and one that runs what
/// is wanted have no candidate.
[[nodiscard]] CandidateChoice ChooseCandidates(const Situation& situation,
                                               const EnvironmentProject& pair,
                                               Automation automation,
                                               WishFinder& wishes);

}  // namespace failgate
