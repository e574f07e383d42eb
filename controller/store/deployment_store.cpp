#include "controller/store/deployment_store.h"

#include <array>

#include "controller/store/words.h"

namespace failgate {
namespace {

constexpr const char* kColumns =
    "SELECT id, environment, project, release, spec, decision, attempt, state, steps, previous, "
    "previous_spec, reason, started, finished FROM deployments ";

Deployment DeploymentOf(const Rows& rows) {
  Deployment deployment;
  deployment.id = rows.Text(0);
  deployment.environment = EnvironmentName(rows.Text(1));
  deployment.project = ProjectName(rows.Text(2));
  deployment.release = ReleaseName(rows.Text(3));
  deployment.spec = rows.Text(4);
  deployment.decision = rows.Text(5);
  deployment.attempt = static_cast<int>(rows.Integer(6));
  deployment.state = MustParse(ParseDeploymentState(rows.Text(7)), "deployments.state");
  deployment.steps_json = rows.Text(8);
  deployment.previous = ReleaseName(rows.Text(9));
  deployment.previous_spec = rows.Text(10);
  deployment.reason = rows.Text(11);
  deployment.started = rows.Time(12);
  deployment.finished = rows.OptionalTime(13);
  return deployment;
}

std::vector<Deployment> AllOf(Rows rows) {
  std::vector<Deployment> deployments;
  while (rows.Next()) deployments.push_back(DeploymentOf(rows));
  return deployments;
}

}  // namespace

std::string_view Word(DeploymentState state) {
  switch (state) {
    case DeploymentState::kPending:
      return "pending";
    case DeploymentState::kApplying:
      return "applying";
    case DeploymentState::kChecking:
      return "checking";
    case DeploymentState::kRollingBack:
      return "rolling-back";
    case DeploymentState::kDone:
      return "done";
    case DeploymentState::kFailed:
      return "failed";
  }
  return "";
}

std::optional<DeploymentState> ParseDeploymentState(std::string_view word) {
  constexpr std::array kAll = {DeploymentState::kPending,
                               DeploymentState::kApplying,
                               DeploymentState::kChecking,
                               DeploymentState::kRollingBack,
                               DeploymentState::kDone,
                               DeploymentState::kFailed};
  return FindWord<DeploymentState>(kAll, word);
}

bool IsFinished(DeploymentState state) {
  return state == DeploymentState::kDone || state == DeploymentState::kFailed;
}

DeploymentStore::DeploymentStore(Database& database, const Clock& clock)
    : database_(database), clock_(clock) {}

std::optional<Deployment> DeploymentStore::Begin(Deployment deployment) {
  deployment.started = clock_.Now();
  deployment.finished.reset();
  deployment.id = database_.NextId(deployment.started);
  Transaction transaction(database_);
  {
    Rows rows = transaction->Query(
        "SELECT coalesce(max(attempt), 0) + 1 FROM deployments WHERE environment = ? AND project = "
        "? AND release = ? AND spec = ? AND decision = ?",
        {deployment.environment,
         deployment.project,
         deployment.release,
         deployment.spec,
         deployment.decision});
    if (rows.Next()) deployment.attempt = static_cast<int>(rows.Integer(0));
  }
  const int added = transaction->Run(
      "INSERT INTO deployments (id, environment, project, release, spec, decision, attempt, state, "
      "steps, previous, previous_spec, reason, started) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      {deployment.id,
       deployment.environment,
       deployment.project,
       deployment.release,
       deployment.spec,
       deployment.decision,
       deployment.attempt,
       Word(deployment.state),
       deployment.steps_json,
       deployment.previous,
       deployment.previous_spec,
       deployment.reason,
       deployment.started});
  if (added == 0) return std::nullopt;
  transaction.Commit();
  return deployment;
}

bool DeploymentStore::Update(const std::string& id,
                             DeploymentState state,
                             const std::string& steps_json,
                             const std::string& reason) {
  std::optional<TimePoint> finished;
  if (IsFinished(state)) finished = clock_.Now();
  Transaction transaction(database_);
  const bool updated = transaction->Run(
                           "UPDATE deployments SET state = ?, steps = ?, reason = ?, finished = ? "
                           "WHERE id = ? AND finished IS NULL",
                           {Word(state), steps_json, reason, finished, id}) == 1;
  transaction.Commit();
  return updated;
}

std::optional<Deployment> DeploymentStore::Get(const std::string& id) const {
  Session session(database_);
  Rows rows = session->Query(std::string(kColumns) + "WHERE id = ?", {id});
  if (!rows.Next()) return std::nullopt;
  return DeploymentOf(rows);
}

std::optional<Deployment> DeploymentStore::Unfinished(const EnvironmentName& environment,
                                                      const ProjectName& project) const {
  Session session(database_);
  Rows rows = session->Query(
      std::string(kColumns) +
          "WHERE environment = ? AND project = ? AND state NOT IN ('done', 'failed')",
      {environment, project});
  if (!rows.Next()) return std::nullopt;
  return DeploymentOf(rows);
}

std::vector<Deployment> DeploymentStore::AllUnfinished() const {
  Session session(database_);
  return AllOf(
      session->Query(std::string(kColumns) + "WHERE state NOT IN ('done', 'failed') ORDER BY id"));
}

std::vector<Deployment> DeploymentStore::List(const DeploymentFilter& filter) const {
  // Only the conditions that are asked for, so that SQLite picks the index that fits.
  std::string sql = std::string(kColumns) + "WHERE (?3 = '' OR id < ?3)";
  if (!filter.environment.empty()) sql += " AND environment = ?1";
  if (!filter.project.empty()) sql += " AND project = ?2";
  Session session(database_);
  return AllOf(session->Query(sql + " ORDER BY id DESC LIMIT ?4",
                              {filter.environment, filter.project, filter.before, filter.limit}));
}

}  // namespace failgate
