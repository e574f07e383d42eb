// What gate `max_duration` believes of the times in which steps ran.
#pragma once

#include "controller/base/clock.h"

namespace failgate {

/// Key of the limit for all steps together.
inline constexpr const char* kTotalTime = "total";
/// Longer steps are not believed (and keep sums inside 64 bits).
inline constexpr Milliseconds kLongestStep = std::chrono::days(3650);

}  // namespace failgate
