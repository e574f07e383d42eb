#include "controller/store/watch_store.h"

#include <algorithm>

namespace failgate {
namespace {

constexpr const char* kFileColumns = "SELECT path, sha256, size, state FROM watched_files ";

std::vector<WatchedFile> AllOf(Rows rows) {
  std::vector<WatchedFile> files;
  while (rows.Next()) {
    files.push_back(WatchedFile{rows.Text(0), rows.Text(1), rows.Integer(2), rows.Text(3)});
  }
  return files;
}

std::vector<WatchedFile> NewestFiles(Connection& connection, const std::string& watch) {
  return AllOf(connection.Query(
      std::string(kFileColumns) + "WHERE watch = ? AND until IS NULL ORDER BY path", {watch}));
}

std::optional<WatchVersion> NewestVersion(Connection& connection, const std::string& watch) {
  Rows rows = connection.Query(
      "SELECT number, version, at FROM watch_versions WHERE watch = ? ORDER BY number DESC LIMIT 1",
      {watch});
  if (!rows.Next()) return std::nullopt;
  return WatchVersion{rows.Integer(0), rows.Text(1), rows.Time(2)};
}

void Close(Connection& connection,
           const std::string& watch,
           const std::string& path,
           long long number) {
  connection.Run(
      "UPDATE watched_files SET until = ? WHERE watch = ? AND path = ? AND until IS NULL",
      {number, watch, path});
}

}  // namespace

WatchStore::WatchStore(Database& database, const Clock& clock)
    : database_(database), clock_(clock) {}

std::vector<WatchedFile> WatchStore::Files(const std::string& watch) const {
  Session session(database_);
  return NewestFiles(*session, watch);
}

std::optional<WatchVersion> WatchStore::Newest(const std::string& watch) const {
  Session session(database_);
  return NewestVersion(*session, watch);
}

std::optional<std::vector<WatchedFile>> WatchStore::FilesOf(const std::string& watch,
                                                            const std::string& version) const {
  Session session(database_);
  long long number = 0;
  {
    Rows rows = session->Query(
        "SELECT max(number) FROM watch_versions WHERE watch = ? AND version = ?", {watch, version});
    if (!rows.Next() || rows.Integer(0) == 0) return std::nullopt;
    number = rows.Integer(0);
  }
  return AllOf(session->Query(std::string(kFileColumns) +
                                  "WHERE watch = ?1 AND since <= ?2 AND (until IS NULL OR until > "
                                  "?2) ORDER BY path",
                              {watch, number}));
}

bool WatchStore::Advance(const std::string& watch, const WatchNews& news, const Naming& naming) {
  Transaction transaction(database_);
  const std::optional<WatchVersion> newest = NewestVersion(*transaction, watch);
  const long long number = newest ? newest->number + 1 : 1;
  for (const std::string& path : news.gone) Close(*transaction, watch, path, number);
  for (const WatchedFile& file : news.taken) {
    Close(*transaction, watch, file.path, number);
    transaction->Run(
        "INSERT INTO watched_files (watch, path, since, until, sha256, size, state) "
        "VALUES (?, ?, ?, NULL, ?, ?, ?)",
        {watch, file.path, number, file.sha256, file.size, file.state});
  }
  const std::string version = naming(NewestFiles(*transaction, watch));
  const bool is_news = !newest || newest->version != version;
  // Also under the same name: the rows above are those of this number.
  transaction->Run("INSERT INTO watch_versions (watch, number, version, at) VALUES (?, ?, ?, ?)",
                   {watch, number, version, clock_.Now()});
  transaction.Commit();
  return is_news;
}

void WatchStore::SetStates(const std::string& watch, const std::vector<WatchedFile>& files) {
  Transaction transaction(database_);
  for (const WatchedFile& file : files) {
    transaction->Run(
        "UPDATE watched_files SET state = ? WHERE watch = ? AND path = ? AND until IS NULL",
        {file.state, watch, file.path});
  }
  transaction.Commit();
}

std::vector<std::string> WatchStore::Prune(const std::string& watch,
                                           long long keep,
                                           TimePoint since) {
  std::vector<std::string> dropped;
  Transaction transaction(database_);
  const std::optional<WatchVersion> newest = NewestVersion(*transaction, watch);
  if (!newest || newest->number <= keep) return dropped;
  long long oldest = newest->number - keep + 1;
  {
    Rows rows = transaction->Query(
        "SELECT min(number) FROM watch_versions WHERE watch = ? AND at >= ?", {watch, since});
    if (rows.Next() && rows.OptionalInteger(0)) oldest = std::min(oldest, rows.Integer(0));
  }
  {
    Rows rows = transaction->Query(
        "SELECT DISTINCT sha256 FROM watched_files WHERE watch = ? AND until <= ?",
        {watch, oldest});
    while (rows.Next()) dropped.push_back(rows.Text(0));
  }
  transaction->Run("DELETE FROM watch_versions WHERE watch = ? AND number < ?", {watch, oldest});
  transaction->Run("DELETE FROM watched_files WHERE watch = ? AND until <= ?", {watch, oldest});
  transaction.Commit();
  return dropped;
}

bool WatchStore::Uses(const std::string& sha256) const {
  Session session(database_);
  return session->Query("SELECT 1 FROM watched_files WHERE sha256 = ? LIMIT 1", {sha256}).Next();
}

std::string WatchStore::Planned(const ProjectName& project) const {
  Session session(database_);
  Rows rows = session->Query("SELECT data FROM planned_data WHERE project = ?", {project});
  return rows.Next() ? rows.Text(0) : std::string();
}

void WatchStore::SetPlanned(const ProjectName& project, const std::string& data) {
  Transaction transaction(database_);
  transaction->Run(
      "INSERT INTO planned_data (project, data) VALUES (?, ?) "
      "ON CONFLICT (project) DO UPDATE SET data = excluded.data",
      {project, data});
  transaction.Commit();
}

}  // namespace failgate
