#include "controller/reconcile/health_wait.h"

#include <algorithm>

#include "controller/base/periodic_loop.h"

namespace failgate {
namespace {

constexpr Milliseconds kFirstWait{200};
constexpr Milliseconds kLongestWait{5'000};
constexpr Milliseconds kShortestTry{1};
constexpr Milliseconds kLeastForATry{1'000};

}  // namespace

HealthWait::Answer HealthWait::Ask(const ReconcileParts& parts,
                                   const TargetStep& step,
                                   const std::stop_token& stop) {
  if (!step.step->health) return {StepHealth::kHealthy, "", Milliseconds(0)};
  const HealthCheck& check = *step.step->health;
  if (!deadline_) deadline_ = parts.clock.Steady() + check.timeout;
  const auto left = [&] {
    return std::chrono::duration_cast<Milliseconds>(*deadline_ - parts.clock.Steady());
  };
  Milliseconds within = std::max(left(), kShortestTry);
  if (check.kind != HealthCheck::Kind::kCommand) within = std::min(within, kHealthTry);
  const HealthAnswer answer = parts.target.Healthy(step, within, stop);
  if (answer.healthy) return {StepHealth::kHealthy, answer.detail, Milliseconds(0)};
  if (stop.stop_requested()) return {StepHealth::kUnasked, answer.detail, Milliseconds(0)};
  // A try that has no time left would only tell of the deadline, not of what is wrong.
  if (left() <= kLeastForATry) return {StepHealth::kUnhealthy, answer.detail, Milliseconds(0)};
  const Milliseconds wait =
      std::min(Backoff(kFirstWait, kLongestWait, tries_++), left() - kLeastForATry);
  return {StepHealth::kUnasked, answer.detail, std::max(wait, kShortestTry)};
}

}  // namespace failgate
