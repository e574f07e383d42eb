#include "controller/store/run_store.h"

#include <algorithm>
#include <map>
#include <utility>

#include "controller/base/error.h"
#include "controller/store/json_columns.h"
#include "controller/store/run_row.h"

namespace failgate {
namespace {

std::optional<RunId> ExistingRun(Connection& connection, const NewRun& run) {
  Rows rows = connection.Query(
      "SELECT id FROM runs WHERE source = ? AND ref = ? AND revision = ? AND data_version = ? AND "
      "trigger_word = ? AND again_nonce = ?",
      {run.source, run.ref, run.revision, run.data_version, Word(run.trigger), run.again_nonce});
  if (!rows.Next()) return std::nullopt;
  return RunId(rows.Text(0));
}

RunStore::Created Insert(Database& database, const NewRun& run, RunState state, TimePoint now) {
  Transaction transaction(database);
  if (const std::optional<RunId> existing = ExistingRun(*transaction, run)) {
    return RunStore::Created{*existing, false};
  }
  const RunId id(database.NextId(now));
  std::optional<TimePoint> finished;
  if (IsFinished(state)) finished = now;
  transaction->Run(
      "INSERT INTO runs (id, project, source, ref, revision, base_revision, data_version, "
      "trigger_word, training, state, reason, created, finished, deliveries, requested_by, "
      "again_nonce, plan, evidence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '')",
      {id,
       run.project,
       run.source,
       run.ref,
       run.revision,
       run.base_revision,
       run.data_version,
       Word(run.trigger),
       run.training,
       Word(state),
       run.reason,
       now,
       finished,
       EncodeTexts(run.deliveries),
       run.requested_by,
       run.again_nonce,
       run.plan_json});
  int position = 0;
  for (const NewStep& step : run.steps) {
    transaction->Run(
        "INSERT INTO steps (run, name, level, position, state) VALUES (?, ?, ?, ?, ?)",
        {id, step.name, step.level, position++, IsFinished(state) ? "skipped" : "pending"});
  }
  transaction.Commit();
  return RunStore::Created{id, true};
}

bool FinishInside(Connection& connection,
                  const RunId& id,
                  RunState state,
                  const std::string& reason,
                  TimePoint now) {
  const bool changed = connection.Run(
                           "UPDATE runs SET state = ?, reason = ?, finished = ? WHERE id = ? AND "
                           "state IN ('queued', 'running')",
                           {Word(state), reason, now, id}) == 1;
  if (!changed) return false;
  connection.Run("UPDATE steps SET state = 'skipped' WHERE run = ? AND state = 'pending'", {id});
  connection.Run(
      "UPDATE steps SET state = 'cancelled', finished = ?, pid = 0 "
      "WHERE run = ? AND state = 'running'",
      {now, id});
  return true;
}

}  // namespace

RunStore::RunStore(Database& database, const Clock& clock) : database_(database), clock_(clock) {}

RunStore::Created RunStore::Create(const NewRun& run) {
  return Insert(database_, run, RunState::kQueued, clock_.Now());
}

RunStore::Created RunStore::CreateFinished(const NewRun& run, RunState state) {
  Check(IsFinished(state), "a run recorded as finished has a finished state");
  return Insert(database_, run, state, clock_.Now());
}

std::vector<Run> RunStore::NextQueued(std::size_t limit, int per_project) const {
  Session session(database_);
  std::map<std::string, int> busy;
  {
    Rows rows = session->Query(
        "SELECT project, count(*) FROM runs WHERE state = 'running' GROUP BY project");
    while (rows.Next()) busy[rows.Text(0)] = static_cast<int>(rows.Integer(1));
  }
  std::vector<Run> runs;
  Rows rows = session->Query(SelectRuns("WHERE state = 'queued' ORDER BY id"));
  while (runs.size() < limit && rows.Next()) {
    Run run = RunOf(rows);
    int& running = busy[run.project.text()];
    if (running >= per_project) continue;
    ++running;
    runs.push_back(std::move(run));
  }
  return runs;
}

bool RunStore::Start(const RunId& id) {
  Transaction transaction(database_);
  const bool started = transaction->Run(
                           "UPDATE runs SET state = 'running', started = coalesce(started, ?) "
                           "WHERE id = ? AND state = 'queued' AND cancel_requested = 0",
                           {clock_.Now(), id}) == 1;
  transaction.Commit();
  return started;
}

bool RunStore::Finish(const RunId& id,
                      RunState state,
                      const std::string& reason,
                      const std::string& evidence_json,
                      ReleaseState release) {
  Check(IsFinished(state), "a run ends in a finished state");
  Transaction transaction(database_);
  if (!FinishInside(*transaction, id, state, reason, clock_.Now())) return false;
  transaction->Run("UPDATE runs SET evidence = ?, release_state = ? WHERE id = ?",
                   {evidence_json, Word(release), id});
  transaction.Commit();
  return true;
}

void RunStore::Requeue(const RunId& id) {
  Transaction transaction(database_);
  transaction->Run("UPDATE runs SET state = 'queued' WHERE id = ? AND state = 'running'", {id});
  transaction.Commit();
}

void RunStore::SetTraining(const RunId& id, const std::string& training) {
  Transaction transaction(database_);
  transaction->Run("UPDATE runs SET training = ? WHERE id = ?", {training, id});
  transaction.Commit();
}

void RunStore::AddDeliveries(const RunId& id, const std::vector<std::string>& deliveries) {
  Transaction transaction(database_);
  std::vector<std::string> all;
  {
    Rows rows = transaction->Query("SELECT deliveries FROM runs WHERE id = ?", {id});
    if (!rows.Next()) return;
    all = DecodeTexts(rows.Text(0));
  }
  for (const std::string& delivery : deliveries) {
    if (std::find(all.begin(), all.end(), delivery) == all.end()) all.push_back(delivery);
  }
  transaction->Run("UPDATE runs SET deliveries = ? WHERE id = ?", {EncodeTexts(all), id});
  transaction.Commit();
}

std::vector<RunId> RunStore::SupersedeQueued(const SourceName& source,
                                             const std::string& ref,
                                             const RunId& newer) {
  std::vector<RunId> superseded;
  Transaction transaction(database_);
  {
    // A schedule trains as it says, whatever is pushed meanwhile; new data is worth as much.
    Rows rows = transaction->Query(
        "SELECT id FROM runs WHERE state = 'queued' AND source = ?1 AND ref = ?2 AND id < ?3 AND "
        "CASE (SELECT trigger_word FROM runs WHERE id = ?3) "
        "WHEN 'schedule' THEN trigger_word = 'schedule' "
        "WHEN 'data' THEN trigger_word IN ('code', 'data', 'schedule') OR "
        "(trigger_word = 'check' AND again_nonce = '') "
        "ELSE trigger_word IN ('code', 'data') OR "
        "(trigger_word = 'check' AND again_nonce = '') END ORDER BY id",
        {source, ref, newer});
    while (rows.Next()) superseded.emplace_back(rows.Text(0));
  }
  const std::string reason = "superseded by run " + newer.text();
  for (const RunId& id : superseded) {
    FinishInside(*transaction, id, RunState::kSuperseded, reason, clock_.Now());
    transaction->Run("UPDATE runs SET superseded_by = ? WHERE id = ?", {newer, id});
  }
  transaction.Commit();
  return superseded;
}

CancelOutcome RunStore::RequestCancel(const RunId& id, const std::string& reason) {
  Transaction transaction(database_);
  std::string state;
  {
    Rows rows = transaction->Query("SELECT state FROM runs WHERE id = ?", {id});
    if (!rows.Next()) return CancelOutcome::kNotFound;
    state = rows.Text(0);
  }
  if (state == Word(RunState::kQueued)) {
    FinishInside(*transaction, id, RunState::kCancelled, reason, clock_.Now());
    transaction.Commit();
    return CancelOutcome::kCancelled;
  }
  if (state != Word(RunState::kRunning)) return CancelOutcome::kAlreadyFinished;
  transaction->Run("UPDATE runs SET cancel_requested = 1, reason = ? WHERE id = ?", {reason, id});
  transaction.Commit();
  return CancelOutcome::kRequested;
}

void RunStore::MarkReleased(const RunId& id, const ReleaseName& release) {
  Transaction transaction(database_);
  transaction->Run(
      "UPDATE runs SET release = ?, release_state = 'done' WHERE id = ? AND release_state = 'owed'",
      {release, id});
  transaction.Commit();
}

void RunStore::OweAgain(const RunId& id) {
  Transaction transaction(database_);
  transaction->Run(
      "UPDATE runs SET release = '', release_state = 'owed' "
      "WHERE id = ? AND state = 'succeeded' AND release_state = 'done'",
      {id});
  transaction->Run(
      "UPDATE runs SET release_state = 'none' "
      "WHERE id = ? AND state = 'superseded' AND release_state = 'ignored'",
      {id});
  transaction.Commit();
}

void RunStore::IgnoreRelease(const RunId& id, const std::string& reason) {
  Transaction transaction(database_);
  transaction->Run(
      "UPDATE runs SET release_state = 'ignored', reason = ? "
      "WHERE id = ? AND (release_state = 'owed' OR "
      "(state = 'superseded' AND release_state = 'none'))",
      {reason, id});
  transaction.Commit();
}

}  // namespace failgate
