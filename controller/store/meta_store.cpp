#include "controller/store/meta_store.h"

namespace failgate {

std::optional<std::string> MetaStore::Get(const std::string& key) const {
  Session session(database_);
  Rows rows = session->Query("SELECT value FROM meta WHERE key = ?", {key});
  if (!rows.Next()) return std::nullopt;
  return rows.Text(0);
}

void MetaStore::Set(const std::string& key, const std::string& value) {
  Transaction transaction(database_);
  transaction->Run(
      "INSERT INTO meta (key, value) VALUES (?, ?) "
      "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
      {key, value});
  transaction.Commit();
}

void MetaStore::Delete(const std::string& key) {
  Transaction transaction(database_);
  transaction->Run("DELETE FROM meta WHERE key = ?", {key});
  transaction.Commit();
}

}  // namespace failgate
