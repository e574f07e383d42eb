#include "controller/promotion/orders.h"

#include <fmt/format.h>

#include "controller/base/log.h"
#include "policies/decision_json.h"

namespace failgate {
namespace {

std::optional<ProjectDeployment> JudgedDeployment(const Situation& situation,
                                                  const EnvironmentProject& pair,
                                                  const std::string& decision) {
  const auto path = DecisionPath(decision);
  const auto bytes = path ? situation.log.File(*path) : std::nullopt;
  if (!bytes) {
    return std::nullopt;
  }
  const auto record = DecisionRecordFromJson(*bytes);
  if (!record || record->policy.size() < 2) {
    return std::nullopt;
  }
  ProjectDeployment deployment =
      ReadProjectDeployment(pair.first, pair.second, record->policy.back());
  return deployment.problems.empty() ? std::optional<ProjectDeployment>(std::move(deployment))
                                     : std::nullopt;
}

std::optional<Deployable> MakeDeployable(const Situation& situation,
                                         const EnvironmentProject& pair,
                                         const ReleaseName& release,
                                         const std::string& decision) {
  const auto record = situation.Record(release);
  auto deployment = JudgedDeployment(situation, pair, decision);
  if (!record || !deployment) {
    return std::nullopt;
  }
  Deployable deployable;
  deployable.release = release;
  deployable.spec = SpecDigest(*deployment);
  deployable.artifacts = record->artifacts;
  deployable.steps = std::move(deployment->deploy);
  return deployable;
}

std::optional<Order> MakeOrder(const Situation& situation,
                               const EnvironmentProject& pair,
                               const EnvironmentState& state) {
  const Ordered& decided = state.decided;
  auto wanted = MakeDeployable(situation, pair, decided.release, decided.decision);
  const auto judged = JudgedDeployment(situation, pair, decided.decision);
  if (!wanted || !judged || wanted->spec != decided.spec) {
    log::Warning("what was decided cannot be carried out: its record or decision does not hold it",
                 {{"environment", pair.first.text()}, {"release", decided.release.text()}});
    return std::nullopt;
  }
  const auto current = situation.view.deployments.find(pair);
  const bool readable =
      current != situation.view.deployments.end() && current->second.problems.empty();
  const ProjectDeployment& settings = readable ? current->second : *judged;
  Order order;
  order.environment = pair.first;
  order.project = pair.second;
  order.attempt = decided.attempt;
  order.finished = decided.finished;
  order.drifted = state.drift == Drift::kDrifted;
  order.wanted = std::move(*wanted);
  order.drift = settings.drift;
  order.on_failure = settings.on_failure;
  order.decision = decided.decision;
  // A rollback that fails has no way back of its own: it stops, and a person decides.
  if (const HistoryEntry* back = WayBack(state); back != nullptr && !decided.rollback) {
    order.previous = MakeDeployable(situation, pair, back->release, back->decision);
  }
  return order;
}

}  // namespace

const HistoryEntry* WayBack(const EnvironmentState& state) {
  for (auto entry = state.history.rbegin(); entry != state.history.rend(); ++entry) {
    const bool itself =
        entry->release == state.decided.release && entry->spec == state.decided.spec;
    if (entry->end == DeploymentEnd::kHealthy && !itself) {
      return &*entry;
    }
  }
  return nullptr;
}

std::vector<Order> BuildOrders(const Situation& situation, const LogView& log) {
  std::vector<Order> orders;
  for (const auto& [pair, state] : log.environments) {
    const HistoryEntry* end = state.EndOf(state.decided.release, state.decided.spec);
    const bool given_up =
        state.decided.finished && end != nullptr && end->end == DeploymentEnd::kFailed;
    if (state.decided.release.empty() || given_up || state.decided.retry ||
        !state.stopped.empty()) {
      continue;
    }
    try {
      if (auto order = MakeOrder(situation, pair, state)) {
        orders.push_back(std::move(*order));
      }
    } catch (const Error& error) {
      // What runs there stays as it is; the other pairs go on.
      log::Error("an order cannot be read",
                 {{"environment", pair.first.text()}, {"error", error.what()}});
    }
  }
  return orders;
}

}  // namespace failgate
