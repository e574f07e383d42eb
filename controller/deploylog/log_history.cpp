#include "controller/deploylog/log_history.h"

namespace failgate {

std::vector<LogEntry> ReadHistory(const Repository& repository,
                                  const CommitId& head,
                                  const LogFilter& filter) {
  std::vector<LogEntry> entries;
  std::optional<CommitId> at = head;
  if (!filter.before.empty()) {
    const auto parents = repository.ReadCommit(filter.before).parents;
    at = parents.empty() ? std::nullopt : std::optional<CommitId>(parents.front());
  }
  while (at && entries.size() < filter.limit) {
    const CommitInfo commit = repository.ReadCommit(*at);
    auto written = ParseFactMessage(commit.message);
    const bool wanted =
        written &&
        (filter.environment.empty() || written->fact.environment == filter.environment) &&
        (!filter.kind || written->fact.kind == *filter.kind) &&
        (filter.project.empty() || written->fact.project == filter.project);
    if (wanted) {
      entries.push_back(LogEntry{*at, std::move(*written)});
    }
    at = commit.parents.empty() ? std::nullopt : std::optional<CommitId>(commit.parents.front());
  }
  return entries;
}

}  // namespace failgate
