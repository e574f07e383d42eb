#include "controller/promotion/orders.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/base/log.h"
#include "policies/decision_json.h"

namespace failgate {
namespace {

/// What a decision let in, as its record holds it.
struct Judged {
  ProjectDeployment deployment;
  std::optional<CheckFilesFact> check_files;
  std::string record;
};

std::optional<Judged> JudgedBy(const Situation& situation,
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
  if (!deployment.problems.empty()) {
    return std::nullopt;
  }
  return Judged{std::move(deployment), record->facts.check_files, record->record};
}

std::optional<Deployable> MakeDeployable(const Situation& situation,
                                         const ReleaseName& release,
                                         const std::optional<Judged>& judged) {
  const auto record = situation.Record(release);
  if (!record || !judged) {
    return std::nullopt;
  }
  const ProjectDeployment& deployment = judged->deployment;
  Deployable deployable;
  deployable.release = release;
  deployable.spec = SpecDigest(deployment);
  deployable.artifacts = record->artifacts;
  deployable.steps = deployment.deploy;
  // Records may be large, and orders stay in memory: only who asks for it has one.
  const bool asked = std::any_of(deployable.steps.begin(),
                                 deployable.steps.end(),
                                 [](const DeployStep& step) { return step.mlflow.has_value(); });
  if (asked) {
    deployable.record = std::make_shared<const ReleaseRecord>(*record);
  }
  return deployable;
}

SharedOrder MakeOrder(const Situation& situation,
                      const EnvironmentProject& pair,
                      const EnvironmentState& state) {
  const Ordered& decided = state.decided;
  const auto judged = JudgedBy(situation, pair, decided.decision);
  const auto current = situation.view.deployments.find(pair);
  const bool readable =
      current != situation.view.deployments.end() && current->second.problems.empty();
  auto wanted = MakeDeployable(situation, decided.release, judged);
  if (!wanted && decided.removes && readable) {
    // What a lost record deployed can still be taken away from where the file says it is.
    wanted = Deployable{decided.release, decided.spec, {}, current->second.deploy};
  }
  if (!wanted || wanted->spec != decided.spec) {
    log::Warning("what was decided cannot be carried out: its record or decision does not hold it",
                 {{"environment", pair.first.text()}, {"release", decided.release.text()}});
    return nullptr;
  }
  const ProjectDeployment& settings = readable ? current->second : judged->deployment;
  Order order;
  order.environment = pair.first;
  order.project = pair.second;
  order.attempt = decided.attempt;
  order.finished = decided.finished;
  order.removes = decided.removes;
  order.drifted = state.drift == Drift::kDrifted;
  order.unhealthy = state.health == Health::kUnhealthy && !order.drifted;
  order.wanted = std::move(*wanted);
  order.drift = settings.drift;
  order.drift.heal = settings.drift.heal && !(state.hold && !state.hold->healing);
  order.on_failure = settings.on_failure;
  order.decision = decided.decision;
  if (judged) {
    order.checks = judged->deployment.checks.after;
    order.check_files = judged->check_files.value_or(CheckFilesFact{});
    order.record = judged->record;
  }
  // A rollback that fails has no way back of its own: it stops, and a person decides.
  if (const HistoryEntry* back = WayBack(state);
      back != nullptr && !decided.rollback && !decided.removes) {
    order.previous =
        MakeDeployable(situation, back->release, JudgedBy(situation, pair, back->decision));
  }
  return std::make_shared<const Order>(std::move(order));
}

/// Something was decided here, and it was not given up.
bool IsOrdered(const EnvironmentState& state) {
  const Ordered& decided = state.decided;
  const HistoryEntry* end = state.EndOf(decided.release, decided.spec);
  const bool given_up = decided.finished && end != nullptr && end->end == DeploymentEnd::kFailed;
  return !decided.release.empty() && !given_up && !decided.retry && state.stopped.empty() &&
         !(decided.removes && decided.finished);
}

/// The blob of the file an order takes its settings from, beside decisions and records, which never
/// change.
ObjectId SettingsFile(const Situation& situation, const EnvironmentProject& pair) {
  const auto current = situation.view.deployments.find(pair);
  const bool readable =
      current != situation.view.deployments.end() && current->second.problems.empty();
  return readable ? current->second.blob : ObjectId();
}

}  // namespace

const HistoryEntry* WayBack(const EnvironmentState& state) {
  for (auto entry = state.history.rbegin(); entry != state.history.rend(); ++entry) {
    const bool itself =
        entry->release == state.decided.release && entry->spec == state.decided.spec;
    if (entry->order <= state.removed) {
      return nullptr;
    }
    if (entry->end == DeploymentEnd::kHealthy && !itself) {
      return &*entry;
    }
  }
  return nullptr;
}

std::vector<SharedOrder> OrderBook::Build(const Situation& situation, const LogView& log) {
  std::vector<SharedOrder> orders;
  auto before = std::exchange(known_, {});
  for (const auto& [pair, file] : log.environments) {
    const EnvironmentState& state = *file.state;
    if (!IsOrdered(state)) {
      continue;
    }
    const ObjectId settings = SettingsFile(situation, pair);
    auto known = before.extract(pair);
    try {
      if (known.empty() || known.mapped().state != file.state || known.mapped().file != settings) {
        auto order = MakeOrder(situation, pair, state);
        if (!order) {
          continue;
        }
        known_.emplace(pair, Known{file.state, settings, std::move(order)});
      } else {
        known_.insert(std::move(known));
      }
      orders.push_back(known_.at(pair).order);
    } catch (const Error& error) {
      // What runs there stays as it is; the other pairs go on.
      log::Error("an order cannot be read",
                 {{"environment", pair.first.text()}, {"error", error.what()}});
    }
  }
  return orders;
}

}  // namespace failgate
