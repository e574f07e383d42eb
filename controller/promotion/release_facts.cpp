#include "controller/promotion/release_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "controller/promotion/authors.h"
#include "controller/promotion/check_facts.h"
#include "controller/promotion/soak_facts.h"
#include "controller/promotion/zone_facts.h"
#include "controller/sonar/sonar_desk.h"
#include "policies/evaluate.h"

namespace failgate {
namespace {

std::vector<ApprovalFact> ApprovalsOf(const EnvironmentState& state, const Candidate& candidate) {
  std::vector<ApprovalFact> approvals;
  for (const StandingApproval& given : state.approvals) {
    // A yes counts for the way of deploying that was looked at; a no counts for any.
    if (given.release == candidate.release && (given.rejects || given.spec == candidate.spec)) {
      ApprovalFact approval;
      approval.person = given.person;
      approval.rejects = given.rejects;
      approval.at = given.at;
      approval.expires = given.expires;
      approval.record = given.record;
      approval.via = given.file.empty() ? "api" : "commit";
      approval.with_signature = !given.file.empty();
      approvals.push_back(std::move(approval));
    }
  }
  return approvals;
}

std::vector<OverrideFact> OverridesOf(const EnvironmentState& state,
                                      const Candidate& candidate,
                                      TimePoint now) {
  std::vector<OverrideFact> overrides;
  for (const StandingOverride& given : state.overrides) {
    if (given.release == candidate.release && given.spec == candidate.spec && given.until > now) {
      overrides.push_back(OverrideFact{
          given.gate, given.person, given.reason, given.at, given.until, given.record});
    }
  }
  return overrides;
}

CommitId RevisionOf(const Situation& situation, const ReleaseName& release) {
  const auto record = release.empty() ? std::nullopt : situation.Record(release);
  return record ? record->revision : CommitId();
}

std::string DataOf(const Situation& situation, const ReleaseName& release) {
  const auto record = release.empty() ? std::nullopt : situation.Record(release);
  return record ? record->data : "";
}

void AddAuthors(const Situation& situation,
                const EnvironmentState& state,
                const ReleaseRecord& record,
                Facts& facts) {
  auto authors = situation.authors.Between(situation.bounds.CommitsOf(record.source),
                                           RevisionOf(situation, state.running),
                                           record.revision);
  if (!authors && state.running == record.previous && !record.authors.empty()) {
    authors = record.authors;
  }
  const auto of_data = DataAuthorsBetween(
      DataOf(situation, state.running),
      record.data,
      [&](const SourceName& source, const CommitId& from, const CommitId& to) {
        return situation.authors.Between(situation.bounds.CommitsOf(source), from, to);
      });
  facts.authors_known = authors.has_value() && of_data.has_value();
  facts.authors =
      WithMore(authors.value_or(std::vector<Person>{}), of_data.value_or(std::vector<Person>{}));
}

SignedCommitsFact SignedCommitsOf(const Situation& situation,
                                  const EnvironmentState& state,
                                  const ReleaseRecord& record) {
  if (situation.signers == nullptr) {
    return {};
  }
  return situation.signers->Between(situation.bounds.CommitsOf(record.source),
                                    RevisionOf(situation, state.running),
                                    record.revision,
                                    situation.view.people);
}

std::vector<ArtifactFact> ArtifactsOf(const ReleaseRecord& record) {
  std::vector<ArtifactFact> facts;
  for (const ArtifactRecord& artifact : record.artifacts) {
    facts.push_back({artifact.name,
                     "sha256:" + artifact.sha256,
                     artifact.size,
                     artifact.format,
                     artifact.kind == ArtifactKind::kFolder,
                     artifact.contents});
  }
  return facts;
}

SonarFact SonarFactOf(const Situation& situation,
                      const SonarGate& gate,
                      const ProjectName& project,
                      const ReleaseRecord& record) {
  const SonarQuestion question{SonarProjectOf(gate, project), gate.branch, record.revision};
  if (situation.sonar != nullptr) {
    return situation.sonar->Look(question);
  }
  SonarFact fact;
  fact.project = question.project;
  fact.branch = question.branch;
  fact.revision = question.revision;
  fact.state = situation.bounds.known ? SonarState::kNotConfigured : SonarState::kNotAsked;
  return fact;
}

std::map<std::string, std::string> TrainedOf(const ReleaseRecord& record) {
  std::map<std::string, std::string> trained;
  for (const ArtifactRecord& artifact : record.artifacts) {
    if (artifact.trained == "full") {
      trained[artifact.name] = "sha256:" + artifact.sha256;
    }
  }
  return trained;
}

/// Empty when its steps tell none, or contradict each other.
std::vector<SchemaField> SchemaOf(const ReleaseRecord& record) {
  std::vector<SchemaField> schema;
  for (const StepMeasurement& step : record.evidence.measured) {
    if (!step.consistency || step.consistency->schema.empty()) {
      continue;
    }
    if (!schema.empty() && schema != step.consistency->schema) {
      return {};
    }
    schema = step.consistency->schema;
  }
  return schema;
}

/// Those that `gate` asks for by "KEY=*".
std::vector<std::string> SlicesOf(const ReleaseRecord& record, const ModelGate& gate) {
  std::set<std::string> names;
  for (const ModelMetric& demand : gate.metrics) {
    for (const std::string& slice : demand.slices) {
      if (slice.empty() || slice.back() != '*') {
        continue;
      }
      const std::string start = demand.metric + "[" + slice.substr(0, slice.size() - 1);
      for (const StepMeasurement& step : record.evidence.measured) {
        for (auto metric = step.metrics.lower_bound(start);
             metric != step.metrics.end() && metric->first.compare(0, start.size(), start) == 0;
             ++metric) {
          names.insert(metric->first);
        }
      }
    }
  }
  return {names.begin(), names.end()};
}

ModelFacts ModelsOf(const Situation& situation,
                    const ReleaseRecord& record,
                    const ReleaseName& running,
                    const Policy& policy) {
  ModelFacts models;
  models.trained = TrainedOf(record);
  if (const auto champion = running.empty() ? std::nullopt : situation.Record(running)) {
    models.champion_trained = TrainedOf(*champion);
    models.champion_schema = SchemaOf(*champion);
    if (policy.model) {
      models.champion_slices = SlicesOf(*champion, *policy.model);
    }
  }
  return models;
}

std::optional<ChampionDataFact> ChampionDataOf(const Situation& situation,
                                               const ReleaseName& running) {
  const auto record = running.empty() ? std::nullopt : situation.Record(running);
  if (!record || !record->evidence.data || !record->evidence.data->table) {
    return std::nullopt;
  }
  ChampionDataFact champion;
  champion.release = running.text();
  for (const auto& [name, column] : record->evidence.data->table->columns) {
    champion.columns[name] = column.type;
  }
  return champion;
}

}  // namespace

bool AsksForAuthors(const Policy& policy) {
  return policy.approvals && std::find(policy.approvals->excluded.begin(),
                                       policy.approvals->excluded.end(),
                                       Excluded::kAuthor) != policy.approvals->excluded.end();
}

LadderFact LadderFactOf(const Situation& situation,
                        const EnvironmentName& after,
                        const ReleaseRecord& record) {
  LadderFact fact;
  fact.environment = after;
  const EnvironmentProject pair{after, record.project};
  if (situation.view.deployments.count(pair) == 0) {
    fact.state = LadderState::kNoSuchEnvironment;
    fact.detail = fmt::format("{} has no {}.yaml", after.text(), record.project.text());
    return fact;
  }
  if (const auto excepted = ExceptedBecause(situation, pair, record)) {
    fact.state = LadderState::kExcepted;
    fact.detail = *excepted;
    return fact;
  }
  const EnvironmentState state = situation.log.Environment(after, record.project);
  const HistoryEntry* end = state.LastEnd(record.name);
  if (state.decided.release == record.name && !state.decided.finished) {
    fact.state = LadderState::kDeploying;
    fact.since = state.decided.at;
  } else if (end == nullptr) {
    fact.state = LadderState::kNeverThere;
  } else {
    fact.since = end->at;
    switch (end->end) {
      case DeploymentEnd::kHealthy:
        fact.state = LadderState::kPassed;
        break;
      case DeploymentEnd::kFailed:
        fact.state = LadderState::kFailed;
        break;
      case DeploymentEnd::kRolledBack:
        fact.state = LadderState::kRolledBack;
        break;
    }
  }
  return fact;
}

std::optional<Facts> GatherFacts(const Situation& situation, const Candidate& candidate) {
  const auto record = situation.Record(candidate.release);
  if (!record) {
    return std::nullopt;
  }
  const EnvironmentState state =
      situation.log.Environment(candidate.pair.first, candidate.pair.second);
  const Policy policy = situation.PolicyOf(candidate.pair);
  Facts facts;
  facts.project = candidate.pair.second;
  facts.environment = candidate.pair.first;
  facts.release = candidate.release;
  facts.record = ReleaseRecordDigest(*record);
  facts.now = situation.now;
  facts.evidence = record->evidence;
  facts.rollback = candidate.rollback;
  if (AsksForAuthors(policy)) {
    AddAuthors(situation, state, *record, facts);
  }
  if (candidate.wish) {
    facts.requested_via = candidate.wish->by_api ? "api" : "commit";
    if (!candidate.wish->requester.empty()) {
      facts.requester = candidate.wish->requester;
    }
  } else {
    facts.requested_via = "automatic";
  }
  facts.approvals = ApprovalsOf(state, candidate);
  facts.overrides = OverridesOf(state, candidate, situation.now);
  if (policy.after) {
    facts.after = LadderFactOf(situation, *policy.after, *record);
  }
  if (policy.signed_commits) {
    facts.signed_commits = SignedCommitsOf(situation, state, *record);
  }
  if (policy.artifacts || policy.requirements) {
    facts.artifacts = ArtifactsOf(*record);
  }
  if (policy.requirements && situation.requirements != nullptr) {
    facts.requirements =
        situation.requirements->At(situation.bounds.mirrors / (record->source.text() + ".git"),
                                   record->revision,
                                   *policy.requirements);
  }
  if (policy.sonar) {
    facts.sonar = SonarFactOf(situation, *policy.sonar, facts.project, *record);
  }
  if (policy.model || policy.consistency) {
    facts.models = ModelsOf(situation, *record, state.running, policy);
  }
  if (policy.data && policy.data->same_as_champion) {
    facts.champion_data = ChampionDataOf(situation, state.running);
  }
  facts.soaks = SoakFactsOf(situation, policy, *record);
  facts.zones = ZoneFactsOf(policy, situation.now);
  if (!state.running.empty()) {
    facts.running = state.running;
  }
  if (const auto excepted = ExceptedBecause(situation, candidate.pair, *record)) {
    facts.excepted = true;
    facts.excepted_reason = *excepted;
  }
  AddCheckFacts(situation, candidate, *record, policy, facts);
  return facts;
}

std::optional<DecisionRecord> Judge(const Situation& situation, const Candidate& candidate) {
  auto facts = GatherFacts(situation, candidate);
  if (!facts) {
    return std::nullopt;
  }
  DecisionRecord record;
  record.project = facts->project;
  record.environment = facts->environment;
  record.release = facts->release;
  record.record = facts->record;
  record.time = facts->now;
  record.policy = situation.PolicyFilesOf(candidate.pair);
  record.decision = Evaluate(situation.PolicyOf(candidate.pair), *facts);
  record.facts = std::move(*facts);
  return record;
}

}  // namespace failgate
