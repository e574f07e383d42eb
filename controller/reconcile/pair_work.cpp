#include "controller/reconcile/pair_work.h"

namespace failgate {

bool IsSameOrder(const Order& a, const Order& b) {
  return a.attempt == b.attempt && a.finished == b.finished &&
         a.wanted.release == b.wanted.release && a.wanted.spec == b.wanted.spec;
}

void PairWork::Take(const SharedOrder& order, Attempt::Came came, DriftWatch::Owed owed) {
  if (watch_ && IsSameOrder(watch_->order(), *order)) {
    watch_->Update(order, owed);
    return;
  }
  if (attempt_ && IsSameOrder(attempt_->order(), *order)) return;
  if (removal_ && IsSameOrder(removal_->order(), *order)) return;
  if (order->removes) {
    removal_ = std::make_unique<Removal>(parts_, order, came);
    attempt_.reset();
    watch_.reset();
    return;
  }
  removal_.reset();
  if (order->finished) {
    const bool ended_here = attempt_ && attempt_->order().attempt == order->attempt;
    watch_ = std::make_unique<DriftWatch>(
        parts_, order, ended_here ? DriftWatch::Finished::kNow : DriftWatch::Finished::kEarlier);
    attempt_.reset();
  } else {
    attempt_ = std::make_unique<Attempt>(parts_, order, came);
    watch_.reset();
  }
}

ReconcilePass PairWork::Go(DriftWatch::Owed owed, const std::stop_token& stop) {
  if (removal_) return removal_->Go(stop);
  if (watch_) return watch_->Go(owed, stop);
  return attempt_ ? attempt_->Go(stop) : ReconcilePass();
}

}  // namespace failgate
