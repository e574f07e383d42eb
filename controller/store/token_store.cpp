#include "controller/store/token_store.h"

#include <algorithm>

#include "controller/base/digest.h"
#include "controller/base/ids.h"
#include "controller/store/json_columns.h"
#include "controller/store/words.h"

namespace failgate {
namespace {

constexpr std::string_view kPrefix = "fg_";
constexpr std::size_t kRandomBytes = 32;
constexpr std::size_t kTokenCharacters = 46;
constexpr const char* kCreated = "created";
constexpr const char* kRevoked = "revoked";
constexpr const char* kColumns =
    "SELECT id, person_name, person_email, role, projects, created, expires, revoked FROM tokens ";

TokenRecord TokenOf(const Rows& rows) {
  TokenRecord record;
  record.identity.id = rows.Text(0);
  record.identity.person = Person{rows.Text(1), rows.Text(2)};
  record.identity.role = MustParse(ParseRole(rows.Text(3)), "tokens.role");
  record.identity.projects = DecodeTexts(rows.Text(4));
  record.created = rows.Time(5);
  record.expires = rows.OptionalTime(6);
  record.revoked = rows.OptionalTime(7);
  return record;
}

void Owe(Connection& connection,
         const std::string& id,
         const std::string& token,
         const char* change,
         const std::string& by,
         TimePoint at) {
  connection.Run(
      "INSERT INTO token_changes (id, token, change, by_user, at) VALUES (?, ?, ?, ?, ?)",
      {id, token, change, by, at});
}

}  // namespace

bool TokenIdentity::Covers(const ProjectName& project) const {
  return projects.empty() ||
         std::find(projects.begin(), projects.end(), project.text()) != projects.end();
}

TokenStore::TokenStore(Database& database, const Clock& clock)
    : database_(database), clock_(clock) {}

TokenStore::Created TokenStore::Create(const Person& person,
                                       Role role,
                                       const std::vector<std::string>& projects,
                                       std::optional<TimePoint> expires,
                                       const std::string& by) {
  const TimePoint now = clock_.Now();
  const std::string token = std::string(kPrefix) + Base64UrlEncode(RandomBytes(kRandomBytes));
  const std::string id = database_.NextId(now);
  Transaction transaction(database_);
  transaction->Run(
      "INSERT INTO tokens (id, sha256, person_name, person_email, role, projects, created, "
      "expires) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      {id,
       Sha256Hex(token),
       person.name,
       person.email,
       Word(role),
       EncodeTexts(projects),
       now,
       expires});
  Owe(*transaction, database_.NextId(now), id, kCreated, by, now);
  transaction.Commit();
  return Created{id, Secret(token)};
}

std::optional<TokenIdentity> TokenStore::Authenticate(std::string_view token, TimePoint now) const {
  if (token.size() != kTokenCharacters || token.substr(0, kPrefix.size()) != kPrefix) {
    return std::nullopt;
  }
  // Looking up the hash leaks nothing by time: who guesses a token cannot steer its SHA-256.
  Session session(database_);
  Rows rows = session->Query(std::string(kColumns) + "WHERE sha256 = ?", {Sha256Hex(token)});
  if (!rows.Next()) return std::nullopt;
  const TokenRecord record = TokenOf(rows);
  if (record.revoked || (record.expires && *record.expires <= now)) return std::nullopt;
  return record.identity;
}

std::vector<TokenRecord> TokenStore::List() const {
  std::vector<TokenRecord> records;
  Session session(database_);
  Rows rows = session->Query(std::string(kColumns) + "ORDER BY id DESC");
  while (rows.Next()) records.push_back(TokenOf(rows));
  return records;
}

bool TokenStore::Revoke(const std::string& id, const std::string& by) {
  const TimePoint now = clock_.Now();
  Transaction transaction(database_);
  const bool revoked =
      transaction->Run("UPDATE tokens SET revoked = ? WHERE id = ? AND revoked IS NULL",
                       {now, id}) == 1;
  if (revoked) {
    Owe(*transaction, database_.NextId(now), id, kRevoked, by, now);
  }
  const bool known =
      revoked || transaction->Query("SELECT 1 FROM tokens WHERE id = ?", {id}).Next();
  transaction.Commit();
  return known;
}

std::vector<TokenChange> TokenStore::OwedChanges(std::size_t limit) const {
  std::vector<TokenChange> changes;
  Session session(database_);
  Rows rows = session->Query(
      "SELECT t.id, person_name, person_email, role, projects, created, expires, revoked, c.id, "
      "change, by_user, at FROM token_changes c JOIN tokens t ON t.id = c.token ORDER BY c.id "
      "LIMIT ?",
      {static_cast<std::int64_t>(limit)});
  while (rows.Next()) {
    changes.push_back(TokenChange{
        rows.Text(8), TokenOf(rows), rows.Text(9) == kRevoked, rows.Text(10), rows.Time(11)});
  }
  return changes;
}

void TokenStore::MarkTold(const std::string& change) {
  Transaction transaction(database_);
  transaction->Run("DELETE FROM token_changes WHERE id = ?", {change});
  transaction.Commit();
}

}  // namespace failgate
