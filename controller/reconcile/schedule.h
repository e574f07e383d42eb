// Which pair is looked at when, and what is owed to the log. Plain data and pure rules; the
// reconciler keeps it behind its lock.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "controller/reconcile/pair_work.h"

namespace failgate {

using Pair = std::pair<EnvironmentName, ProjectName>;

/// A pair taken out of the schedule by one worker.
struct DuePair {
  Pair pair;
  PairWork* work = nullptr;  ///< the worker's alone until Done
  SharedOrder given;         ///< not yet taken by the work; or nullptr
  Attempt::Came came = Attempt::Came::kLater;
  DriftWatch::Owed owed = DriftWatch::Owed::kNothing;
};

class Schedule {
 public:
  explicit Schedule(const ReconcileParts& parts) : parts_(parts) {}

  void SetOrders(const std::vector<SharedOrder>& orders);
  /// Nothing is ever due again.
  void Retire() { retired_ = true; }
  void CheckNow(const Pair& pair);
  /// Hints that come together are one look.
  void CheckSoon(const std::function<bool(const Order&)>& concerns);
  void Acknowledge(const ReconcileResult& result);
  [[nodiscard]] const std::vector<ReconcileResult>& results() const { return results_; }
  [[nodiscard]] std::map<Pair, Observed> Observations() const;
  [[nodiscard]] std::string Notice(const Pair& pair) const;

  /// All pairs that are due and that no worker has.
  [[nodiscard]] std::vector<Pair> Due() const;
  [[nodiscard]] bool HasDue() const;
  /// The one that is due longest.
  [[nodiscard]] std::optional<DuePair> TakeNext();
  [[nodiscard]] std::optional<DuePair> Take(const Pair& pair);
  /// When the first of them is due; nullopt: none will be by itself.
  [[nodiscard]] std::optional<SteadyTime> NextDue() const;
  /// Until then.
  [[nodiscard]] std::optional<Milliseconds> UntilDue() const;
  /// Gives a pair back.
  void Done(const Pair& pair, ReconcilePass pass);
  /// Gives a pair back whose pass could not be made; it is tried again with backoff.
  void Failed(const Pair& pair, const std::string& why);

 private:
  struct Entry {
    std::unique_ptr<PairWork> work;
    SharedOrder order;   ///< the last one given
    bool given = false;  ///< and not yet taken by the work
    Attempt::Came came = Attempt::Came::kLater;
    bool listed = true;  ///< in the last SetOrders
    bool busy = false;
    bool in_progress = false;
    bool again = false;  ///< something changed while a worker had it
    std::optional<SteadyTime> due;
    int failures = 0;
    Observed observed;
  };
  void GiveBack(const Pair& pair, Entry& entry);
  void SetDue(const Pair& pair, Entry& entry, SteadyTime due);
  /// Moves the pair in waiting_ to where its entry says.
  void Arrange(const Pair& pair, const Entry& entry, const std::optional<SteadyTime>& before);
  [[nodiscard]] static bool IsGone(const Entry& entry);
  void EraseUnlisted();

  const ReconcileParts& parts_;
  std::map<Pair, Entry> entries_;
  /// Those of entries_ that are due some time and that no worker has.
  std::set<std::pair<SteadyTime, Pair>> waiting_;
  std::vector<ReconcileResult> results_;
  bool has_orders_ = false;
  bool retired_ = false;
};

}  // namespace failgate
