#include "controller/store/database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <utility>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/log.h"
#include "controller/store/migrations.h"

namespace failgate {
namespace {

// 64 MiB of 4 KiB pages: past it the log is started anew even if commits wait a moment for it.
constexpr int kMaxLogFrames = 16384;

// Makes the file ourselves: SQLite would make it with the process's umask, readable by others.
void CreatePrivateFile(const std::filesystem::path& path) {
  const FileDescriptor file(::open(path.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600));
  if (!file.valid() && errno != EEXIST) throw ErrnoError("making", path.string(), errno);
}

// One process at a time looks at the file, makes it and brings it up to date: SQLite does not wait
// (busy_timeout or not) when two connections turn a new file to its write-ahead log at once. Beside
// the file, for closing a descriptor of the file itself would drop SQLite's own locks. Released by
// its end, also by a kill.
FileDescriptor WaitForOthersToOpen(const std::filesystem::path& path) {
  const std::string name = path.string() + ".opening";
  FileDescriptor file(::open(name.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
  if (!file.valid()) throw ErrnoError("making", name, errno);
  while (::flock(file.get(), LOCK_EX) != 0) {
    if (errno != EINTR) throw ErrnoError("locking", name, errno);
  }
  return file;
}

void Configure(Connection& connection) {
  connection.Script(
      "PRAGMA foreign_keys = ON;"
      "PRAGMA synchronous = FULL;"
      "PRAGMA wal_autocheckpoint = 0;"
      "PRAGMA cache_size = -16384;"
      "PRAGMA temp_store = MEMORY;");
}

void UseWriteAheadLog(Connection& connection) {
  Rows rows = connection.Query("PRAGMA journal_mode = WAL");
  Check(rows.Next() && rows.Text(0) == "wal", "the database can use a write-ahead log");
}

// A guest asks only for what every use needs; reading each page is for the server's start.
const char* ProbeOf(DatabaseUser user) {
  switch (user) {
    case DatabaseUser::kServer:
      return "PRAGMA quick_check(1)";
    case DatabaseUser::kGuest:
      return "SELECT 'ok' FROM (SELECT count(*) FROM sqlite_schema)";
  }
  Check(false, "every database user has a probe");
  return "";
}

// Empty when sound; the reason when the file is no database or damaged.
std::string FaultOf(const std::filesystem::path& path, DatabaseUser user) {
  sqlite3* handle = nullptr;
  int code = sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE, nullptr);
  std::string fault;
  sqlite3_stmt* statement = nullptr;
  if (code == SQLITE_OK) {
    sqlite3_busy_timeout(handle, 5000);
    code = sqlite3_prepare_v2(handle, ProbeOf(user), -1, &statement, nullptr);
  }
  if (code == SQLITE_OK) code = sqlite3_step(statement);
  if (code == SQLITE_ROW) {
    const auto* text = static_cast<const char*>(sqlite3_column_blob(statement, 0));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, 0));
    const std::string verdict = text == nullptr ? std::string() : std::string(text, size);
    if (verdict != "ok") fault = verdict;
  } else if ((code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB) {
    fault = sqlite3_errmsg(handle);
  }
  sqlite3_finalize(statement);
  sqlite3_close(handle);
  return fault;
}

void SetAside(const std::filesystem::path& path, const std::string& fault, TimePoint now) {
  const std::string suffix = ".broken-" + FormatTimeMilliseconds(now);
  for (const char* part : {"", "-wal", "-shm"}) {
    const std::filesystem::path from = path.string() + part;
    const std::filesystem::path to = path.string() + suffix + part;
    if (::rename(from.c_str(), to.c_str()) != 0 && errno != ENOENT) {
      throw ErrnoError("setting aside", from.string(), errno);
    }
  }
  SyncFolder(path.parent_path());
  log::Error(
      "the database is broken and was set aside; a new one is made. Deliveries and runs in flight, "
      "tokens and run history are lost; releases, decisions and what runs are read from git",
      {{"database", path.string()}, {"kept_as", path.string() + suffix}, {"fault", fault}});
}

}  // namespace

Database::Database(std::filesystem::path path, DatabaseUser user, const Clock& clock)
    : path_(std::filesystem::absolute(std::move(path))) {
  const FileDescriptor opening = WaitForOthersToOpen(path_);
  CreatePrivateFile(path_);
  const std::string fault = FaultOf(path_, user);
  if (!fault.empty()) {
    if (user == DatabaseUser::kGuest) {
      throw Error(Remedy::kNeedsChange,
                  "the database " + path_.string() + " is broken (" + fault +
                      "): start the server once, it sets the file aside and makes a new one");
    }
    SetAside(path_, fault, clock.Now());
    was_set_aside_ = true;
    CreatePrivateFile(path_);
  }
  try {
    connection_ = std::make_unique<Guarded<Connection>>(path_);
    auto connection = connection_->Lock();
    Configure(*connection);
    UseWriteAheadLog(*connection);
    Migrate(*connection);
    for (const char* table : {"deliveries", "runs", "requests", "deployments", "events"}) {
      Rows rows = connection->Query(std::string("SELECT max(id) FROM ") + table);
      if (rows.Next()) ids_.After(rows.Text(0));
    }
    reader_ = std::make_unique<Guarded<Connection>>(path_);
    Configure(*reader_->Lock());
    checkpointer_ = std::make_unique<Guarded<Connection>>(path_);
    Configure(*checkpointer_->Lock());
  } catch (...) {
    RethrowWithContext("opening the database " + path_.string());
  }
}

void Database::Checkpoint() {
  const int frames = checkpointer_->Lock()->Checkpoint(false);
  if (frames > kMaxLogFrames) connection_->Lock()->Checkpoint(true);
}

void Database::CheckWritable() {
  Transaction transaction(*this);
  transaction->Run(
      "INSERT INTO meta (key, value) VALUES ('writable', '1') "
      "ON CONFLICT (key) DO UPDATE SET value = 1 - value");
  transaction.Commit();
}

Transaction::Transaction(Database& database, Durability durability)
    : session_(database), durability_(durability) {
  // Commits are one log: a later one that is synced takes these to the disk as well.
  if (durability_ == Durability::kLater) session_->Script("PRAGMA synchronous = NORMAL");
  try {
    session_->Script("BEGIN IMMEDIATE");
  } catch (...) {
    if (durability_ == Durability::kLater) session_->Script("PRAGMA synchronous = FULL");
    throw;
  }
}

Transaction::~Transaction() {
  try {
    if (session_->InTransaction()) session_->Script("ROLLBACK");
    if (durability_ == Durability::kLater) session_->Script("PRAGMA synchronous = FULL");
  } catch (const Error& error) {
    // SQLite rolls back by itself with the next BEGIN or at close; nothing was committed.
    log::Warning("rolling back a transaction failed", {{"cause", error.what()}});
  }
}

void Transaction::Commit() {
  session_->Script("COMMIT");
}

}  // namespace failgate
