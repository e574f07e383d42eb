#include "controller/store/head_store.h"

namespace failgate {

HeadStore::HeadStore(Database& database, const Clock& clock) : database_(database), clock_(clock) {}

std::optional<CommitId> HeadStore::Get(const SourceName& source, const std::string& ref) const {
  Session session(database_);
  Rows rows =
      session->Query("SELECT revision FROM heads WHERE source = ? AND ref = ?", {source, ref});
  if (!rows.Next()) return std::nullopt;
  return CommitId(rows.Text(0));
}

void HeadStore::Set(const SourceName& source, const std::string& ref, const CommitId& revision) {
  const TimePoint now = clock_.Now();
  Transaction transaction(database_);
  transaction->Run(
      "INSERT INTO heads (source, ref, revision, at) VALUES (?, ?, ?, ?) "
      "ON CONFLICT (source, ref) DO UPDATE SET revision = excluded.revision, at = excluded.at",
      {source, ref, revision, now});
  transaction->Run("INSERT INTO known_sources (source, at) VALUES (?, ?) ON CONFLICT DO NOTHING",
                   {source, now});
  transaction.Commit();
}

std::vector<Head> HeadStore::All(const SourceName& source) const {
  std::vector<Head> heads;
  Session session(database_);
  Rows rows =
      session->Query("SELECT ref, revision, at FROM heads WHERE source = ? ORDER BY ref", {source});
  while (rows.Next()) heads.push_back(Head{rows.Text(0), CommitId(rows.Text(1)), rows.Time(2)});
  return heads;
}

void HeadStore::Delete(const SourceName& source, const std::string& ref) {
  Transaction transaction(database_);
  transaction->Run("DELETE FROM heads WHERE source = ? AND ref = ?", {source, ref});
  transaction.Commit();
}

bool HeadStore::KnowsSource(const SourceName& source) const {
  Session session(database_);
  return session->Query("SELECT 1 FROM known_sources WHERE source = ?", {source}).Next();
}

}  // namespace failgate
