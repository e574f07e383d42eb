// Environment policy + desired file -> which release people want there.
#pragma once

#include "controller/base/ids.h"
#include "controller/promotion/desired_file.h"
#include "policies/policy.h"

namespace failgate {

struct WantedRelease {
  /// kNone: people want what is there to go; kNothing: nobody said what they want.
  enum class Kind { kNothing, kNone, kNewest, kNamed };
  Kind kind = Kind::kNothing;
  ReleaseName release;  ///< of kNamed
  bool operator==(const WantedRelease&) const = default;
};

/// `desired` nullptr = no file: the newest under deployment, nothing under delivery. Problems,
/// or `newest` under delivery: nothing. A hold does not change what is wanted.
[[nodiscard]] WantedRelease Wanted(Policy::LastStep last_step, const Desired* desired);

}  // namespace failgate
