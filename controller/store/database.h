// The controller's SQLite database: one connection behind its lock, transactions that roll back
// unless committed. By contract it may be lost (architecture.md §4): what must last is in git.
#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/guarded.h"
#include "controller/base/ids.h"
#include "controller/store/ordered_ids.h"

struct sqlite3;
struct sqlite3_stmt;

namespace failgate {

/// A value bound to a `?`. Views are copied by SQLite before the call that takes them returns.
class SqlValue {
 public:
  enum class Kind { kNull, kInteger, kText };
  SqlValue(std::nullopt_t) {}                                            // NOLINT
  SqlValue(int value) : kind_(Kind::kInteger), integer_(value) {}        // NOLINT
  SqlValue(long value) : kind_(Kind::kInteger), integer_(value) {}       // NOLINT
  SqlValue(long long value) : kind_(Kind::kInteger), integer_(value) {}  // NOLINT
  SqlValue(std::size_t value)                                            // NOLINT
      : kind_(Kind::kInteger), integer_(static_cast<long long>(value)) {}
  SqlValue(bool value) : kind_(Kind::kInteger), integer_(value ? 1 : 0) {}  // NOLINT
  SqlValue(std::string_view text) : kind_(Kind::kText), text_(text) {}      // NOLINT
  SqlValue(const std::string& text) : kind_(Kind::kText), text_(text) {}    // NOLINT
  SqlValue(const char* text) : kind_(Kind::kText), text_(text) {}           // NOLINT
  template <typename Tag>
  SqlValue(const StrongText<Tag>& text) : kind_(Kind::kText), text_(text.text()) {}  // NOLINT
  SqlValue(TimePoint time)                                                           // NOLINT
      : kind_(Kind::kInteger), integer_(time.time_since_epoch().count()) {}
  SqlValue(Milliseconds duration) : kind_(Kind::kInteger), integer_(duration.count()) {}  // NOLINT
  template <typename T>
  SqlValue(const std::optional<T>& value) {  // NOLINT(google-explicit-constructor)
    if (value) *this = SqlValue(*value);
  }
  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] long long integer() const { return integer_; }
  [[nodiscard]] std::string_view text() const { return text_; }

 private:
  Kind kind_ = Kind::kNull;
  long long integer_ = 0;
  std::string_view text_;
};

class Connection;

/// The rows of one query, read forward. Valid while the session that made it lives.
class Rows {
 public:
  ~Rows();
  Rows(Rows&& other) noexcept;
  Rows& operator=(Rows&&) = delete;
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  /// False at the end. Throws Error.
  bool Next();
  [[nodiscard]] std::string Text(int column) const;   ///< "" for NULL
  [[nodiscard]] long long Integer(int column) const;  ///< 0 for NULL
  [[nodiscard]] bool Bool(int column) const { return Integer(column) != 0; }
  [[nodiscard]] TimePoint Time(int column) const {
    return TimePoint(Milliseconds(Integer(column)));
  }
  [[nodiscard]] std::optional<TimePoint> OptionalTime(int column) const;
  [[nodiscard]] std::optional<long long> OptionalInteger(int column) const;

 private:
  friend class Connection;
  friend class Statement;
  Rows(Connection& connection, std::string sql, sqlite3_stmt* statement);
  Connection* connection_;
  std::string sql_;
  sqlite3_stmt* statement_;
};

/// A statement without rows that is run many times. Valid while the session that made it lives.
class Statement {
 public:
  /// Runs it to its end; answers how many rows it changed.
  int Run(std::initializer_list<SqlValue> values);

 private:
  friend class Connection;
  explicit Statement(Rows rows) : rows_(std::move(rows)) {}
  Rows rows_;
};

/// One SQLite connection with its cache of prepared statements. Not thread-safe: reached through
/// Session and Transaction only. Every failure is an Error: busy, full, I/O and memory are kRetry.
class Connection {
 public:
  explicit Connection(const std::filesystem::path& path);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] Rows Query(std::string_view sql, std::initializer_list<SqlValue> values = {});
  [[nodiscard]] Statement Prepare(std::string_view sql);
  /// Runs a statement without rows to its end and answers how many rows it changed.
  int Run(std::string_view sql, std::initializer_list<SqlValue> values = {});
  /// Several statements separated by ';', for schemas and pragmas.
  void Script(const char* sql);
  [[nodiscard]] bool InTransaction() const;
  /// Frames in the log after a checkpoint that waits for nobody; with `restart` the log starts
  /// anew.
  int Checkpoint(bool restart);

 private:
  friend class Rows;
  friend class Statement;
  void GiveBack(const std::string& sql, sqlite3_stmt* statement) noexcept;
  sqlite3* handle_ = nullptr;
  std::string name_;
  std::unordered_map<std::string, std::vector<sqlite3_stmt*>> idle_;
};

/// Its name in the data directory.
inline constexpr const char* kDatabaseFileName = "failgate.db";

/// Who opens the file.
enum class DatabaseUser {
  kServer,  ///< holds the data lock: may set a broken file aside and make a new one
  kGuest,   ///< the CLI beside a server (or alone): a broken file is an error
};

/// WAL, synchronous=FULL, foreign keys, migrated on opening. Thread-safe.
class Database {
 public:
  /// Makes the file (mode 0600) when absent. Throws Error(kNeedsChange) for a file of a newer
  /// failgate. A broken file is renamed to NAME.broken-TIME (log: error) when `user` is kServer.
  explicit Database(std::filesystem::path path,
                    DatabaseUser user = DatabaseUser::kServer,
                    const Clock& clock = SystemClock());

  /// Copies the log into the database off the commit path; call it every few seconds.
  void Checkpoint();
  /// Writes and rolls nothing forward: throws Error when the database cannot be written
  /// (readiness).
  void CheckWritable();
  /// UUID 7, greater than all ids of this database before it, whatever the clock does.
  [[nodiscard]] std::string NextId(TimePoint now) { return ids_.Next(now); }
  /// Ids of NextId are greater than this one, which stands outside the database.
  void NextIdsAfter(std::string_view id) { ids_.After(id); }
  /// True when opening had to set a broken file aside: everything in it is new.
  [[nodiscard]] bool was_set_aside() const { return was_set_aside_; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  friend class Session;
  friend class ReadSession;
  std::filesystem::path path_;
  bool was_set_aside_ = false;
  OrderedIds ids_;
  std::unique_ptr<Guarded<Connection>> connection_;
  std::unique_ptr<Guarded<Connection>> reader_;
  std::unique_ptr<Guarded<Connection>>
      checkpointer_;  ///< its own connection: commits never wait for it
};

/// Holds the connection's lock for reads. Short: no callback, network, git or process inside.
class Session {
 public:
  explicit Session(Database& database) : access_(database.connection_->Lock()) {}
  Connection* operator->() { return access_.operator->(); }
  Connection& operator*() { return *access_; }

 private:
  Guarded<Connection>::Access access_;
};

/// Reads what is committed on a connection of its own: waits for no writer and keeps none waiting.
class ReadSession {
 public:
  explicit ReadSession(Database& database) : access_(database.reader_->Lock()) {}
  Connection* operator->() { return access_.operator->(); }
  Connection& operator*() { return *access_; }

 private:
  Guarded<Connection>::Access access_;
};

/// When a commit is on the disk.
enum class Durability {
  kAtCommit,
  kLater,  ///< with the next commit of the other kind or a checkpoint: a power cut may take it back
};

/// A write transaction (BEGIN IMMEDIATE); rolled back by the destructor unless committed.
class Transaction {
 public:
  explicit Transaction(Database& database, Durability durability = Durability::kAtCommit);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  Connection* operator->() { return session_.operator->(); }
  Connection& operator*() { return *session_; }
  /// Durable when it returns (kAtCommit). Throws Error; nothing was written then.
  void Commit();

 private:
  Session session_;
  Durability durability_;
};

}  // namespace failgate
