// A real database in a folder of its own, and a clock that moves only when told.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "controller/base/durable_file.h"
#include "controller/store/body_digest.h"
#include "controller/store/database.h"
#include "controller/store/inbox.h"
#include "tests/support/fake_clock.h"

namespace failgate {

struct StoreWorld {
  TemporaryFolder folder;
  FakeClock clock;
  Database database{folder.path() / "failgate.db", DatabaseUser::kServer, clock};
};

/// Makes the schema what it was at `version`, as far as tests need it.
inline void TakeSchemaBackTo(Connection& connection, int version) {
  const std::map<int, const char*> undo = {
      {13,
       "ALTER TABLE deliveries DROP COLUMN head_bytes; DROP TABLE journal_segments;"
       "CREATE INDEX deliveries_by_segment ON deliveries (segment)"},
      {12, "ALTER TABLE deliveries RENAME COLUMN body_digest TO body_sha256"},
      {11,
       "DROP TABLE schedules; DROP TABLE watched_files; DROP TABLE watch_versions;"
       "DROP TABLE planned_data"},
      {10, "DROP TABLE token_changes"},
      {9, "DROP TABLE checks"},
      {8, "DROP INDEX runs_untold"},
      {7, "DROP TABLE facts; DROP INDEX deployments_by_project"},
      {6,
       "DROP TABLE keys_by_segment;"
       "CREATE TABLE recent_keys (key TEXT PRIMARY KEY, delivery TEXT NOT NULL,"
       "  received_at INTEGER NOT NULL) WITHOUT ROWID"},
      {5, "DROP TABLE image_tags"},
      {2,
       "DROP TABLE recent_keys; DROP INDEX deliveries_open; DROP INDEX deliveries_by_segment;"
       "CREATE INDEX deliveries_by_status ON deliveries (status, id);"
       "CREATE INDEX deliveries_by_source ON deliveries (source, id);"
       "CREATE TABLE delivery_keys (source TEXT, delivery_id TEXT, body_sha256 TEXT,"
       "  delivery TEXT, received_at INTEGER)"}};
  for (auto step = undo.rbegin(); step != undo.rend() && step->first > version; ++step) {
    connection.Script(step->second);
  }
  connection.Script(("PRAGMA user_version = " + std::to_string(version)).c_str());
}

/// Small values by key, as anything that is kept: written in a transaction, read in a session.
class Values {
 public:
  explicit Values(Database& database) : database_(database) {}
  void Set(const std::string& key, const std::string& value) {
    Transaction transaction(database_);
    transaction->Run(
        "INSERT INTO meta (key, value) VALUES (?, ?) "
        "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        {key, value});
    transaction.Commit();
  }
  [[nodiscard]] std::optional<std::string> Get(const std::string& key) const {
    Session session(database_);
    Rows rows = session->Query("SELECT value FROM meta WHERE key = ?", {key});
    return rows.Next() ? std::optional<std::string>(rows.Text(0)) : std::nullopt;
  }

 private:
  Database& database_;
};

inline NewDelivery PushDelivery(const std::string& delivery_id,
                                const std::string& body,
                                TimePoint now) {
  NewDelivery delivery;
  delivery.source = SourceName("churn");
  delivery.provider = "github";
  delivery.delivery_id = delivery_id;
  delivery.event_name = "push";
  delivery.body = body;
  delivery.body_digest = DigestOfBody(body);
  delivery.headers = {{"x-github-event", "push"}};
  delivery.remote_address = "127.0.0.1";
  delivery.received_at = now;
  RefHint hint;
  hint.ref = "refs/heads/main";
  delivery.refs = {hint};
  return delivery;
}

/// Accepts one delivery and lets the writer work once.
inline AcceptOutcome AcceptOne(Inbox& inbox, NewDelivery delivery) {
  AcceptOutcome outcome;
  inbox.Accept(std::move(delivery), [&outcome](AcceptOutcome answer) { outcome = answer; });
  inbox.Step();
  return outcome;
}

}  // namespace failgate
