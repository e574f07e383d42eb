#include "controller/promotion/ladder_forecast.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "controller/promotion/release_facts.h"
#include "controller/promotion/situation.h"
#include "controller/promotion/soak_facts.h"
#include "controller/promotion/zone_facts.h"
#include "policies/evaluate.h"

namespace failgate {
namespace {

/// What these say does not depend on a run. Any other gate waits for one: nothing is foretold that
/// nobody can know.
constexpr std::array<std::string_view, 7> kKnownBefore{
    "except", "policy", "after", "soak", "signed", "approvals", "window"};

class Forecast {
 public:
  Forecast(const Situation& situation, const ForecastRelease& release)
      : situation_(situation), release_(release) {
    record_.project = release.project;
    record_.revision = release.revision;
    record_.number = situation.log.Project(release.project).releases + 1;
    record_.name = MakeReleaseName(release.project, static_cast<long>(record_.number));
  }

  [[nodiscard]] std::vector<ForecastGate> Gates(const EnvironmentProject& pair) const {
    const Policy policy = situation_.PolicyOf(pair);
    std::vector<ForecastGate> gates;
    for (GateVerdict& verdict : Evaluate(policy, FactsFor(pair, policy)).verdicts) {
      ForecastGate gate;
      gate.gate = verdict.gate;
      gate.mode = verdict.mode;
      if (std::find(kKnownBefore.begin(), kKnownBefore.end(), verdict.gate) == kKnownBefore.end()) {
        gate.reason = gate.gate == "sonar" ? "judged by what SonarQube says of the revision"
                                           : "judged by what the run proves";
      } else {
        gate.verdict = verdict.verdict;
        gate.reason = std::move(verdict.reason);
        gate.until = verdict.until;
      }
      gates.push_back(std::move(gate));
    }
    return gates;
  }

 private:
  [[nodiscard]] CommitId RevisionThatRuns(const EnvironmentProject& pair) const {
    const ReleaseName running = situation_.log.Environment(pair.first, pair.second).running;
    const auto record = running.empty() ? std::nullopt : situation_.Record(running);
    return record ? record->revision : CommitId();
  }

  [[nodiscard]] Facts FactsFor(const EnvironmentProject& pair, const Policy& policy) const {
    Facts facts;
    facts.project = pair.second;
    facts.environment = pair.first;
    facts.release = record_.name;
    // Of no record: whatever was approved so far was approved for another release.
    facts.record = "sha256:" + std::string(64, '0');
    facts.now = situation_.now;
    facts.requested_via = "automatic";
    const CommitId running = RevisionThatRuns(pair);
    if (AsksForAuthors(policy)) {
      const auto authors = situation_.authors.Between(release_.source, running, release_.revision);
      facts.authors_known = authors.has_value();
      facts.authors = authors.value_or(std::vector<Person>{});
    }
    if (policy.after) {
      facts.after = LadderFactOf(situation_, *policy.after, record_);
    }
    if (policy.signed_commits) {
      facts.signed_commits = situation_.signers->Between(
          release_.source, running, release_.revision, situation_.view.people);
    }
    facts.soaks = SoakFactsOf(situation_, policy, record_);
    facts.zones = ZoneFactsOf(policy, situation_.now);
    if (const auto excepted = ExceptedBecause(situation_, pair, record_)) {
      facts.excepted = true;
      facts.excepted_reason = *excepted;
    }
    return facts;
  }

  const Situation& situation_;
  const ForecastRelease& release_;
  ReleaseRecord record_;
};

/// The sentence of a pair whose gates would not even be asked; empty: they would.
std::string WhatStands(const PromotionSnapshot& snapshot, const EnvironmentProject& pair) {
  const auto found = snapshot.pairs.find(pair);
  if (found == snapshot.pairs.end()) {
    return "";
  }
  const Assessment& assessment = *found->second;
  switch (assessment.state) {
    case PairState::kHeld:
    case PairState::kStopped:
    case PairState::kRemoving:
      return assessment.text;
    case PairState::kInvalid:
      return assessment.problems.empty() ? assessment.text : Describe(assessment.problems.front());
    case PairState::kNothing:
    case PairState::kRunning:
    case PairState::kWaiting:
    case PairState::kBlocked:
    case PairState::kDeploying:
    case PairState::kFailed:
    case PairState::kDrifted:
    case PairState::kRefused:
      return "";
  }
  return "";
}

}  // namespace

std::vector<ForecastEnvironment> ForecastOf(const PromotionSnapshot& snapshot,
                                            const Repository& clone,
                                            const ForecastRelease& release,
                                            SignatureProver* prover) {
  PromotionBounds bounds;
  bounds.known = false;
  AuthorCache authors;
  SourceSigners signers(prover);
  const LogTree tree(clone, snapshot.log_head, snapshot.log);
  const Situation situation{clone,
                            snapshot.main,
                            *snapshot.view,
                            tree,
                            bounds,
                            authors,
                            snapshot.at,
                            &signers,
                            snapshot.policy};
  const Forecast forecast(situation, release);
  std::vector<ForecastEnvironment> environments;
  for (const EnvironmentName& environment : snapshot.view->ladder.order) {
    const EnvironmentProject pair{environment, release.project};
    if (snapshot.view->deployments.count(pair) == 0) {
      continue;
    }
    ForecastEnvironment row;
    row.environment = environment;
    row.last_step = situation.EnvironmentOf(pair).floor.last_step;
    row.gates = forecast.Gates(pair);
    row.stands = WhatStands(snapshot, pair);
    environments.push_back(std::move(row));
  }
  return environments;
}

}  // namespace failgate
