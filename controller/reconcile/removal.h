// Takes away what a pair has deployed. Doing it twice is doing it once, so that nothing has to be
// remembered: after a kill it is simply done again.
#pragma once

#include <stop_token>
#include <string>

#include "controller/reconcile/attempt.h"
#include "controller/reconcile/reconcile_pass.h"

namespace failgate {

/// Not thread-safe.
class Removal {
 public:
  Removal(const ReconcileParts& parts, SharedOrder order, Attempt::Came came)
      : parts_(parts), order_(std::move(order)), came_(came) {}

  /// Looks at every step first: something foreign at one of them, and nothing at all is touched.
  /// Errors that may pass are tried again, some times, with backoff.
  [[nodiscard]] ReconcilePass Go(const std::stop_token& stop);
  [[nodiscard]] const Order& order() const { return *order_; }

 private:
  void TakeAway();
  void End(ReconcileEnd end, const std::string& detail, ReconcilePass& pass);

  const ReconcileParts& parts_;
  SharedOrder order_;
  Attempt::Came came_;
  int retries_ = 0;
  bool ended_ = false;
};

}  // namespace failgate
