// The work of one pair: an attempt or a removal while the log has not seen its end, a drift watch
// afterwards.
#pragma once

#include <memory>
#include <stop_token>

#include "controller/reconcile/attempt.h"
#include "controller/reconcile/drift_watch.h"
#include "controller/reconcile/reconcile_pass.h"
#include "controller/reconcile/removal.h"

namespace failgate {

/// Equal attempt, end, release and deploy specification: the same work.
[[nodiscard]] bool IsSameOrder(const Order& a, const Order& b);

/// Not thread-safe: one worker has it at a time.
class PairWork {
 public:
  explicit PairWork(const ReconcileParts& parts) : parts_(parts) {}
  /// Not while in_progress(), unless it is the same order.
  void Take(const SharedOrder& order, Attempt::Came came, DriftWatch::Owed owed);
  [[nodiscard]] ReconcilePass Go(DriftWatch::Owed owed, const std::stop_token& stop);
  /// Begun and not ended: another order of the pair waits.
  [[nodiscard]] bool in_progress() const { return attempt_ && attempt_->in_progress(); }

 private:
  const ReconcileParts& parts_;
  std::unique_ptr<Attempt> attempt_;
  std::unique_ptr<DriftWatch> watch_;
  std::unique_ptr<Removal> removal_;
};

}  // namespace failgate
