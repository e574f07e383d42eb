// The index of the log in the database: filling it from git, and reading the log by it.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "controller/deploylog/log_history.h"
#include "controller/store/fact_index.h"

namespace failgate {

/// Brings the index to the log's head in batches. What it does not hold any more, or never held, is
/// read from git; a rewritten history is indexed anew. One thread at a time.
class LogIndexer {
 public:
  /// `repository`: the mirror of the operations repository; opened for each call.
  LogIndexer(FactIndex& index, std::filesystem::path repository)
      : index_(index), repository_(std::move(repository)) {}

  /// Adds at most one batch on the way to `head`; true: there is more to do. A history with merges
  /// is no log and is not indexed. Throws Error for a broken repository or database.
  bool Advance(const CommitId& head);

  static constexpr std::size_t kBatch = 2000;

 private:
  /// Fills way_ with what is between the index's end and `head`, newest first.
  void FindWay(const Repository& repository, const CommitId& head);

  FactIndex& index_;
  std::filesystem::path repository_;
  std::vector<CommitId> way_;
  CommitId target_;  ///< where way_ leads
  std::optional<CommitId> refused_;
};

/// The same entries as ReadHistory gives, found by the index as far as it reaches; what is newer is
/// walked. An index that does not hold this history is not used. Thread-safe.
[[nodiscard]] std::vector<LogEntry> ReadIndexedHistory(const FactIndex& index,
                                                       const Repository& repository,
                                                       const CommitId& head,
                                                       const LogFilter& filter);

/// Whether `commit` is `head` or one of its ancestors.
[[nodiscard]] bool IsInHistory(const FactIndex& index,
                               const Repository& repository,
                               const CommitId& commit,
                               const CommitId& head);

}  // namespace failgate
