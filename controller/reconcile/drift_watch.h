// Keeps a finished order so: looks, tells drift and ill health, repairs drift, prunes what nobody
// needs.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/reconcile/health_wait.h"
#include "controller/reconcile/reconcile_pass.h"

namespace failgate {

/// Not thread-safe.
class DriftWatch {
 public:
  /// When the order was finished: one of an earlier process gets its first full pass at a random
  /// time within `drift.full`, so that restarts neither skip nor bunch them.
  enum class Finished { kEarlier, kNow };
  DriftWatch(const ReconcileParts& parts, SharedOrder order, Finished finished);

  /// Whether results of the pair are not acknowledged yet: pruning waits for them.
  enum class Owed { kNothing, kResults };
  [[nodiscard]] ReconcilePass Go(Owed owed, const std::stop_token& stop);
  /// The same order with settings that may have changed.
  void Update(SharedOrder order, Owed owed);
  [[nodiscard]] const Order& order() const { return *order_; }

 private:
  void Prune();
  /// Of each step; nullopt and `pass` filled when it cannot be looked at.
  [[nodiscard]] std::optional<std::vector<Observation>> Look(bool full, ReconcilePass& pass);
  void AsWanted(bool full, const std::stop_token& stop, ReconcilePass& pass);
  /// Once each time that it says something else.
  void TellNotice(std::string notice, ReconcilePass& pass);
  /// Tells a change of health once each way, and that a drift is over.
  void TellHealth(const HealthAnswer& health, ReconcilePass& pass);
  void TellHealed(const std::string& detail, bool healthy, ReconcilePass& pass);
  void Drifted(const std::vector<Observation>& seen,
               const std::string& fault,
               const std::stop_token& stop,
               ReconcilePass& pass);
  /// Empty when every step is as wanted again.
  [[nodiscard]] std::string Heal(const std::vector<Observation>& seen);
  void HealFailed(const std::string& fault, ReconcilePass& pass);
  /// After a repair, until it is healthy or its time is over.
  void AwaitHealth(const std::stop_token& stop, ReconcilePass& pass);
  [[nodiscard]] HealthAnswer AskOnce(const std::stop_token& stop);
  [[nodiscard]] ReconcileResult Result(ReconcileEnd end, std::string detail) const;

  const ReconcileParts& parts_;
  SharedOrder order_;
  SteadyTime next_full_;
  bool prune_due_ = true;
  bool drift_told_ = false;
  bool heal_failed_told_ = false;
  bool unhealthy_told_ = false;
  bool unhealthy_seen_ = false;  ///< once: a second look decides whether it is told
  int failures_ = 0;
  std::string notice_told_;
  std::string healed_fault_;  ///< not empty: repaired, waits to be healthy
  TimePoint heal_began_;
  std::vector<HealthWait> health_;
};

}  // namespace failgate
