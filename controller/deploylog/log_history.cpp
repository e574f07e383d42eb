#include "controller/deploylog/log_history.h"

#include <cstdint>

#include "controller/base/error.h"
#include "controller/deploylog/log_jumps.h"

namespace failgate {
namespace {

/// Where facts are dense walking is cheaper than looking for the next one.
constexpr std::size_t kWalkedFirst = 500;

std::optional<CommitId> ParentOf(const CommitInfo& commit) {
  return commit.parents.empty() ? std::nullopt : std::optional<CommitId>(commit.parents.front());
}

/// Until the page is full, the log ends or `steps` commits were read; answers where it stands.
std::optional<CommitId> Walk(const Repository& repository,
                             std::optional<CommitId> at,
                             const LogFilter& filter,
                             std::size_t steps,
                             std::vector<LogEntry>& entries) {
  for (; at && at != filter.down_to && entries.size() < filter.limit && steps > 0; --steps) {
    const CommitInfo commit = repository.ReadCommit(*at);
    auto written = ParseFactMessage(commit.message);
    if (written && Wants(filter, written->fact)) {
      entries.push_back(LogEntry{*at, std::move(*written)});
    }
    at = ParentOf(commit);
  }
  return at;
}

/// Until the page is full, the log ends, or it can not go on so.
std::optional<CommitId> Jump(const Repository& repository,
                             const CommitId& start,
                             const LogFilter& filter,
                             std::vector<LogEntry>& entries) {
  LogJumps jumps(repository, filter, start);
  while (entries.size() < filter.limit) {
    auto entry = jumps.Next();
    if (!entry) {
      return jumps.sound() ? std::nullopt : jumps.reached();
    }
    if (Wants(filter, entry->written.fact)) {
      entries.push_back(std::move(*entry));
    }
  }
  return std::nullopt;
}

}  // namespace

bool Wants(const LogFilter& filter, const Fact& fact) {
  return (filter.environment.empty() || fact.environment == filter.environment) &&
         (!filter.kind || fact.kind == *filter.kind) &&
         (filter.project.empty() || fact.project == filter.project);
}

std::vector<LogEntry> ReadHistory(const Repository& repository,
                                  const CommitId& head,
                                  const LogFilter& filter) {
  std::vector<LogEntry> entries;
  std::optional<CommitId> at = head;
  if (!filter.before.empty()) {
    at = ParentOf(repository.ReadCommit(filter.before));
  }
  const bool all = filter.environment.empty() && filter.project.empty();
  if (all) {
    Walk(repository, at, filter, SIZE_MAX, entries);
    return entries;
  }
  Check(!filter.down_to, "only the whole log is read down to a commit");
  at = Walk(repository, at, filter, kWalkedFirst, entries);
  if (at && entries.size() < filter.limit) {
    at = Jump(repository, *at, filter, entries);
  }
  if (at && entries.size() < filter.limit) {
    Walk(repository, at, filter, SIZE_MAX, entries);
  }
  return entries;
}

}  // namespace failgate
