#include "controller/store/fact_index.h"

namespace failgate {
namespace {

std::optional<FactIndex::Place> EndOf(Connection& connection) {
  Rows rows = connection.Query("SELECT place, commit_id FROM facts ORDER BY place DESC LIMIT 1");
  if (!rows.Next()) return std::nullopt;
  return FactIndex::Place{rows.Integer(0), CommitId(rows.Text(1))};
}

std::optional<long long> Number(Connection& connection, const CommitId& commit) {
  Rows rows = connection.Query("SELECT place FROM facts WHERE commit_id = ?", {commit});
  return rows.Next() ? std::optional<long long>(rows.Integer(0)) : std::nullopt;
}

/// Only the conditions that are asked for, so that SQLite picks the index that fits.
std::string StatementFor(const FactIndex::Query& query) {
  std::string sql = "SELECT commit_id FROM facts WHERE place <= ?1 AND fact <> ''";
  if (!query.environment.empty()) sql += " AND environment = ?2";
  if (!query.project.empty()) sql += " AND project = ?3";
  if (!query.fact.empty()) sql += " AND fact = ?4";
  return sql + " ORDER BY place DESC LIMIT ?5";
}

}  // namespace

std::optional<FactIndex::Place> FactIndex::End() const {
  Session session(database_);
  return EndOf(*session);
}

bool FactIndex::Append(const std::optional<Place>& after, const std::vector<IndexedFact>& facts) {
  // Made again from git when a power cut takes it back.
  Transaction transaction(database_, Durability::kLater);
  if (EndOf(*transaction) != after) return false;
  long long place = after ? after->number : 0;
  for (const IndexedFact& fact : facts) {
    transaction->Run(
        "INSERT INTO facts (place, commit_id, fact, environment, project) VALUES (?, ?, ?, ?, ?)",
        {++place, fact.commit, fact.fact, fact.environment, fact.project});
  }
  transaction.Commit();
  return true;
}

void FactIndex::Clear() {
  Transaction transaction(database_, Durability::kLater);
  transaction->Run("DELETE FROM facts");
  transaction.Commit();
}

std::optional<long long> FactIndex::NumberOf(const CommitId& commit) const {
  Session session(database_);
  return Number(*session, commit);
}

std::optional<std::vector<CommitId>> FactIndex::Find(const Query& query) const {
  // One session: the index cannot be made anew between the two statements.
  Session session(database_);
  const auto newest = Number(*session, query.newest);
  if (!newest) return std::nullopt;
  std::vector<CommitId> commits;
  Rows rows = session->Query(StatementFor(query),
                             {*newest, query.environment, query.project, query.fact, query.limit});
  while (rows.Next()) commits.emplace_back(rows.Text(0));
  return commits;
}

}  // namespace failgate
