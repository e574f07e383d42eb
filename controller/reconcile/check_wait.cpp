#include "controller/reconcile/check_wait.h"

#include <fmt/format.h>

#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr Milliseconds kLookAgain{500};
constexpr std::size_t kShownMetrics = 3;

CheckJob JobFor(const Order& order, const OperationsCheck& check) {
  CheckJob job;
  job.kind = CheckKind::kAfter;
  job.environment = order.environment;
  job.project = order.project;
  job.check = check;
  job.files = order.check_files;
  job.candidate = CheckedRelease{order.wanted.release, order.record, order.wanted.artifacts};
  job.order = fmt::format("{} {}", order.attempt, order.decision);
  job.address = AddressOf(order.wanted);
  for (const DeployStep& step : order.wanted.steps) {
    if (step.directory.path.empty()) continue;
    job.deployed = step.directory.path;
    break;
  }
  return job;
}

std::string Tell(const OperationsCheck& check, const CheckOutcome& outcome) {
  std::vector<std::string> found;
  if (outcome.tests.passed > 0) {
    found.push_back(fmt::format("{} {}", check.level, outcome.tests.passed));
  }
  for (const auto& [name, value] : outcome.metrics) {
    if (found.size() > kShownMetrics) break;
    found.push_back(fmt::format("{} {}", OneLine(name, 60), FormatNumber(value)));
  }
  return found.empty() ? check.name + " pass"
                       : fmt::format("{} pass ({})", check.name, Join(found, ", "));
}

}  // namespace

std::string AddressOf(const Deployable& deployable) {
  for (const DeployStep& step : deployable.steps) {
    if (!step.health) continue;
    switch (step.health->kind) {
      case HealthCheck::Kind::kHttp:
      case HealthCheck::Kind::kTcp:
        return step.health->value;
      case HealthCheck::Kind::kCommand:
        break;
    }
  }
  return {};
}

CheckWait::Answer CheckWait::Ask(const ReconcileParts& parts, const Order& order) {
  if (parts.checks == nullptr) {
    return {StepHealth::kUnhealthy, "its checks cannot be run here", Milliseconds(0)};
  }
  found_.clear();
  for (const OperationsCheck& check : order.checks) {
    const CheckJob job = JobFor(order, check);
    const CheckLook look = parts.checks->Look(KeyOf(job));
    if (!look.outcome) {
      parts.checks->Want(job);
      return {StepHealth::kUnasked,
              look.trouble.empty() ? fmt::format("check {} is running", check.name)
                                   : fmt::format("check {} could not be run, it is tried again: {}",
                                                 check.name,
                                                 look.trouble),
              kLookAgain};
    }
    if (!look.outcome->passed) {
      return {StepHealth::kUnhealthy,
              fmt::format("check {} failed: {}", check.name, look.outcome->reason),
              Milliseconds(0)};
    }
    found_.push_back(Tell(check, *look.outcome));
  }
  return {StepHealth::kHealthy, "", Milliseconds(0)};
}

}  // namespace failgate
