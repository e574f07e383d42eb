// Reading the facts of the log back, newest first, for people and programs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/deploylog/fact.h"
#include "controller/git/repository.h"

namespace failgate {

struct LogFilter {
  EnvironmentName environment;  ///< empty = all
  ProjectName project;
  std::optional<FactKind> kind;  ///< absent = all
  CommitId before;               ///< the last commit of the page before; empty = from the newest
  std::size_t limit = 50;
  /// Where reading ends; itself left out. nullopt, or no commit on the line = the log's first fact.
  /// For the whole log only, not for an environment or project.
  std::optional<CommitId> down_to = {};
};

struct LogEntry {
  CommitId commit;
  WrittenFact written;
};

/// Environment, project and kind; not what bounds the page.
[[nodiscard]] bool Wants(const LogFilter& filter, const Fact& fact);

/// Commits whose message is no fact are left out (`audit verify` tells of them). Costs what is
/// answered, and for an environment or project whose facts are rare the walk over the ids between
/// them (0.5 s for 100,000); a kind alone is looked for in every commit.
[[nodiscard]] std::vector<LogEntry> ReadHistory(const Repository& repository,
                                                const CommitId& head,
                                                const LogFilter& filter);

}  // namespace failgate
