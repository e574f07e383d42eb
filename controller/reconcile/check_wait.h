// Asks for the checks after a deployment, one after another, until each has an outcome. The waits
// in between are the caller's: no thread is held.
#pragma once

#include <string>
#include <vector>

#include "controller/reconcile/next_action.h"
#include "controller/reconcile/reconcile_pass.h"

namespace failgate {

class CheckWait {
 public:
  struct Answer {
    StepHealth health = StepHealth::kUnasked;  ///< kUnasked: ask again after `wait`
    std::string detail;
    Milliseconds wait{0};
  };
  /// The first check that did not pass decides; those behind it are not run. An outcome that is
  /// there already counts: it is of this very deployment.
  [[nodiscard]] Answer Ask(const ReconcileParts& parts, const Order& order);
  /// What the checks that passed found, one line each.
  [[nodiscard]] const std::vector<std::string>& found() const { return found_; }

 private:
  std::vector<std::string> found_;
};

/// FAILGATE_ADDRESS of the checks: what the first health check over HTTP or TCP asks; else empty.
[[nodiscard]] std::string AddressOf(const Deployable& deployable);

}  // namespace failgate
