#include "controller/reconcile/drift_watch.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/error.h"
#include "controller/base/fail_point.h"
#include "controller/base/log.h"
#include "controller/base/periodic_loop.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr Milliseconds kFirstRetry{5'000};
constexpr Milliseconds kLongestRetry{600'000};
constexpr unsigned kParts = 65'536;

/// 0 ≤ x < 1.
double Random() {
  const std::string bytes = RandomBytes(2);
  const unsigned number = (static_cast<unsigned>(static_cast<unsigned char>(bytes[0])) << 8U) |
                          static_cast<unsigned char>(bytes[1]);
  return static_cast<double>(number) / kParts;
}

Milliseconds Part(Milliseconds whole, double part) {
  return Milliseconds(static_cast<Milliseconds::rep>(static_cast<double>(whole.count()) * part));
}

/// ±10 %, so that pairs do not look all at one time.
Milliseconds Jittered(Milliseconds every) {
  return Part(every, 0.9 + 0.2 * Random());
}

std::string FaultOf(const Order& order, const std::vector<Observation>& seen) {
  std::vector<std::string> faults;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (seen[i].kind == Observation::Kind::kAsWanted) continue;
    faults.push_back(fmt::format("{}: {}", order.wanted.steps[i].name, seen[i].detail));
  }
  return Join(faults, "; ");
}

std::string NoticeOf(const Order& order, const std::vector<Observation>& seen) {
  std::vector<std::string> notices;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (seen[i].notice.empty()) continue;
    notices.push_back(fmt::format("{}: {}", order.wanted.steps[i].name, seen[i].notice));
  }
  return Join(notices, "; ");
}

}  // namespace

DriftWatch::DriftWatch(const ReconcileParts& parts, SharedOrder order, Finished finished)
    : parts_(parts),
      order_(std::move(order)),
      drift_told_(order_->drifted),
      unhealthy_told_(order_->unhealthy) {
  const Milliseconds full = order_->drift.full;
  next_full_ = parts_.clock.Steady() + (finished == Finished::kNow ? full : Part(full, Random()));
}

void DriftWatch::Update(SharedOrder order, Owed owed) {
  order_ = std::move(order);
  next_full_ = std::min(next_full_, parts_.clock.Steady() + order_->drift.full);
  if (owed != Owed::kNothing) return;
  drift_told_ = order_->drifted;
  unhealthy_told_ = order_->unhealthy;
}

ReconcilePass DriftWatch::Go(Owed owed, const std::stop_token& stop) {
  ReconcilePass pass;
  pass.wait = Jittered(order_->drift.every);
  pass.observed.at = parts_.clock.Now();
  if (!healed_fault_.empty()) {
    AwaitHealth(stop, pass);
    return pass;
  }
  if (prune_due_ && owed == Owed::kNothing) Prune();
  const bool full = parts_.clock.Steady() >= next_full_;
  const auto seen = Look(full, pass);
  if (!seen) return pass;
  const std::string fault = FaultOf(*order_, *seen);
  if (fault.empty()) {
    TellNotice(NoticeOf(*order_, *seen), pass);
    AsWanted(full, stop, pass);
  } else {
    Drifted(*seen, fault, stop, pass);
  }
  return pass;
}

void DriftWatch::Prune() {
  std::vector<TargetStep> keep;
  for (std::size_t i = 0; i < order_->wanted.steps.size(); ++i) {
    keep.push_back(StepOf(*order_, order_->wanted, i));
  }
  if (order_->previous) {
    for (std::size_t i = 0; i < order_->previous->steps.size(); ++i) {
      keep.push_back(StepOf(*order_, *order_->previous, i));
    }
  }
  prune_due_ = false;
  try {
    for (std::size_t i = 0; i < order_->wanted.steps.size(); ++i) {
      parts_.target.Prune(StepOf(*order_, order_->wanted, i), keep);
    }
  } catch (const Error& error) {
    // Old versions only take room: what runs is looked after first, and the next order prunes too.
    log::Warning("old versions could not be removed",
                 {{"environment", order_->environment.text()},
                  {"project", order_->project.text()},
                  {"cause", error.what()}});
  }
}

std::optional<std::vector<Observation>> DriftWatch::Look(bool full, ReconcilePass& pass) {
  std::vector<Observation> seen;
  try {
    for (std::size_t i = 0; i < order_->wanted.steps.size(); ++i) {
      seen.push_back(parts_.target.Observe(StepOf(*order_, order_->wanted, i), full));
    }
  } catch (const Error& error) {
    // Not seen is not drifted: nothing is told and nothing is touched.
    pass.observed.detail = fmt::format("cannot be looked at: {}", error.what());
    pass.wait = std::max(*pass.wait, Backoff(kFirstRetry, kLongestRetry, failures_++));
    return std::nullopt;
  }
  return seen;
}

void DriftWatch::AsWanted(bool full, const std::stop_token& stop, ReconcilePass& pass) {
  failures_ = 0;
  heal_failed_told_ = false;
  if (full) next_full_ = parts_.clock.Steady() + order_->drift.full;
  const HealthAnswer health = AskOnce(stop);
  pass.observed.as_wanted = true;
  pass.observed.healthy = health.healthy;
  pass.observed.detail = health.healthy ? "" : health.detail;
  // A try that was cut short by a stop judges nothing.
  if (health.healthy || !stop.stop_requested()) TellHealth(health, pass);
}

void DriftWatch::TellNotice(std::string notice, ReconcilePass& pass) {
  if (notice != notice_told_) {
    notice_told_ = notice;
    if (!notice.empty()) {
      log::Warning("what runs is as decided, and people should know",
                   {{"environment", order_->environment.text()},
                    {"project", order_->project.text()},
                    {"notice", notice}});
    }
  }
  pass.observed.notice = std::move(notice);
}

void DriftWatch::TellHealth(const HealthAnswer& health, ReconcilePass& pass) {
  if (health.healthy) {
    unhealthy_seen_ = false;
    if (drift_told_ || unhealthy_told_) {
      TellHealed(drift_told_ ? "it is as decided again" : "it is healthy again", true, pass);
    }
    return;
  }
  if (unhealthy_told_ && !drift_told_) return;
  if (!unhealthy_seen_) {
    unhealthy_seen_ = true;
    pass.wait = std::min(*pass.wait, kFirstRetry);
    return;
  }
  if (drift_told_) {
    TellHealed("it is as decided again, not healthy: " + health.detail, false, pass);
    return;
  }
  unhealthy_told_ = true;
  pass.results.push_back(Result(ReconcileEnd::kUnhealthy, health.detail));
}

void DriftWatch::TellHealed(const std::string& detail, bool healthy, ReconcilePass& pass) {
  drift_told_ = false;
  unhealthy_told_ = !healthy;
  ReconcileResult result = Result(ReconcileEnd::kHealed, detail);
  result.healthy = healthy;
  result.running = order_->wanted.release;
  result.running_spec = order_->wanted.spec;
  pass.results.push_back(std::move(result));
}

void DriftWatch::Drifted(const std::vector<Observation>& seen,
                         const std::string& fault,
                         const std::stop_token& stop,
                         ReconcilePass& pass) {
  pass.observed.detail = fault;
  unhealthy_seen_ = false;
  if (!drift_told_) {
    FailPoint("drift-seen");
    drift_told_ = true;
    pass.results.push_back(Result(ReconcileEnd::kDrifted, fault));
    // What was found is told before the repair takes its time.
    if (order_->drift.heal) pass.wait = Milliseconds(0);
    return;
  }
  if (!order_->drift.heal) return;
  FailPoint("healing");
  heal_began_ = parts_.clock.Now();
  const std::string still = Heal(seen);
  if (!still.empty()) {
    HealFailed(still, pass);
    return;
  }
  healed_fault_ = fault;
  health_.assign(order_->wanted.steps.size(), HealthWait());
  AwaitHealth(stop, pass);
}

std::string DriftWatch::Heal(const std::vector<Observation>& seen) {
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (seen[i].kind == Observation::Kind::kAsWanted) continue;
    const std::string& name = order_->wanted.steps[i].name;
    const TargetStep step = StepOf(*order_, order_->wanted, i);
    try {
      parts_.target.Apply(step);
      const Observation after = parts_.target.Observe(step, true);
      if (after.kind != Observation::Kind::kAsWanted) {
        return fmt::format("{}: was repaired, but is not so: {}", name, after.detail);
      }
    } catch (const Error& error) {
      return fmt::format("{}: {}", name, error.what());
    }
  }
  return "";
}

void DriftWatch::HealFailed(const std::string& fault, ReconcilePass& pass) {
  pass.observed.detail = fault;
  pass.wait = Backoff(kFirstRetry, kLongestRetry, failures_++);
  if (heal_failed_told_) return;
  heal_failed_told_ = true;
  pass.results.push_back(Result(ReconcileEnd::kHealFailed, fault));
}

void DriftWatch::AwaitHealth(const std::stop_token& stop, ReconcilePass& pass) {
  bool healthy = true;
  std::string detail = healed_fault_;
  pass.observed.as_wanted = true;
  for (std::size_t i = 0; i < order_->wanted.steps.size(); ++i) {
    const HealthWait::Answer answer =
        health_[i].Ask(parts_, StepOf(*order_, order_->wanted, i), stop);
    if (answer.health == StepHealth::kUnasked) {
      pass.wait = answer.wait;
      pass.observed.detail = fmt::format("repaired, waits to be healthy: {}", answer.detail);
      return;
    }
    if (answer.health == StepHealth::kUnhealthy) {
      healthy = false;
      detail += fmt::format("; not healthy since: {}", answer.detail);
    }
  }
  healed_fault_.clear();
  heal_failed_told_ = false;
  failures_ = 0;
  pass.observed.healthy = healthy;
  pass.observed.detail = healthy ? "" : detail;
  TellHealed(detail, healthy, pass);
  ReconcileResult& result = pass.results.back();
  result.duration = std::max(result.at - heal_began_, Milliseconds(0));
}

HealthAnswer DriftWatch::AskOnce(const std::stop_token& stop) {
  for (std::size_t i = 0; i < order_->wanted.steps.size(); ++i) {
    const TargetStep step = StepOf(*order_, order_->wanted, i);
    if (!step.step->health) continue;
    HealthAnswer answer =
        parts_.target.Healthy(step, std::min(step.step->health->timeout, kHealthTry), stop);
    if (!answer.healthy) return answer;
  }
  return {true, ""};
}

ReconcileResult DriftWatch::Result(ReconcileEnd end, std::string detail) const {
  ReconcileResult result;
  result.environment = order_->environment;
  result.project = order_->project;
  result.attempt = order_->attempt;
  result.end = end;
  result.release = order_->wanted.release;
  result.detail = std::move(detail);
  result.at = parts_.clock.Now();
  return result;
}

}  // namespace failgate
