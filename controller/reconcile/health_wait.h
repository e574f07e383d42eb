// Asks a step's health check again and again until it is healthy or its time-out is over. The waits
// in between are the caller's: no thread is held.
#pragma once

#include <optional>
#include <stop_token>

#include "controller/reconcile/next_action.h"
#include "controller/reconcile/reconcile_pass.h"

namespace failgate {

/// A try over HTTP or TCP is given up after this time, so that a hung server is asked again.
inline constexpr Milliseconds kHealthTry{10'000};

class HealthWait {
 public:
  struct Answer {
    StepHealth health = StepHealth::kUnasked;  ///< kUnasked: ask again after `wait`
    std::string detail;
    Milliseconds wait{0};
  };
  /// One try. A try that was cut short by `stop` judges nothing.
  [[nodiscard]] Answer Ask(const ReconcileParts& parts,
                           const TargetStep& step,
                           const std::stop_token& stop);

 private:
  std::optional<SteadyTime> deadline_;
  int tries_ = 0;
};

}  // namespace failgate
