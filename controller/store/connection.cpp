#include <sqlite3.h>

#include <utility>

#include "controller/base/error.h"
#include "controller/store/database.h"
#include "controller/store/sqlite_error.h"

namespace failgate {
namespace {

constexpr int kBusyTimeoutMs = 10000;
// More than this per text of SQL would be a leak of our own, not a cache.
constexpr std::size_t kIdleStatementsPerText = 4;

sqlite3_stmt* Prepared(sqlite3* handle,
                       const std::string& name,
                       std::vector<sqlite3_stmt*>& idle,
                       const std::string& text) {
  sqlite3_stmt* statement = nullptr;
  if (!idle.empty()) {
    statement = idle.back();
    idle.pop_back();
    return statement;
  }
  const int code = sqlite3_prepare_v3(handle,
                                      text.c_str(),
                                      static_cast<int>(text.size()),
                                      SQLITE_PREPARE_PERSISTENT,
                                      &statement,
                                      nullptr);
  if (code != SQLITE_OK) throw SqliteError("preparing a statement", name, code, handle);
  return statement;
}

int BindOne(sqlite3_stmt* statement,
            int index,
            const SqlValue& value,
            sqlite3_destructor_type text_lifetime) {
  switch (value.kind()) {
    case SqlValue::Kind::kNull:
      return sqlite3_bind_null(statement, index);
    case SqlValue::Kind::kInteger:
      return sqlite3_bind_int64(statement, index, value.integer());
    case SqlValue::Kind::kText:
      break;
  }
  // A view of an empty string may have no address, which SQLite would read as NULL.
  const std::string_view bytes = value.text().empty() ? std::string_view("") : value.text();
  return sqlite3_bind_text64(
      statement, index, bytes.data(), bytes.size(), text_lifetime, SQLITE_UTF8);
}

void Bind(sqlite3* handle,
          const std::string& name,
          sqlite3_stmt* statement,
          std::initializer_list<SqlValue> values,
          sqlite3_destructor_type text_lifetime) {
  int index = 0;
  for (const SqlValue& value : values) {
    const int code = BindOne(statement, ++index, value, text_lifetime);
    if (code != SQLITE_OK) throw SqliteError("binding a value", name, code, handle);
  }
  Check(sqlite3_bind_parameter_count(statement) == index, "each parameter of a statement is bound");
}

}  // namespace

Rows::Rows(Connection& connection, std::string sql, sqlite3_stmt* statement)
    : connection_(&connection), sql_(std::move(sql)), statement_(statement) {}

Rows::Rows(Rows&& other) noexcept
    : connection_(other.connection_),
      sql_(std::move(other.sql_)),
      statement_(std::exchange(other.statement_, nullptr)) {}

Rows::~Rows() {
  if (statement_ != nullptr) connection_->GiveBack(sql_, statement_);
}

bool Rows::Next() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  throw SqliteError("running a statement", connection_->name_, code, connection_->handle_);
}

std::string Rows::Text(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  const int size = sqlite3_column_bytes(statement_, column);
  return bytes == nullptr ? std::string() : std::string(bytes, static_cast<std::size_t>(size));
}

long long Rows::Integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::optional<long long> Rows::OptionalInteger(int column) const {
  if (sqlite3_column_type(statement_, column) == SQLITE_NULL) return std::nullopt;
  return Integer(column);
}

std::optional<TimePoint> Rows::OptionalTime(int column) const {
  const std::optional<long long> value = OptionalInteger(column);
  if (!value) return std::nullopt;
  return TimePoint(Milliseconds(*value));
}

Connection::Connection(const std::filesystem::path& path) : name_(path.filename().string()) {
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(path.c_str(), &handle_, flags, nullptr);
  if (code != SQLITE_OK) {
    const Error error = SqliteError("opening " + path.string(), name_, code, handle_);
    sqlite3_close(handle_);
    throw error;
  }
  sqlite3_extended_result_codes(handle_, 1);
  sqlite3_busy_timeout(handle_, kBusyTimeoutMs);
}

Connection::~Connection() {
  for (auto& [sql, statements] : idle_) {
    for (sqlite3_stmt* statement : statements) sqlite3_finalize(statement);
  }
  sqlite3_close(handle_);
}

Rows Connection::Query(std::string_view sql, std::initializer_list<SqlValue> values) {
  std::string text(sql);
  sqlite3_stmt* statement = Prepared(handle_, name_, idle_[text], text);
  Rows rows(*this, std::move(text), statement);
  Bind(handle_, name_, statement, values, SQLITE_TRANSIENT);
  return rows;
}

Statement Connection::Prepare(std::string_view sql) {
  std::string text(sql);
  sqlite3_stmt* statement = Prepared(handle_, name_, idle_[text], text);
  return Statement(Rows(*this, std::move(text), statement));
}

int Connection::Run(std::string_view sql, std::initializer_list<SqlValue> values) {
  return Prepare(sql).Run(values);
}

int Statement::Run(std::initializer_list<SqlValue> values) {
  const Connection& connection = *rows_.connection_;
  // The texts outlive the run, which ends here: they need no copy.
  Bind(connection.handle_, connection.name_, rows_.statement_, values, SQLITE_STATIC);
  while (rows_.Next()) {
  }
  sqlite3_reset(rows_.statement_);
  return sqlite3_changes(connection.handle_);
}

void Connection::Script(const char* sql) {
  const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) throw SqliteError("running a script", name_, code, handle_);
}

bool Connection::InTransaction() const {
  return sqlite3_get_autocommit(handle_) == 0;
}

int Connection::Checkpoint(bool restart) {
  int frames = 0;
  int copied = 0;
  const int mode = restart ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
  const int code = sqlite3_wal_checkpoint_v2(handle_, nullptr, mode, &frames, &copied);
  // Busy only says that somebody reads or writes now: the next call goes on.
  if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY && (code & 0xff) != SQLITE_LOCKED) {
    throw SqliteError("copying the log into the database", name_, code, handle_);
  }
  return frames;
}

void Connection::GiveBack(const std::string& sql, sqlite3_stmt* statement) noexcept {
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  const auto found = idle_.find(sql);
  if (found == idle_.end() || found->second.size() >= kIdleStatementsPerText) {
    sqlite3_finalize(statement);
    return;
  }
  try {
    found->second.push_back(statement);
  } catch (const std::bad_alloc&) {
    sqlite3_finalize(statement);
  }
}

}  // namespace failgate
