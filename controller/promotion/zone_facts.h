// The rules of the time zones a policy names, out of this machine's database.
#pragma once

#include <vector>

#include "policies/facts.h"
#include "policies/policy.h"

namespace failgate {

/// One for each zone, by name: its offsets from two days before `now` to 400 days after, so that
/// the next opening after any freeze of ordinary length is known.
[[nodiscard]] std::vector<ZoneFact> ZoneFactsOf(const Policy& policy, TimePoint now);

}  // namespace failgate
