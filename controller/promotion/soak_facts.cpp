#include "controller/promotion/soak_facts.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/release_number.h"

namespace failgate {
namespace {

void TellOfHealthy(const EnvironmentState& state, const HistoryEntry& end, SoakFact& fact) {
  fact.since = end.steady;
  if (state.decided.release != end.release) {
    fact.state = SoakState::kReplaced;
    // Until the order that is under way has ended, it alone tells.
    fact.until = end.steady_until.value_or(state.decided.at);
    return;
  }
  if (state.health != Health::kHealthy || state.drift != Drift::kNone ||
      state.running != end.release) {
    fact.state = SoakState::kDisturbed;
    fact.detail = state.drift == Drift::kDrifted ? "drifted" : HealthWord(state.health);
    return;
  }
  fact.state = SoakState::kSteady;
  if (!fact.since) {
    // A former version deployed it: since the last fact about the pair nothing happened there.
    fact.since = std::max(end.at, state.last.at);
  }
}

/// Whether `by` still has the release before it.
bool MayStillEnter(const Situation& situation,
                   const EnvironmentProject& by,
                   const ReleaseRecord& record) {
  const EnvironmentState state = situation.log.Environment(by.first, by.second);
  const HistoryEntry* end = state.LastEnd(record.name);
  return ReleaseNumber(state.decided.release) < ReleaseNumber(record.name) && end == nullptr &&
         !ExceptedBecause(situation, by, record);
}

/// Files that cannot be read are taken at their words: a slip of the pen ends no reservation.
bool NamesAReservation(const Situation& situation,
                       const EnvironmentProject& by,
                       const EnvironmentName& in) {
  std::string words;
  for (const PolicyFile& file : situation.PolicyFilesOf(by)) {
    words += file.text + "\n";
  }
  return words.find("soak") != std::string::npos && words.find("reserve") != std::string::npos &&
         words.find(in.text()) != std::string::npos;
}

bool IsUnreadable(const Situation& situation, const EnvironmentProject& by) {
  return !situation.EnvironmentOf(by).problems.empty() ||
         !situation.DeploymentOf(by).problems.empty();
}

bool EndsLater(const Reservation& one, const std::optional<Reservation>& other) {
  return !other || (other->until && (!one.until || *one.until > *other->until));
}

/// How long `by`, whose gates are read, reserves the place of `record` in `pair`.
std::optional<TimePoint> ReservedUntil(const Situation& situation,
                                       const EnvironmentProject& by,
                                       const EnvironmentProject& pair,
                                       const ReleaseRecord& record) {
  const Policy policy = situation.PolicyOf(by);
  std::optional<TimePoint> longest;
  if (!policy.soak || policy.soak->mode != GateMode::kEnforce) {
    return longest;
  }
  for (const Soak& soak : policy.soak->soaks) {
    if (soak.reserve && soak.in == pair.first) {
      longest = std::max(
          longest, SoaksUntil(soak, SoakFactOf(situation, pair.first, record), situation.now));
    }
  }
  return longest;
}

}  // namespace

SoakFact SoakFactOf(const Situation& situation,
                    const EnvironmentName& environment,
                    const ReleaseRecord& record) {
  SoakFact fact;
  fact.environment = environment;
  const EnvironmentProject pair{environment, record.project};
  if (situation.view.deployments.count(pair) == 0) {
    fact.state = SoakState::kNoSuchEnvironment;
    fact.detail = fmt::format("{} has no {}.yaml", environment.text(), record.project.text());
    return fact;
  }
  if (const auto excepted = ExceptedBecause(situation, pair, record)) {
    fact.state = SoakState::kExcepted;
    fact.detail = *excepted;
    return fact;
  }
  const EnvironmentState state = situation.log.Environment(environment, record.project);
  const HistoryEntry* end = state.LastEnd(record.name);
  if (state.decided.release == record.name && !state.decided.finished) {
    fact.state = SoakState::kDeploying;
    fact.since = state.decided.at;
    return fact;
  }
  if (end == nullptr) {
    return fact;
  }
  switch (end->end) {
    case DeploymentEnd::kHealthy:
      TellOfHealthy(state, *end, fact);
      break;
    case DeploymentEnd::kFailed:
      fact.state = SoakState::kFailed;
      fact.since = end->at;
      break;
    case DeploymentEnd::kRolledBack:
      fact.state = SoakState::kRolledBack;
      fact.since = end->at;
      break;
  }
  return fact;
}

std::vector<SoakFact> SoakFactsOf(const Situation& situation,
                                  const Policy& policy,
                                  const ReleaseRecord& record) {
  std::vector<SoakFact> facts;
  if (policy.soak) {
    for (const Soak& soak : policy.soak->soaks) {
      facts.push_back(SoakFactOf(situation, soak.in, record));
    }
  }
  return facts;
}

std::optional<Reservation> ReservationOf(const Situation& situation,
                                         const EnvironmentProject& pair) {
  std::optional<Reservation> longest;
  const EnvironmentState state = situation.log.Environment(pair.first, pair.second);
  const auto record = state.running.empty() ? std::nullopt : situation.Record(state.running);
  if (!record) {
    return longest;
  }
  for (const auto& environment : situation.view.environments) {
    const EnvironmentProject by{environment.first, pair.second};
    if (by == pair || situation.view.deployments.count(by) == 0 ||
        !MayStillEnter(situation, by, *record)) {
      continue;
    }
    Reservation reservation{record->name, by.first, std::nullopt};
    if (IsUnreadable(situation, by)) {
      const bool steady = SoakFactOf(situation, pair.first, *record).state == SoakState::kSteady;
      if (!steady || !NamesAReservation(situation, by, pair.first)) {
        continue;
      }
    } else {
      reservation.until = ReservedUntil(situation, by, pair, *record);
      if (!reservation.until) {
        continue;
      }
    }
    if (EndsLater(reservation, longest)) {
      longest = std::move(reservation);
    }
  }
  return longest;
}

}  // namespace failgate
