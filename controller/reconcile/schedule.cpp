#include "controller/reconcile/schedule.h"

#include <algorithm>
#include <utility>

#include "controller/base/periodic_loop.h"

namespace failgate {
namespace {

constexpr Milliseconds kFirstRetry{1'000};
constexpr Milliseconds kLongestRetry{60'000};
constexpr Milliseconds kHintsTogether{300};

bool IsSameResult(const ReconcileResult& a, const ReconcileResult& b) {
  return a.environment == b.environment && a.project == b.project && a.attempt == b.attempt &&
         a.end == b.end && a.release == b.release && a.at == b.at;
}

}  // namespace

void Schedule::Arrange(const Pair& pair,
                       const Entry& entry,
                       const std::optional<SteadyTime>& before) {
  if (before) waiting_.erase({*before, pair});
  if (entry.due && !entry.busy) waiting_.insert({*entry.due, pair});
}

void Schedule::SetDue(const Pair& pair, Entry& entry, SteadyTime due) {
  const auto before = entry.due;
  if (!entry.due || due < *entry.due) entry.due = due;
  Arrange(pair, entry, before);
  entry.again = entry.again || (entry.busy && due <= parts_.clock.Steady());
}

void Schedule::SetOrders(const std::vector<SharedOrder>& orders) {
  const SteadyTime now = parts_.clock.Steady();
  for (auto& [pair, entry] : entries_) entry.listed = false;
  for (const SharedOrder& order : orders) {
    const Pair pair(order->environment, order->project);
    Entry& entry = entries_[pair];
    if (!entry.work) {
      entry.work = std::make_unique<PairWork>(parts_);
      entry.came = has_orders_ ? Attempt::Came::kLater : Attempt::Came::kAtStart;
    }
    entry.listed = true;
    if (!entry.order || !IsSameOrder(*entry.order, *order)) {
      if (entry.order) entry.came = Attempt::Came::kLater;
      SetDue(pair, entry, now);
    } else if (order->finished) {
      SetDue(pair, entry, now + order->drift.every);
    }
    entry.order = order;
    entry.given = true;
  }
  has_orders_ = true;
  EraseUnlisted();
}

bool Schedule::IsGone(const Entry& entry) {
  return !entry.listed && !entry.busy && !entry.in_progress;
}

void Schedule::EraseUnlisted() {
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    if (!IsGone(entry->second)) {
      ++entry;
      continue;
    }
    if (entry->second.due) waiting_.erase({*entry->second.due, entry->first});
    entry = entries_.erase(entry);
  }
}

void Schedule::CheckNow(const Pair& pair) {
  const auto entry = entries_.find(pair);
  if (entry != entries_.end()) SetDue(pair, entry->second, parts_.clock.Steady());
}

void Schedule::CheckSoon(const std::function<bool(const Order&)>& concerns) {
  const SteadyTime soon = parts_.clock.Steady() + kHintsTogether;
  for (auto& [pair, entry] : entries_) {
    if (entry.order && concerns(*entry.order)) SetDue(pair, entry, soon);
  }
}

void Schedule::Acknowledge(const ReconcileResult& result) {
  const auto known =
      std::find_if(results_.begin(), results_.end(), [&result](const ReconcileResult& other) {
        return IsSameResult(other, result);
      });
  if (known != results_.end()) results_.erase(known);
}

std::map<Pair, Observed> Schedule::Observations() const {
  std::map<Pair, Observed> all;
  for (const auto& [pair, entry] : entries_) {
    if (entry.listed) all[pair] = entry.observed;
  }
  return all;
}

std::string Schedule::Notice(const Pair& pair) const {
  const auto entry = entries_.find(pair);
  return entry == entries_.end() ? std::string() : entry->second.observed.notice;
}

std::vector<Pair> Schedule::Due() const {
  if (retired_) return {};
  const SteadyTime now = parts_.clock.Steady();
  std::vector<Pair> pairs;
  for (const auto& [due, pair] : waiting_) {
    if (due > now) break;
    pairs.push_back(pair);
  }
  return pairs;
}

std::optional<DuePair> Schedule::TakeNext() {
  if (!HasDue()) return std::nullopt;
  const Pair first = waiting_.begin()->second;
  return Take(first);
}

bool Schedule::HasDue() const {
  return !waiting_.empty() && waiting_.begin()->first <= parts_.clock.Steady();
}

std::optional<DuePair> Schedule::Take(const Pair& pair) {
  const auto found = entries_.find(pair);
  if (found == entries_.end() || found->second.busy) return std::nullopt;
  Entry& entry = found->second;
  const auto before = std::exchange(entry.due, std::nullopt);
  entry.busy = true;
  entry.again = false;
  Arrange(pair, entry, before);
  DuePair taken;
  taken.pair = pair;
  taken.work = entry.work.get();
  taken.came = entry.came;
  if (!entry.in_progress && std::exchange(entry.given, false)) taken.given = entry.order;
  const bool owed =
      std::any_of(results_.begin(), results_.end(), [&pair](const ReconcileResult& result) {
        return result.environment == pair.first && result.project == pair.second;
      });
  taken.owed = owed ? DriftWatch::Owed::kResults : DriftWatch::Owed::kNothing;
  return taken;
}

std::optional<SteadyTime> Schedule::NextDue() const {
  if (waiting_.empty() || retired_) return std::nullopt;
  return waiting_.begin()->first;
}

std::optional<Milliseconds> Schedule::UntilDue() const {
  const auto next = NextDue();
  if (!next) return std::nullopt;
  const auto left =
      std::chrono::duration_cast<Milliseconds>(*next - parts_.clock.Steady()) + Milliseconds(1);
  return std::max(left, Milliseconds(0));
}

void Schedule::GiveBack(const Pair& pair, Entry& entry) {
  entry.busy = false;
  entry.in_progress = entry.work->in_progress();
  const bool waits = entry.given && !entry.in_progress;
  if (entry.again || waits) entry.due = parts_.clock.Steady();
  entry.again = false;
  Arrange(pair, entry, std::nullopt);  // what a worker has stands in no place
  if (!IsGone(entry)) return;
  if (entry.due) waiting_.erase({*entry.due, pair});
  entries_.erase(pair);
}

void Schedule::Done(const Pair& pair, ReconcilePass pass) {
  Entry& entry = entries_.at(pair);
  entry.failures = 0;
  entry.observed = std::move(pass.observed);
  if (pass.wait) SetDue(pair, entry, parts_.clock.Steady() + *pass.wait);
  for (ReconcileResult& result : pass.results) results_.push_back(std::move(result));
  GiveBack(pair, entry);
}

void Schedule::Failed(const Pair& pair, const std::string& why) {
  Entry& entry = entries_.at(pair);
  entry.observed.healthy = false;
  entry.observed.as_wanted = false;
  entry.observed.detail = why;
  entry.observed.at = parts_.clock.Now();
  SetDue(
      pair, entry, parts_.clock.Steady() + Backoff(kFirstRetry, kLongestRetry, entry.failures++));
  GiveBack(pair, entry);
}

}  // namespace failgate
