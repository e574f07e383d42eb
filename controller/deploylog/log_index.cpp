#include "controller/deploylog/log_index.h"

#include <algorithm>

#include "controller/base/log.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxCommits = 10'000'000;
/// So far behind its head a log is still read by its index.
constexpr std::size_t kMaxTail = 1000;

IndexedFact Describe(const CommitInfo& commit) {
  IndexedFact indexed;
  indexed.commit = commit.id;
  if (const auto written = ParseFactMessage(commit.message)) {
    indexed.fact = FactWord(written->fact.kind);
    indexed.environment = written->fact.environment;
    indexed.project = written->fact.project;
  }
  return indexed;
}

std::optional<CommitId> ParentOf(const CommitInfo& commit) {
  return commit.parents.empty() ? std::nullopt : std::optional<CommitId>(commit.parents.front());
}

/// Adds the entry when it is wanted and there is room.
void Take(const CommitInfo& commit, const LogFilter& filter, std::vector<LogEntry>& entries) {
  auto written = ParseFactMessage(commit.message);
  if (written && Wants(filter, written->fact) && entries.size() < filter.limit) {
    entries.push_back(LogEntry{commit.id, std::move(*written)});
  }
}

}  // namespace

void LogIndexer::FindWay(const Repository& repository, const CommitId& head) {
  auto end = index_.End();
  const bool of_this_history =
      end && repository.HasCommit(end->commit) && repository.IsAncestor(end->commit, head);
  if (end && !of_this_history) {
    log::Warning("the log's history is another one than was indexed: it is indexed anew");
    index_.Clear();
    end.reset();
  }
  way_ = repository.CommitsBetween(
      end ? std::optional<CommitId>(end->commit) : std::nullopt, head, kMaxCommits);
  target_ = head;
}

bool LogIndexer::Advance(const CommitId& head) {
  if (refused_ == head) {
    return false;
  }
  const auto end = index_.End();
  if (end && end->commit == head) {
    return false;
  }
  const Repository repository = Repository::Open(repository_);
  if (way_.empty() || target_ != head) {
    FindWay(repository, head);
  }
  const auto after = index_.End();
  std::optional<CommitId> parent = after ? std::optional<CommitId>(after->commit) : std::nullopt;
  std::vector<IndexedFact> batch;
  while (!way_.empty() && batch.size() < kBatch) {
    const CommitInfo commit = repository.ReadCommit(way_.back());
    way_.pop_back();
    if (commit.parents.size() > 1 || ParentOf(commit) != parent) {
      log::Warning("the log is no single line of commits: it is read without an index",
                   {{"commit", commit.id.text()}});
      refused_ = head;
      way_.clear();
      return false;
    }
    parent = commit.id;
    batch.push_back(Describe(commit));
  }
  if (!index_.Append(after, batch)) {
    way_.clear();
    return true;
  }
  if (way_.empty()) {
    way_.shrink_to_fit();
    return false;
  }
  return true;
}

std::vector<LogEntry> ReadIndexedHistory(const FactIndex& index,
                                         const Repository& repository,
                                         const CommitId& head,
                                         const LogFilter& filter) {
  const bool all = filter.environment.empty() && filter.project.empty() && !filter.kind;
  // Without filter a walk is over what is answered, and no more.
  if (all || !index.End()) {
    return ReadHistory(repository, head, filter);
  }
  std::vector<LogEntry> entries;
  std::optional<CommitId> at =
      filter.before.empty() ? head : ParentOf(repository.ReadCommit(filter.before));
  FactIndex::Query query;
  query.environment = filter.environment;
  query.project = filter.project;
  query.fact = filter.kind ? FactWord(*filter.kind) : std::string();
  for (std::size_t walked = 0; at && walked < kMaxTail && entries.size() < filter.limit; ++walked) {
    query.newest = *at;
    query.limit = filter.limit - entries.size();
    if (const auto commits = index.Find(query)) {
      for (const CommitId& commit : *commits) {
        Take(repository.ReadCommit(commit), filter, entries);
      }
      return entries;
    }
    const CommitInfo commit = repository.ReadCommit(*at);
    Take(commit, filter, entries);
    at = ParentOf(commit);
  }
  return at && entries.size() < filter.limit ? ReadHistory(repository, head, filter) : entries;
}

bool IsInHistory(const FactIndex& index,
                 const Repository& repository,
                 const CommitId& commit,
                 const CommitId& head) {
  const auto number = index.NumberOf(commit);
  const auto last = index.NumberOf(head);
  if (number && last) {
    return *number <= *last;
  }
  return repository.HasCommit(commit) && repository.IsAncestor(commit, head);
}

}  // namespace failgate
