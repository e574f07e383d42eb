#include "controller/store/check_store.h"

namespace failgate {
namespace {

std::vector<CheckRow> AllOf(Rows rows) {
  std::vector<CheckRow> all;
  while (rows.Next()) {
    all.push_back(CheckRow{rows.Text(0),
                           EnvironmentName(rows.Text(1)),
                           ProjectName(rows.Text(2)),
                           rows.Text(3),
                           static_cast<long>(rows.Integer(4)),
                           rows.Text(5)});
  }
  return all;
}

}  // namespace

CheckStore::CheckStore(Database& database, const Clock& clock)
    : database_(database), clock_(clock) {}

void CheckStore::Begin(const CheckRow& row) {
  const TimePoint now = clock_.Now();
  Transaction transaction(database_);
  transaction->Run(
      "INSERT INTO checks (key, environment, project, name, running, pid, start_time, started) "
      "VALUES (?, ?, ?, ?, 1, 0, '', ?) ON CONFLICT (key) DO UPDATE SET "
      "running = 1, pid = 0, start_time = '', started = excluded.started",
      {row.key, row.environment, row.project, row.name, now});
  transaction.Commit();
}

void CheckStore::SetProcess(const std::string& key, long pid, const std::string& start_time) {
  Transaction transaction(database_);
  transaction->Run("UPDATE checks SET pid = ?, start_time = ? WHERE key = ? AND running = 1",
                   {pid, start_time, key});
  transaction.Commit();
}

void CheckStore::Finish(const std::string& key, const std::string& result_json) {
  const TimePoint now = clock_.Now();
  Transaction transaction(database_);
  transaction->Run(
      "UPDATE checks SET running = 0, pid = 0, start_time = '', result = ?, finished = ? "
      "WHERE key = ?",
      {result_json, now, key});
  transaction.Commit();
}

void CheckStore::GiveUp(const std::string& key) {
  Transaction transaction(database_);
  transaction->Run("DELETE FROM checks WHERE key = ? AND result IS NULL", {key});
  transaction->Run("UPDATE checks SET running = 0, pid = 0, start_time = '' WHERE key = ?", {key});
  transaction.Commit();
}

std::optional<std::string> CheckStore::Result(const std::string& key) const {
  Session session(database_);
  Rows rows =
      session->Query("SELECT result FROM checks WHERE key = ? AND result IS NOT NULL", {key});
  if (!rows.Next()) return std::nullopt;
  return rows.Text(0);
}

std::vector<CheckRow> CheckStore::Running() const {
  Session session(database_);
  return AllOf(session->Query(
      "SELECT key, environment, project, name, pid, start_time FROM checks WHERE running = 1 "
      "ORDER BY started, key"));
}

std::vector<CheckRow> CheckStore::Ended(const EnvironmentName& environment,
                                        const ProjectName& project) const {
  Session session(database_);
  return AllOf(session->Query(
      "SELECT key, environment, project, name, pid, start_time FROM checks "
      "WHERE environment = ? AND project = ? AND result IS NOT NULL ORDER BY finished, key",
      {environment, project}));
}

std::vector<CheckRecord> CheckStore::List(const EnvironmentName& environment,
                                          const ProjectName& project,
                                          std::size_t limit) const {
  Session session(database_);
  Rows rows = session->Query(
      "SELECT key, name, running, started, result FROM checks WHERE environment = ? AND "
      "project = ? AND (running = 1 OR result IS NOT NULL) ORDER BY started DESC, key LIMIT ?",
      {environment, project, limit});
  std::vector<CheckRecord> all;
  while (rows.Next()) {
    CheckRecord record;
    record.row.key = rows.Text(0);
    record.row.environment = environment;
    record.row.project = project;
    record.row.name = rows.Text(1);
    record.running = rows.Integer(2) != 0;
    record.started = rows.Time(3);
    if (std::string result = rows.Text(4); !result.empty()) record.result = std::move(result);
    all.push_back(std::move(record));
  }
  return all;
}

void CheckStore::Forget(const std::string& key) {
  Transaction transaction(database_);
  transaction->Run("DELETE FROM checks WHERE key = ? AND running = 0", {key});
  transaction->Run("UPDATE checks SET result = NULL WHERE key = ?", {key});
  transaction.Commit();
}

std::vector<std::string> CheckStore::Prune(std::size_t keep) {
  std::vector<std::string> gone;
  Transaction transaction(database_);
  {
    Rows rows = transaction->Query(
        "SELECT key FROM checks WHERE running = 0 ORDER BY finished DESC, key LIMIT -1 OFFSET ?",
        {keep});
    while (rows.Next()) gone.push_back(rows.Text(0));
  }
  for (const std::string& key : gone) {
    transaction->Run("DELETE FROM checks WHERE key = ?", {key});
  }
  transaction.Commit();
  return gone;
}

}  // namespace failgate
