// Which commits of the deploy log tell of what: an index of the log, so that its readers need not
// walk. A cache of git and nothing else: it may lag behind, and may be lost.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/base/ids.h"
#include "controller/store/database.h"

namespace failgate {

/// One commit of the log. All but `commit` empty: its message is no fact.
struct IndexedFact {
  CommitId commit;
  std::string fact;  ///< "deployed", …
  EnvironmentName environment;
  ProjectName project;
};

/// Thread-safe. Its rows are one line of commits, each the parent of the next, from the first
/// commit of the log to End().
class FactIndex {
 public:
  struct Place {
    long long number = 0;  ///< counts from 1, the first commit of the log
    CommitId commit;
    bool operator==(const Place&) const = default;
  };
  explicit FactIndex(Database& database) : database_(database) {}

  /// nullopt: it is empty.
  [[nodiscard]] std::optional<Place> End() const;
  /// Adds children of `after` (nullopt: it is empty), oldest first, in one transaction. False when
  /// it ends elsewhere; nothing is added then.
  bool Append(const std::optional<Place>& after, const std::vector<IndexedFact>& facts);
  void Clear();
  [[nodiscard]] std::optional<long long> NumberOf(const CommitId& commit) const;

  struct Query {
    EnvironmentName environment;  ///< empty = all
    ProjectName project;
    std::string fact;
    CommitId newest;  ///< the first that may be answered
    std::size_t limit = 50;
  };
  /// Commits of facts, newest first; nullopt when `newest` is not in the index.
  [[nodiscard]] std::optional<std::vector<CommitId>> Find(const Query& query) const;

 private:
  Database& database_;
};

}  // namespace failgate
