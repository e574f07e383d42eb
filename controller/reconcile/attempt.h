// Carries out an order that the log has not seen the end of. Each state is in the row before the
// effect that follows it, so that a killed attempt ends where it would have ended.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/reconcile/attempt_record.h"
#include "controller/reconcile/check_wait.h"
#include "controller/reconcile/health_wait.h"
#include "controller/reconcile/next_action.h"
#include "controller/reconcile/reconcile_pass.h"

namespace failgate {

/// Not thread-safe.
class Attempt {
 public:
  /// When the order came: one that was there at the start of the process and is found in place
  /// without a row was carried out by an earlier process whose database is lost.
  enum class Came { kAtStart, kLater };
  Attempt(const ReconcileParts& parts, SharedOrder order, Came came);

  /// Goes on until it must wait or ends. Throws Error when the row cannot be written; the same call
  /// goes on later.
  [[nodiscard]] ReconcilePass Go(const std::stop_token& stop);
  [[nodiscard]] bool in_progress() const { return begun_ && !ended_; }
  [[nodiscard]] const Order& order() const { return *order_; }

 private:
  /// nullopt: go on at once.
  [[nodiscard]] std::optional<Milliseconds> Act(const Action& action,
                                                const std::stop_token& stop,
                                                ReconcilePass& pass);
  void Begin(ReconcilePass& pass);
  [[nodiscard]] bool IsOfThisOrder(const Deployment& row, const AttemptRecord& record) const;
  [[nodiscard]] bool TakeUnfinishedRow();
  [[nodiscard]] bool TakeFinishedRow(ReconcilePass& pass);
  void TakeRow(const Deployment& row, AttemptRecord record, DeploymentState state);
  void StartNewRow();
  [[nodiscard]] std::optional<Milliseconds> ObserveStep(std::size_t index);
  [[nodiscard]] std::optional<Milliseconds> ApplyStep(std::size_t index);
  [[nodiscard]] std::optional<Milliseconds> AskHealth(std::size_t index,
                                                      const std::stop_token& stop);
  [[nodiscard]] std::optional<Milliseconds> AskChecks();
  /// After an Error of the target: wait and try again, or the step has failed.
  [[nodiscard]] std::optional<Milliseconds> AfterError(std::size_t index, const Error& error);
  void GoBack(const std::string& reason);
  void End(const Action& action, ReconcilePass& pass);
  void Write(DeploymentState state);
  void ResetView();
  /// Whether all of its steps are in place now; false when that cannot be seen.
  [[nodiscard]] bool Runs(const Deployable& deployable);
  [[nodiscard]] const Deployable& Goal() const { return GoalOf(*order_, view_.row); }
  [[nodiscard]] ReconcileResult Result(ReconcileEnd end) const;

  const ReconcileParts& parts_;
  SharedOrder order_;
  Came came_;
  AttemptView view_;
  std::vector<HealthWait> health_;
  std::vector<int> retries_;
  CheckWait checks_;
  Deployment row_;
  AttemptRecord record_;
  std::string reason_;   ///< why it goes back
  std::string waiting_;  ///< what for, for people
  bool begun_ = false;
  bool ended_ = false;
  bool recovered_ = false;
  bool without_row_ = false;
  bool changed_something_ = false;
};

}  // namespace failgate
