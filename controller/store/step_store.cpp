#include "controller/store/step_store.h"

#include "controller/base/error.h"
#include "controller/store/words.h"

namespace failgate {
namespace {

constexpr const char* kColumns =
    "SELECT run, name, level, position, state, attempt, pid, start_time, started, finished, "
    "exit_code, reason, log_path, log_bytes, result FROM steps ";

Step StepOf(const Rows& rows) {
  Step step;
  step.run = RunId(rows.Text(0));
  step.name = rows.Text(1);
  step.level = rows.Text(2);
  step.position = static_cast<int>(rows.Integer(3));
  step.state = MustParse(ParseStepState(rows.Text(4)), "steps.state");
  step.attempt = static_cast<int>(rows.Integer(5));
  step.pid = static_cast<long>(rows.Integer(6));
  step.start_time = rows.Text(7);
  step.started = rows.OptionalTime(8);
  step.finished = rows.OptionalTime(9);
  if (const std::optional<long long> code = rows.OptionalInteger(10)) {
    step.exit_code = static_cast<int>(*code);
  }
  step.reason = rows.Text(11);
  step.log_path = rows.Text(12);
  step.log_bytes = rows.Integer(13);
  step.result_json = rows.Text(14);
  return step;
}

std::vector<Step> AllOf(Rows rows) {
  std::vector<Step> steps;
  while (rows.Next()) steps.push_back(StepOf(rows));
  return steps;
}

// Only what says something about the step itself counts: not skipped, not cancelled.
void Count(Connection& connection,
           const RunId& run,
           const std::string& name,
           StepState state,
           TimePoint now) {
  if (state != StepState::kPassed && state != StepState::kFailed) return;
  connection.Run(
      "INSERT INTO step_statistics (project, step, runs, failures, total_ms) "
      "SELECT runs.project, steps.name, 1, ?1, max(0, ?2 - steps.started) FROM steps "
      "JOIN runs ON runs.id = steps.run WHERE steps.run = ?3 AND steps.name = ?4 "
      "ON CONFLICT (project, step) DO UPDATE SET runs = runs + 1, "
      "failures = failures + excluded.failures, total_ms = total_ms + excluded.total_ms",
      {state == StepState::kFailed ? 1 : 0, now, run, name});
}

}  // namespace

StepStore::StepStore(Database& database, const Clock& clock) : database_(database), clock_(clock) {}

std::vector<Step> StepStore::Of(const RunId& run) const {
  Session session(database_);
  return AllOf(session->Query(std::string(kColumns) + "WHERE run = ? ORDER BY position", {run}));
}

std::optional<Step> StepStore::Get(const RunId& run, const std::string& name) const {
  Session session(database_);
  Rows rows = session->Query(std::string(kColumns) + "WHERE run = ? AND name = ?", {run, name});
  if (!rows.Next()) return std::nullopt;
  return StepOf(rows);
}

int StepStore::Begin(const RunId& run, const std::string& name, const std::string& log_path) {
  Transaction transaction(database_);
  const int begun = transaction->Run(
      "UPDATE steps SET state = 'running', attempt = attempt + 1, pid = 0, start_time = '', "
      "started = ?, finished = NULL, exit_code = NULL, reason = '', log_path = ?, log_bytes = 0, "
      "result = '' WHERE run = ? AND name = ? AND state = 'pending'",
      {clock_.Now(), log_path, run, name});
  Check(begun == 1, "only a pending step begins");
  int attempt = 0;
  {
    Rows rows =
        transaction->Query("SELECT attempt FROM steps WHERE run = ? AND name = ?", {run, name});
    if (rows.Next()) attempt = static_cast<int>(rows.Integer(0));
  }
  transaction.Commit();
  return attempt;
}

void StepStore::SetProcess(const RunId& run,
                           const std::string& name,
                           long pid,
                           const std::string& start_time) {
  Transaction transaction(database_);
  const int changed = transaction->Run(
      "UPDATE steps SET pid = ?, start_time = ? WHERE run = ? AND name = ? AND state = 'running'",
      {pid, start_time, run, name});
  Check(changed == 1, "only a running step has a process");
  transaction.Commit();
}

void StepStore::End(const RunId& run, const std::string& name, const StepEnd& end) {
  Check(end.state != StepState::kPending && end.state != StepState::kRunning,
        "an attempt ends in a finished state");
  const TimePoint now = clock_.Now();
  Transaction transaction(database_);
  const int changed = transaction->Run(
      "UPDATE steps SET state = ?, finished = ?, pid = 0, exit_code = ?, reason = ?, "
      "log_bytes = ?, result = ? WHERE run = ? AND name = ? AND state = 'running'",
      {Word(end.state), now, end.exit_code, end.reason, end.log_bytes, end.result_json, run, name});
  if (changed == 1) Count(*transaction, run, name, end.state, now);
  transaction.Commit();
}

void StepStore::SetSkipped(const RunId& run, const std::string& name, const std::string& reason) {
  Transaction transaction(database_);
  transaction->Run(
      "UPDATE steps SET state = 'skipped', reason = ? "
      "WHERE run = ? AND name = ? AND state = 'pending'",
      {reason, run, name});
  transaction.Commit();
}

void StepStore::Reset(const RunId& run, const std::string& name) {
  Transaction transaction(database_);
  transaction->Run(
      "UPDATE steps SET state = 'pending', pid = 0, start_time = '' "
      "WHERE run = ? AND name = ? AND state = 'running'",
      {run, name});
  transaction.Commit();
}

void StepStore::Reopen(const RunId& run, const std::string& name) {
  Transaction transaction(database_);
  transaction->Run(
      "UPDATE steps SET state = 'pending', result = '' "
      "WHERE run = ? AND name = ? AND state = 'passed'",
      {run, name});
  transaction.Commit();
}

std::vector<Step> StepStore::Running() const {
  Session session(database_);
  return AllOf(
      session->Query(std::string(kColumns) + "WHERE state = 'running' ORDER BY run, position"));
}

std::map<std::string, StepStatistics> StepStore::Statistics(const ProjectName& project) const {
  std::map<std::string, StepStatistics> statistics;
  Session session(database_);
  Rows rows = session->Query(
      "SELECT step, runs, failures, total_ms FROM step_statistics WHERE project = ?", {project});
  while (rows.Next()) {
    StepStatistics one;
    one.runs = rows.Integer(1);
    one.failures = rows.Integer(2);
    one.total_duration = Milliseconds(rows.Integer(3));
    statistics[rows.Text(0)] = one;
  }
  return statistics;
}

}  // namespace failgate
