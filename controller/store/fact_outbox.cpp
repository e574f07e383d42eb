#include "controller/store/fact_outbox.h"

#include "controller/base/error.h"

namespace failgate {
namespace {

constexpr const char* kColumns = "SELECT key, payload, created, commit_id FROM owed_facts ";

OwedFact FactOf(const Rows& rows) {
  OwedFact fact;
  fact.key = rows.Text(0);
  fact.payload_json = rows.Text(1);
  fact.created = rows.Time(2);
  fact.commit = CommitId(rows.Text(3));
  return fact;
}

}  // namespace

FactOutbox::FactOutbox(Database& database, const Clock& clock)
    : database_(database), clock_(clock) {}

bool FactOutbox::Add(const std::string& key, const std::string& payload_json) {
  Transaction transaction(database_);
  const bool added = transaction->Run(
                         "INSERT INTO owed_facts (key, payload, created) VALUES (?, ?, ?) "
                         "ON CONFLICT (key) DO NOTHING",
                         {key, payload_json, clock_.Now()}) == 1;
  transaction.Commit();
  return added;
}

std::vector<OwedFact> FactOutbox::Pending(std::size_t limit) const {
  std::vector<OwedFact> facts;
  Session session(database_);
  Rows rows = session->Query(
      std::string(kColumns) + "WHERE commit_id = '' ORDER BY sequence LIMIT ?", {limit});
  while (rows.Next()) facts.push_back(FactOf(rows));
  return facts;
}

std::optional<OwedFact> FactOutbox::Get(const std::string& key) const {
  Session session(database_);
  Rows rows = session->Query(std::string(kColumns) + "WHERE key = ?", {key});
  if (!rows.Next()) return std::nullopt;
  return FactOf(rows);
}

void FactOutbox::MarkWritten(const std::string& key, const CommitId& commit) {
  Check(!commit.empty(), "a written fact has a commit");
  Transaction transaction(database_);
  transaction->Run(
      "UPDATE owed_facts SET commit_id = ?, written = ? WHERE key = ? AND commit_id = ''",
      {commit, clock_.Now(), key});
  transaction.Commit();
}

void FactOutbox::Prune(Milliseconds age) {
  Transaction transaction(database_);
  transaction->Run("DELETE FROM owed_facts WHERE commit_id <> '' AND written < ?",
                   {clock_.Now() - age});
  transaction.Commit();
}

}  // namespace failgate
