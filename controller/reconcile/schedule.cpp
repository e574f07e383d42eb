#include "controller/reconcile/schedule.h"

#include <algorithm>

#include "controller/base/periodic_loop.h"

namespace failgate {
namespace {

constexpr Milliseconds kFirstRetry{1'000};
constexpr Milliseconds kLongestRetry{60'000};

bool IsSameResult(const ReconcileResult& a, const ReconcileResult& b) {
  return a.environment == b.environment && a.project == b.project && a.attempt == b.attempt &&
         a.end == b.end && a.release == b.release && a.at == b.at;
}

}  // namespace

void Schedule::SetDue(Entry& entry, SteadyTime due) {
  if (!entry.due || due < *entry.due) entry.due = due;
  entry.again = entry.again || (entry.busy && due <= parts_.clock.Steady());
}

void Schedule::SetOrders(std::vector<Order> orders) {
  const SteadyTime now = parts_.clock.Steady();
  for (auto& [pair, entry] : entries_) entry.listed = false;
  for (Order& order : orders) {
    Entry& entry = entries_[Pair(order.environment, order.project)];
    if (!entry.work) {
      entry.work = std::make_unique<PairWork>(parts_);
      entry.came = has_orders_ ? Attempt::Came::kLater : Attempt::Came::kAtStart;
    }
    entry.listed = true;
    if (!entry.current || !IsSameOrder(*entry.current, order)) {
      if (entry.current) entry.came = Attempt::Came::kLater;
      SetDue(entry, now);
    } else if (order.finished) {
      SetDue(entry, now + order.drift.every);
    }
    entry.current = order;
    entry.given = std::move(order);
  }
  has_orders_ = true;
  EraseUnlisted();
}

void Schedule::EraseUnlisted() {
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    const bool goes = !entry->second.listed && !entry->second.busy && !entry->second.in_progress;
    entry = goes ? entries_.erase(entry) : std::next(entry);
  }
}

void Schedule::CheckNow(const Pair& pair) {
  const auto entry = entries_.find(pair);
  if (entry != entries_.end()) SetDue(entry->second, parts_.clock.Steady());
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

std::vector<Pair> Schedule::Due() const {
  if (retired_) return {};
  const SteadyTime now = parts_.clock.Steady();
  std::vector<std::pair<SteadyTime, Pair>> due;
  for (const auto& [pair, entry] : entries_) {
    if (!entry.busy && entry.due && *entry.due <= now) due.emplace_back(*entry.due, pair);
  }
  std::sort(due.begin(), due.end());
  std::vector<Pair> pairs;
  for (auto& [at, pair] : due) pairs.push_back(std::move(pair));
  return pairs;
}

std::optional<DuePair> Schedule::TakeNext() {
  const std::vector<Pair> due = Due();
  return due.empty() ? std::nullopt : Take(due.front());
}

std::optional<DuePair> Schedule::Take(const Pair& pair) {
  const auto found = entries_.find(pair);
  if (found == entries_.end() || found->second.busy) return std::nullopt;
  Entry& entry = found->second;
  entry.busy = true;
  entry.again = false;
  entry.due.reset();
  DuePair taken;
  taken.pair = pair;
  taken.work = entry.work.get();
  taken.came = entry.came;
  if (!entry.in_progress) taken.given = std::exchange(entry.given, std::nullopt);
  const bool owed =
      std::any_of(results_.begin(), results_.end(), [&pair](const ReconcileResult& result) {
        return result.environment == pair.first && result.project == pair.second;
      });
  taken.owed = owed ? DriftWatch::Owed::kResults : DriftWatch::Owed::kNothing;
  return taken;
}

std::optional<Milliseconds> Schedule::UntilDue() const {
  std::optional<SteadyTime> next;
  for (const auto& [pair, entry] : entries_) {
    if (!entry.busy && entry.due && (!next || *entry.due < *next)) next = entry.due;
  }
  if (!next || retired_) return std::nullopt;
  const auto left =
      std::chrono::duration_cast<Milliseconds>(*next - parts_.clock.Steady()) + Milliseconds(1);
  return std::max(left, Milliseconds(0));
}

void Schedule::GiveBack(Entry& entry) {
  entry.busy = false;
  entry.in_progress = entry.work->in_progress();
  const bool waits = entry.given && entry.current && !entry.in_progress;
  if (entry.again || waits) entry.due = parts_.clock.Steady();
  entry.again = false;
}

void Schedule::Done(const Pair& pair, ReconcilePass pass) {
  Entry& entry = entries_.at(pair);
  entry.failures = 0;
  entry.observed = std::move(pass.observed);
  if (pass.wait) SetDue(entry, parts_.clock.Steady() + *pass.wait);
  for (ReconcileResult& result : pass.results) results_.push_back(std::move(result));
  GiveBack(entry);
  EraseUnlisted();
}

void Schedule::Failed(const Pair& pair, const std::string& why) {
  Entry& entry = entries_.at(pair);
  entry.observed.healthy = false;
  entry.observed.as_wanted = false;
  entry.observed.detail = why;
  entry.observed.at = parts_.clock.Now();
  SetDue(entry, parts_.clock.Steady() + Backoff(kFirstRetry, kLongestRetry, entry.failures++));
  GiveBack(entry);
  EraseUnlisted();
}

}  // namespace failgate
