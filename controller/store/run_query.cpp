// What the run store answers; run_store.cpp holds what it changes.
#include <utility>

#include "controller/store/json_columns.h"
#include "controller/store/run_row.h"
#include "controller/store/run_store.h"
#include "controller/store/words.h"

namespace failgate {
namespace {

std::vector<Run> AllOf(Rows rows) {
  std::vector<Run> runs;
  while (rows.Next()) runs.push_back(RunOf(rows));
  return runs;
}

}  // namespace

std::string SelectRuns(std::string_view rest) {
  return std::string(
             "SELECT id, project, source, ref, revision, base_revision, data_version, "
             "trigger_word, training, state, reason, created, started, finished, deliveries, "
             "requested_by, again_nonce <> '', cancel_requested, plan, evidence, release, "
             "release_state, superseded_by FROM runs ") +
         std::string(rest);
}

Run RunOf(const Rows& rows) {
  Run run;
  run.id = RunId(rows.Text(0));
  run.project = ProjectName(rows.Text(1));
  run.source = SourceName(rows.Text(2));
  run.ref = rows.Text(3);
  run.revision = CommitId(rows.Text(4));
  run.base_revision = CommitId(rows.Text(5));
  run.data_version = rows.Text(6);
  run.trigger = MustParse(ParseRunTrigger(rows.Text(7)), "runs.trigger_word");
  run.training = rows.Text(8);
  run.state = MustParse(ParseRunState(rows.Text(9)), "runs.state");
  run.reason = rows.Text(10);
  run.created = rows.Time(11);
  run.started = rows.OptionalTime(12);
  run.finished = rows.OptionalTime(13);
  run.deliveries = DecodeTexts(rows.Text(14));
  run.requested_by = rows.Text(15);
  run.again = rows.Bool(16);
  run.cancel_requested = rows.Bool(17);
  run.plan_json = rows.Text(18);
  run.evidence_json = rows.Text(19);
  run.release = ReleaseName(rows.Text(20));
  run.release_state = MustParse(ParseReleaseState(rows.Text(21)), "runs.release_state");
  run.superseded_by = RunId(rows.Text(22));
  return run;
}

std::optional<Run> RunStore::Get(const RunId& id) const {
  Session session(database_);
  Rows rows = session->Query(SelectRuns("WHERE id = ?"), {id});
  if (!rows.Next()) return std::nullopt;
  return RunOf(rows);
}

std::vector<Run> RunStore::List(const RunFilter& filter) const {
  const std::string_view state = filter.state ? Word(*filter.state) : std::string_view();
  const std::string_view trigger = filter.trigger ? Word(*filter.trigger) : std::string_view();
  Session session(database_);
  return AllOf(session->Query(
      SelectRuns("WHERE (?1 = '' OR project = ?1) AND (?2 = '' OR source = ?2) AND (?3 = '' OR ref "
                 "= ?3) AND (?4 = '' OR revision = ?4) AND (?5 = '' OR state = ?5) AND (?6 = '' OR "
                 "trigger_word = ?6) AND (?7 = '' OR id < ?7) ORDER BY id DESC LIMIT ?8"),
      {filter.project,
       filter.source,
       filter.ref,
       filter.revision,
       state,
       trigger,
       filter.before,
       filter.limit}));
}

std::vector<Run> RunStore::InState(RunState state) const {
  Session session(database_);
  return AllOf(session->Query(SelectRuns("WHERE state = ? ORDER BY id"), {Word(state)}));
}

bool RunStore::IsCancelRequested(const RunId& id) const {
  Session session(database_);
  return session->Query("SELECT 1 FROM runs WHERE id = ? AND cancel_requested = 1", {id}).Next();
}

std::vector<Run> RunStore::UntoldSuperseded() const {
  Session session(database_);
  return AllOf(session->Query(SelectRuns(
      "WHERE state = 'superseded' AND release_state = 'none' AND trigger_word <> 'check' "
      "ORDER BY id")));
}

std::vector<Run> RunStore::OwedReleases() const {
  Session session(database_);
  return AllOf(session->Query(SelectRuns("WHERE release_state = 'owed' ORDER BY finished, id")));
}

}  // namespace failgate
