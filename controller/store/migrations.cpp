#include "controller/store/migrations.h"

#include <fmt/format.h>

#include <array>
#include <string>

#include "controller/base/error.h"
#include "controller/store/database.h"
#include "controller/store/delivery_key.h"
#include "controller/store/key_table.h"

namespace failgate {
namespace {

// Times are milliseconds since 1970 UTC; lists and documents are JSON text.
constexpr const char* kFirstSchema = R"sql(
CREATE TABLE deliveries (
  id TEXT PRIMARY KEY, source TEXT NOT NULL, provider TEXT NOT NULL, delivery_id TEXT NOT NULL,
  event_name TEXT NOT NULL, body_sha256 TEXT NOT NULL, body_bytes INTEGER NOT NULL,
  segment INTEGER NOT NULL, position INTEGER NOT NULL, stored_bytes INTEGER NOT NULL,
  headers TEXT NOT NULL, remote_address TEXT NOT NULL, received_at INTEGER NOT NULL,
  status TEXT NOT NULL, ignored_because TEXT NOT NULL, refs TEXT NOT NULL,
  outcome TEXT NOT NULL DEFAULT '', finished_at INTEGER, replays INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX deliveries_by_status ON deliveries (status, id);
CREATE INDEX deliveries_by_source ON deliveries (source, id);
CREATE TABLE delivery_keys (
  source TEXT NOT NULL, delivery_id TEXT NOT NULL, body_sha256 TEXT NOT NULL,
  delivery TEXT NOT NULL, received_at INTEGER NOT NULL,
  PRIMARY KEY (source, delivery_id, body_sha256)
) WITHOUT ROWID;

CREATE TABLE events (
  id TEXT PRIMARY KEY, source TEXT NOT NULL, ref TEXT NOT NULL, trigger_word TEXT NOT NULL,
  state TEXT NOT NULL, deliveries TEXT NOT NULL, first_at INTEGER NOT NULL,
  latest_at INTEGER NOT NULL, not_before INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE UNIQUE INDEX events_queued ON events (source, ref) WHERE state = 'queued';
CREATE TABLE heads (
  source TEXT NOT NULL, ref TEXT NOT NULL, revision TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (source, ref)
) WITHOUT ROWID;
CREATE TABLE known_sources (source TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE runs (
  id TEXT PRIMARY KEY, project TEXT NOT NULL, source TEXT NOT NULL, ref TEXT NOT NULL,
  revision TEXT NOT NULL, base_revision TEXT NOT NULL, data_version TEXT NOT NULL,
  trigger_word TEXT NOT NULL, training TEXT NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL,
  created INTEGER NOT NULL, started INTEGER, finished INTEGER, deliveries TEXT NOT NULL,
  requested_by TEXT NOT NULL, again_nonce TEXT NOT NULL,
  cancel_requested INTEGER NOT NULL DEFAULT 0, plan TEXT NOT NULL, evidence TEXT NOT NULL,
  release TEXT NOT NULL DEFAULT '', release_state TEXT NOT NULL DEFAULT 'none',
  superseded_by TEXT NOT NULL DEFAULT '',
  UNIQUE (source, ref, revision, data_version, trigger_word, again_nonce)
) WITHOUT ROWID;
CREATE INDEX runs_open ON runs (state, id) WHERE state IN ('queued', 'running');
CREATE INDEX runs_owed ON runs (id) WHERE release_state = 'owed';
CREATE INDEX runs_by_project ON runs (project, id);
CREATE TABLE steps (
  run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE, name TEXT NOT NULL,
  level TEXT NOT NULL, position INTEGER NOT NULL, state TEXT NOT NULL DEFAULT 'pending',
  attempt INTEGER NOT NULL DEFAULT 0, pid INTEGER NOT NULL DEFAULT 0,
  start_time TEXT NOT NULL DEFAULT '', started INTEGER, finished INTEGER, exit_code INTEGER,
  reason TEXT NOT NULL DEFAULT '', log_path TEXT NOT NULL DEFAULT '',
  log_bytes INTEGER NOT NULL DEFAULT 0, result TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (run, name)
) WITHOUT ROWID;
CREATE INDEX steps_running ON steps (run) WHERE state = 'running';
CREATE TABLE step_statistics (
  project TEXT NOT NULL, step TEXT NOT NULL, runs INTEGER NOT NULL, failures INTEGER NOT NULL,
  total_ms INTEGER NOT NULL, PRIMARY KEY (project, step)
) WITHOUT ROWID;

CREATE TABLE tokens (
  id TEXT PRIMARY KEY, sha256 TEXT NOT NULL UNIQUE, person_name TEXT NOT NULL,
  person_email TEXT NOT NULL, role TEXT NOT NULL, projects TEXT NOT NULL,
  created INTEGER NOT NULL, expires INTEGER, revoked INTEGER
) WITHOUT ROWID;
CREATE TABLE requests (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, project TEXT NOT NULL, environment TEXT NOT NULL,
  release TEXT NOT NULL, person_name TEXT NOT NULL, person_email TEXT NOT NULL,
  role TEXT NOT NULL, token_id TEXT NOT NULL, reason TEXT NOT NULL, options TEXT NOT NULL,
  state TEXT NOT NULL, answer TEXT NOT NULL DEFAULT '', created INTEGER NOT NULL,
  finished INTEGER
) WITHOUT ROWID;
CREATE INDEX requests_open ON requests (id) WHERE state = 'open';
CREATE TABLE deployments (
  id TEXT PRIMARY KEY, environment TEXT NOT NULL, project TEXT NOT NULL, release TEXT NOT NULL,
  spec TEXT NOT NULL, decision TEXT NOT NULL, attempt INTEGER NOT NULL, state TEXT NOT NULL,
  steps TEXT NOT NULL, previous TEXT NOT NULL, previous_spec TEXT NOT NULL,
  reason TEXT NOT NULL, started INTEGER NOT NULL, finished INTEGER
) WITHOUT ROWID;
CREATE UNIQUE INDEX deployments_open ON deployments (environment, project)
  WHERE state NOT IN ('done', 'failed');
CREATE INDEX deployments_by_place ON deployments (environment, project, id);
CREATE TABLE owed_facts (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, payload TEXT NOT NULL,
  created INTEGER NOT NULL, commit_id TEXT NOT NULL DEFAULT '', written INTEGER
);
CREATE INDEX owed_facts_pending ON owed_facts (sequence) WHERE commit_id = '';
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
)sql";

// Open deliveries are found by source, those of a segment by its number, and keys are one short
// text.
constexpr const char* kJournalSchema = R"sql(
DROP INDEX deliveries_by_status;
DROP INDEX deliveries_by_source;
CREATE INDEX deliveries_open ON deliveries (source, id)
  WHERE status = 'queued' OR status = 'processing';
CREATE INDEX deliveries_by_segment ON deliveries (segment);
CREATE TABLE recent_keys (
  key TEXT PRIMARY KEY, delivery TEXT NOT NULL, received_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX recent_keys_by_time ON recent_keys (received_at);
)sql";

void MakeFirstSchema(Connection& connection) {
  connection.Script(kFirstSchema);
}

void PrepareForTheJournal(Connection& connection) {
  connection.Script(kJournalSchema);
  Rows rows = connection.Query(
      "SELECT source, delivery_id, body_sha256, delivery, received_at FROM delivery_keys");
  while (rows.Next()) {
    const auto key = KeyOf(SourceName(rows.Text(0)), rows.Text(1), rows.Text(2));
    if (!key) continue;
    connection.Run(
        "INSERT OR REPLACE INTO recent_keys (key, delivery, received_at) VALUES (?, ?, ?)",
        {key->Text(), rows.Text(3), rows.Time(4)});
  }
}

void DropOldKeys(Connection& connection) {
  connection.Script("DROP TABLE delivery_keys");
}

// Facts are owed by runs and deployments themselves.
void DropOwedFacts(Connection& connection) {
  connection.Script("DROP TABLE IF EXISTS owed_facts");
}

void AddImageTags(Connection& connection) {
  connection.Script(
      "CREATE TABLE image_tags (\n"
      "  source TEXT NOT NULL, tag TEXT NOT NULL, digest TEXT NOT NULL, since INTEGER NOT NULL,\n"
      "  PRIMARY KEY (source, tag)\n"
      ") WITHOUT ROWID");
}

// Keys are spread evenly, so that one index over all of them has nearly every row on a page of its
// own: each would cost a page of the log. Those of one segment are few pages, and the next segment
// begins new ones.
void GatherKeysBySegment(Connection& connection) {
  connection.Script(
      "CREATE TABLE keys_by_segment (\n"
      "  segment INTEGER NOT NULL, high INTEGER NOT NULL, low INTEGER NOT NULL,\n"
      "  delivery TEXT NOT NULL, received_at INTEGER NOT NULL,\n"
      "  PRIMARY KEY (segment, high, low)\n"
      ") WITHOUT ROWID");
  {
    Rows rows = connection.Query("SELECT key, delivery, received_at FROM recent_keys");
    while (rows.Next()) {
      if (const auto key = ParseDeliveryKey(rows.Text(0))) {
        KeyInsertion(connection).Run(0, *key, rows.Text(1), rows.Time(2));
      }
    }
  }
  connection.Script("DROP TABLE recent_keys");
}

// What the log holds is found by what it is about; deployments of a project by their place.
void AddFactIndex(Connection& connection) {
  connection.Script(
      "CREATE TABLE facts (\n"
      "  place INTEGER PRIMARY KEY, commit_id TEXT NOT NULL UNIQUE, fact TEXT NOT NULL,\n"
      "  environment TEXT NOT NULL, project TEXT NOT NULL\n"
      ");\n"
      "CREATE INDEX facts_by_environment ON facts (environment, place);\n"
      "CREATE INDEX facts_by_project ON facts (project, place);\n"
      "CREATE INDEX facts_by_pair ON facts (environment, project, place);\n"
      "CREATE INDEX facts_by_kind ON facts (fact, project, place);\n"
      "CREATE INDEX deployments_by_project ON deployments (project, id);\n");
}

// Each pass of promotion asks for them; without it every run there ever was is read.
void AddUntoldIndex(Connection& connection) {
  connection.Script(
      "CREATE INDEX runs_untold ON runs (id)\n"
      "  WHERE state = 'superseded' AND release_state = 'none' AND trigger_word <> 'check'");
}

// What checks of the operations repository found, by what they were run with.
void AddChecks(Connection& connection) {
  connection.Script(
      "CREATE TABLE checks (\n"
      "  key TEXT PRIMARY KEY, environment TEXT NOT NULL, project TEXT NOT NULL,\n"
      "  name TEXT NOT NULL, running INTEGER NOT NULL, pid INTEGER NOT NULL,\n"
      "  start_time TEXT NOT NULL, result TEXT, started INTEGER NOT NULL, finished INTEGER\n"
      ") WITHOUT ROWID;\n"
      "CREATE INDEX checks_by_end ON checks (finished) WHERE running = 0");
}

// What the log is owed of tokens. Those that were there before were never told.
void AddTokenChanges(Connection& connection) {
  connection.Script(
      "CREATE TABLE token_changes (\n"
      "  id TEXT PRIMARY KEY, token TEXT NOT NULL, change TEXT NOT NULL, by_user TEXT NOT NULL,\n"
      "  at INTEGER NOT NULL\n"
      ") WITHOUT ROWID;\n"
      "INSERT INTO token_changes (id, token, change, by_user, at)\n"
      "  SELECT id, id, 'created', '', created FROM tokens WHERE revoked IS NULL;\n");
}

// What starts runs beside pushes: times of schedules, and data outside of git.
void AddTriggers(Connection& connection) {
  connection.Script(
      "CREATE TABLE schedules (\n"
      "  project TEXT NOT NULL, cron TEXT NOT NULL, timezone TEXT NOT NULL, seen INTEGER NOT "
      "NULL,\n"
      "  PRIMARY KEY (project, cron, timezone)\n"
      ") WITHOUT ROWID;\n"
      "CREATE TABLE watched_files (\n"
      "  watch TEXT NOT NULL, path TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER,\n"
      "  sha256 TEXT NOT NULL, size INTEGER NOT NULL, state TEXT NOT NULL,\n"
      "  PRIMARY KEY (watch, path, since)\n"
      ") WITHOUT ROWID;\n"
      "CREATE INDEX watched_files_sha256 ON watched_files (sha256);\n"
      "CREATE INDEX watched_files_until ON watched_files (watch, until);\n"
      "CREATE TABLE watch_versions (\n"
      "  watch TEXT NOT NULL, number INTEGER NOT NULL, version TEXT NOT NULL,\n"
      "  at INTEGER NOT NULL, PRIMARY KEY (watch, number)\n"
      ") WITHOUT ROWID;\n"
      "CREATE INDEX watch_versions_version ON watch_versions (watch, version);\n"
      "CREATE TABLE planned_data (\n"
      "  project TEXT NOT NULL PRIMARY KEY, data TEXT NOT NULL\n"
      ") WITHOUT ROWID;\n");
}

// A digest says what it is now; deliveries of before had a SHA-256.
void NameBodyDigests(Connection& connection) {
  connection.Script(
      "ALTER TABLE deliveries RENAME COLUMN body_sha256 TO body_digest;\n"
      "UPDATE deliveries SET body_digest = 'sha256:' || body_digest;\n");
}

// Headers are most of a row and stand in the journal as well. Ids grow with the segments, so that
// the first and the last one of each segment take the place of an index over all rows.
void LeaveHeadersToTheJournal(Connection& connection) {
  connection.Script(
      "ALTER TABLE deliveries ADD COLUMN head_bytes INTEGER NOT NULL DEFAULT 0;\n"
      "CREATE TABLE journal_segments (\n"
      "  segment INTEGER PRIMARY KEY, first TEXT NOT NULL, last TEXT NOT NULL,\n"
      "  keyed INTEGER NOT NULL\n"
      ");\n"
      "INSERT INTO journal_segments (segment, first, last, keyed)\n"
      "  SELECT segment, min(id), max(id), 1 FROM deliveries GROUP BY segment;\n"
      "DROP INDEX deliveries_by_segment;\n");
}

// Append only: the place in the list is the version.
constexpr std::array<void (*)(Connection&), 13> kMigrations = {MakeFirstSchema,
                                                               PrepareForTheJournal,
                                                               DropOldKeys,
                                                               DropOwedFacts,
                                                               AddImageTags,
                                                               GatherKeysBySegment,
                                                               AddFactIndex,
                                                               AddUntoldIndex,
                                                               AddChecks,
                                                               AddTokenChanges,
                                                               AddTriggers,
                                                               NameBodyDigests,
                                                               LeaveHeadersToTheJournal};

int VersionOf(Connection& connection) {
  Rows rows = connection.Query("PRAGMA user_version");
  return rows.Next() ? static_cast<int>(rows.Integer(0)) : 0;
}

}  // namespace

int SchemaVersion() {
  return static_cast<int>(kMigrations.size());
}

void Migrate(Connection& connection) {
  if (VersionOf(connection) == SchemaVersion()) return;
  connection.Script("BEGIN IMMEDIATE");
  try {
    // Read again under the write lock: another process may have been quicker.
    const int version = VersionOf(connection);
    if (version > SchemaVersion()) {
      throw Error(Remedy::kNeedsChange,
                  fmt::format("the database was made by a newer failgate (schema {}, this program "
                              "knows {}): install that version or newer",
                              version,
                              SchemaVersion()));
    }
    for (int next = version; next < SchemaVersion(); ++next) {
      kMigrations.at(static_cast<std::size_t>(next))(connection);
      connection.Script(fmt::format("PRAGMA user_version = {}", next + 1).c_str());
    }
    connection.Script("COMMIT");
  } catch (...) {
    if (connection.InTransaction()) connection.Script("ROLLBACK");
    throw;
  }
}

}  // namespace failgate
