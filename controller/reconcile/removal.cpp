#include "controller/reconcile/removal.h"

#include <fmt/format.h>

#include "controller/base/error.h"
#include "controller/base/fail_point.h"
#include "controller/base/periodic_loop.h"

namespace failgate {
namespace {

constexpr int kMaxRetries = 5;
constexpr Milliseconds kFirstRetry{1'000};
constexpr Milliseconds kLongestRetry{60'000};

}  // namespace

ReconcilePass Removal::Go(const std::stop_token& stop) {
  ReconcilePass pass;
  pass.observed.at = parts_.clock.Now();
  if (ended_) return pass;
  if (stop.stop_requested()) {
    pass.wait = Milliseconds(0);
    return pass;
  }
  try {
    TakeAway();
  } catch (const Error& error) {
    if (error.remedy() == Remedy::kRetry && retries_ < kMaxRetries) {
      pass.observed.detail = fmt::format("is taken away, tried again: {}", error.what());
      pass.wait = Backoff(kFirstRetry, kLongestRetry, retries_++);
      return pass;
    }
    End(ReconcileEnd::kRemoveFailed, error.what(), pass);
    return pass;
  }
  FailPoint("removal-done");
  End(ReconcileEnd::kRemoved, "", pass);
  return pass;
}

void Removal::TakeAway() {
  const Deployable& last = order_->wanted;
  for (std::size_t i = 0; i < last.steps.size(); ++i) {
    const Observation seen = parts_.target.Observe(StepOf(*order_, last, i), false);
    if (seen.kind == Observation::Kind::kForeign) {
      throw Error(Remedy::kNeedsChange, fmt::format("{}: {}", last.steps[i].name, seen.detail));
    }
  }
  FailPoint("removal-begun");
  for (std::size_t i = last.steps.size(); i-- > 0;) {
    parts_.target.Remove(StepOf(*order_, last, i));
  }
  for (std::size_t i = 0; i < last.steps.size(); ++i) {
    const Observation seen = parts_.target.Observe(StepOf(*order_, last, i), true);
    if (seen.kind != Observation::Kind::kAbsent) {
      const bool foreign = seen.kind == Observation::Kind::kForeign;
      throw Error(foreign ? Remedy::kNeedsChange : Remedy::kRetry,
                  fmt::format("{}: was taken away, but something is there: {}",
                              last.steps[i].name,
                              seen.detail.empty() ? "as deployed" : seen.detail));
    }
  }
}

void Removal::End(ReconcileEnd end, const std::string& detail, ReconcilePass& pass) {
  ended_ = true;
  ReconcileResult result;
  result.environment = order_->environment;
  result.project = order_->project;
  result.attempt = order_->attempt;
  result.end = end;
  result.release = order_->wanted.release;
  result.detail = detail;
  result.at = parts_.clock.Now();
  result.recovered = came_ == Attempt::Came::kAtStart;
  pass.observed.detail = detail;
  pass.results.push_back(std::move(result));
}

}  // namespace failgate
