#include <fmt/format.h>

#include "controller/base/secret.h"
#include "controller/base/text.h"
#include "controller/promotion/fact_drafts.h"
#include "controller/promotion/fact_trailers.h"

namespace failgate {
namespace {

using Change = std::function<void(EnvironmentState&)>;

/// An order that this very process gave before its first look at the target is not what an earlier
/// one left: `Recovered` claims a restart between promotion and end, and audits look for it.
bool CameBeforeTheRestart(const Situation& situation, const Ordered& decided) {
  const auto controller = situation.log.Controller();
  return !controller || std::chrono::floor<std::chrono::seconds>(decided.at) <=
                            std::chrono::floor<std::chrono::seconds>(controller->since);
}

Fact ResultFact(FactKind kind, const ReconcileResult& result, const ReleaseName& release) {
  Fact fact;
  fact.kind = kind;
  fact.at = result.at;
  fact.environment = result.environment;
  fact.project = result.project;
  fact.release = release;
  fact.recovered = result.recovered;
  return fact;
}

/// The decision that ordered what the log wants now, out of the log itself.
std::optional<DecisionRecord> DecisionOf(const Situation& situation, const std::string& digest) {
  const auto path = DecisionPath(digest);
  const auto bytes = path ? situation.log.File(*path) : std::nullopt;
  if (!bytes) {
    return std::nullopt;
  }
  auto record = DecisionRecordFromJson(*bytes);
  return record ? std::optional<DecisionRecord>(std::move(*record)) : std::nullopt;
}

void AddStory(Fact& fact, const Situation& situation, const Ordered& decided) {
  if (const auto record = situation.Record(decided.release)) {
    AddReleaseTrailers(fact, *record);
  }
  if (const auto decision = DecisionOf(situation, decided.decision)) {
    // Record is told by AddReleaseTrailers; the rest of the decision follows it.
    Fact told;
    std::optional<Wish> wish;
    if (!decided.wanted.empty()) {
      wish.emplace();
      wish->commit = CommitId(decided.wanted);
    }
    AddDecisionTrailers(told, *decision, decided.decision, wish);
    for (Trailer& trailer : told.trailers) {
      if (trailer.first != "Record") {
        fact.trailers.push_back(std::move(trailer));
      }
    }
  }
}

/// A draft that ends the attempt the result belongs to, once.
FactDraft EndOfAttempt(Fact fact, std::string outcome, long attempt, Change change) {
  FactDraft draft;
  draft.fact = std::move(fact);
  draft.fact.Add("Attempt", std::to_string(attempt));
  draft.result = std::move(outcome);
  draft.change = [attempt, change = std::move(change)](LogEdit& edit) {
    EnvironmentState& state = *edit.environment;
    if (state.decided.attempt != attempt || state.decided.finished) {
      return false;
    }
    change(state);
    return true;
  };
  return draft;
}

void Run(EnvironmentState& state,
         const ReleaseName& release,
         const std::string& spec,
         TimePoint at) {
  if (state.running != release || state.running_spec != spec) {
    state.since = at;
  }
  state.running = release;
  state.running_spec = spec;
}

void RememberEnd(EnvironmentState& state, DeploymentEnd end, TimePoint at) {
  const Ordered& decided = state.decided;
  state.Remember(HistoryEntry{decided.release, decided.spec, decided.decision, at, end});
  state.EndSteadyOfOthers();
  if (end == DeploymentEnd::kHealthy) {
    state.SetSteady(at);
  }
}

FactDraft Deployed(const Situation& situation,
                   const ReconcileResult& result,
                   const Ordered& decided) {
  const FactKind kind = decided.rollback ? FactKind::kRolledBack : FactKind::kDeployed;
  Fact fact = ResultFact(kind, result, decided.release);
  const ReleaseName previous =
      situation.log.Environment(result.environment, result.project).running;
  fact.subject =
      decided.rollback
          ? fmt::format("rolled back {} to {}", result.environment.text(), decided.release.text())
          : fmt::format("deployed {} to {}", decided.release.text(), result.environment.text());
  if (!previous.empty()) {
    fact.Add("Previous", previous.text());
  }
  AddStory(fact, situation, decided);
  for (const std::string& check : result.checks) {
    fact.Add("Check", check);
  }
  fact.Add("Duration", HumanDuration(result.duration));
  return EndOfAttempt(
      std::move(fact), "success", result.attempt, [result](EnvironmentState& state) {
        if (state.decided.rollback && !state.running.empty() &&
            state.running != state.decided.release) {
          if (const HistoryEntry* bad = state.EndOf(state.running, state.running_spec)) {
            HistoryEntry entry = *bad;
            entry.end = DeploymentEnd::kRolledBack;
            entry.at = result.at;
            entry.steady.reset();
            entry.steady_until.reset();
            state.Remember(std::move(entry));
          }
        }
        state.decided.finished = true;
        RememberEnd(state, DeploymentEnd::kHealthy, result.at);
        state.cause.clear();
        Run(state, state.decided.release, state.decided.spec, result.at);
        state.health = Health::kHealthy;
        state.drift = Drift::kNone;
      });
}

/// `failed`, for every way in which the wanted release did not come to run well.
FactDraft Failed(const Situation& situation,
                 const ReconcileResult& result,
                 const Ordered& decided) {
  Fact fact = ResultFact(FactKind::kFailed, result, decided.release);
  fact.subject =
      fmt::format("failed to deploy {} to {}", decided.release.text(), result.environment.text());
  AddStory(fact, situation, decided);
  fact.Add("Cause", result.detail);
  fact.Add("Duration", HumanDuration(result.duration));
  const bool goes_back = result.end == ReconcileEnd::kRolledBack;
  const bool stops = result.end == ReconcileEnd::kRollbackFailed ||
                     (decided.rollback && result.end == ReconcileEnd::kFailed);
  return EndOfAttempt(std::move(fact),
                      "failure",
                      result.attempt,
                      [result, goes_back, stops](EnvironmentState& state) {
                        RememberEnd(state, DeploymentEnd::kFailed, result.at);
                        state.cause = OneLine(Redact(result.detail));
                        state.decided.finished =
                            !goes_back;  // else the fact that follows finishes the attempt
                        Run(state, result.running, result.running_spec, result.at);
                        state.health = Health::kUnhealthy;
                        state.drift = Drift::kUnknown;
                        if (stops) {
                          state.stopped = "the way back failed too: " + result.detail;
                        }
                      });
}

FactDraft WentBack(const Situation& situation,
                   const ReconcileResult& result,
                   const Ordered& decided) {
  Fact fact = ResultFact(FactKind::kRolledBack, result, result.running);
  fact.subject =
      fmt::format("rolled back {} to {}", result.environment.text(), result.running.text());
  fact.Add("Previous", decided.release.text());
  if (const auto record = situation.Record(result.running)) {
    AddReleaseTrailers(fact, *record);
  }
  fact.Add("Cause", result.detail);
  fact.Add("Via", "automatic");
  return EndOfAttempt(
      std::move(fact), "success", result.attempt, [result](EnvironmentState& state) {
        const HistoryEntry* good = state.EndOf(result.running, result.running_spec);
        state.decided.release = result.running;
        state.decided.spec = result.running_spec;
        state.decided.decision = good == nullptr ? std::string() : good->decision;
        RememberEnd(state, DeploymentEnd::kHealthy, result.at);
        state.decided.finished = true;
        Run(state, result.running, result.running_spec, result.at);
        state.health = Health::kHealthy;
        state.drift = Drift::kNone;
      });
}

/// Facts about a finished order: what runs was found changed or unhealthy, is well again, or cannot
/// be repaired.
FactDraft DriftFact(
    const ReconcileResult& result, FactKind kind, std::string subject, Drift drift, Health health) {
  FactDraft draft;
  draft.fact = ResultFact(kind, result, result.release);
  draft.fact.subject = std::move(subject);
  draft.fact.Add("Attempt", std::to_string(result.attempt));
  draft.fact.Add("Cause", result.detail);
  if (result.end == ReconcileEnd::kUnhealthy) {
    draft.fact.Add("Drift", "none");
    draft.fact.Add("Health", HealthWord(health));
  }
  draft.result = kind == FactKind::kHealed ? "success" : kind == FactKind::kFailed ? "failure" : "";
  draft.change = [result, drift, health](LogEdit& edit) {
    EnvironmentState& state = *edit.environment;
    const bool same =
        state.drift == drift && (state.health == health || result.end == ReconcileEnd::kDrifted);
    const bool other = state.decided.attempt != result.attempt;
    // While it is drifted its health is not asked: only `healed` ends a drift.
    const bool early = result.end == ReconcileEnd::kUnhealthy && state.drift == Drift::kDrifted;
    if (same || other || early) {
      return false;
    }
    state.drift = drift;
    state.health = health;
    const bool steady = drift == Drift::kNone && health == Health::kHealthy;
    state.SetSteady(steady ? std::optional<TimePoint>(edit.fact.at) : std::nullopt);
    return true;
  };
  return draft;
}

}  // namespace

std::vector<FactDraft> ResultDrafts(const Situation& situation, const ReconcileResult& reported) {
  const Ordered decided = situation.log.Environment(reported.environment, reported.project).decided;
  ReconcileResult result = reported;
  result.recovered = result.recovered && CameBeforeTheRestart(situation, decided);
  const std::string where =
      fmt::format("{} in {}", result.release.text(), result.environment.text());
  const Health health = result.healthy ? Health::kHealthy : Health::kUnhealthy;
  switch (result.end) {
    case ReconcileEnd::kDeployed:
      return {Deployed(situation, result, decided)};
    case ReconcileEnd::kFailed:
    case ReconcileEnd::kRollbackFailed:
      return {Failed(situation, result, decided)};
    case ReconcileEnd::kRolledBack:
      return {Failed(situation, result, decided), WentBack(situation, result, decided)};
    case ReconcileEnd::kDrifted:
      // What is not as decided is not asked for its health: a repair that fails is news.
      return {DriftFact(
          result, FactKind::kDrifted, "drifted " + where, Drift::kDrifted, Health::kUnknown)};
    case ReconcileEnd::kUnhealthy:
      return {DriftFact(result, FactKind::kDrifted, "unhealthy " + where, Drift::kNone, health)};
    case ReconcileEnd::kHealed:
      return {DriftFact(result, FactKind::kHealed, "healed " + where, Drift::kNone, health)};
    case ReconcileEnd::kRemoved:
    case ReconcileEnd::kRemoveFailed:
      return {RemovalEndDraft(result)};
    case ReconcileEnd::kHealFailed:
      return {DriftFact(result,
                        FactKind::kFailed,
                        "failed to heal " + where,
                        Drift::kDrifted,
                        Health::kUnhealthy)};
  }
  return {};
}

}  // namespace failgate
