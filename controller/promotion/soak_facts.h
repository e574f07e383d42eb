// How steadily a release runs in the environments where it is to soak, out of the deploy log; and
// what is held back there meanwhile.
#pragma once

#include <optional>
#include <vector>

#include "controller/promotion/situation.h"
#include "policies/facts.h"
#include "policies/policy.h"

namespace failgate {

[[nodiscard]] SoakFact SoakFactOf(const Situation& situation,
                                  const EnvironmentName& environment,
                                  const ReleaseRecord& record);

/// One for each environment the policy names.
[[nodiscard]] std::vector<SoakFact> SoakFactsOf(const Situation& situation,
                                                const Policy& policy,
                                                const ReleaseRecord& record);

/// What runs in an environment soaks for another one that asked to reserve the place.
struct Reservation {
  ReleaseName release;
  EnvironmentName by;              ///< whose gate asks it
  std::optional<TimePoint> until;  ///< absent: not known while the files of `by` have problems
};

/// The one that lasts longest, first one without a known end; nullopt when newer releases may come
/// in. One that is disturbed, that was given up there, or that `by` has already (or a newer one)
/// holds nothing back.
[[nodiscard]] std::optional<Reservation> ReservationOf(const Situation& situation,
                                                       const EnvironmentProject& pair);

}  // namespace failgate
