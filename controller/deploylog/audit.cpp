#include "controller/deploylog/audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "controller/deploylog/log_history.h"
#include "controller/deploylog/log_story.h"
#include "controller/deploylog/log_trust.h"
#include "controller/deploylog/parallel_audit.h"
#include "controller/deploylog/policy_audit.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxCommits = 10'000'000;
constexpr std::size_t kProgressEvery = 500;
/// Of one project in one environment, newest first.
constexpr std::size_t kOrdersLookedAt = 3;

struct Line {
  std::vector<CommitId> commits;  ///< oldest first
  bool reached = false;           ///< it ends just after the commit that was asked for
};

/// First parents only: a merge is a problem of its own, not a second story.
Line LineUpTo(const Repository& repository,
              const CommitId& head,
              const std::optional<CommitId>& since) {
  Line line;
  std::optional<CommitId> at = head;
  while (at) {
    if (at == since) {
      line.reached = true;
      break;
    }
    Check(line.commits.size() < kMaxCommits, "the log has fewer than ten million commits");
    line.commits.push_back(*at);
    const auto parents = repository.ReadCommit(*at).parents;
    at = parents.empty() ? std::nullopt : std::optional<CommitId>(parents.front());
  }
  std::reverse(line.commits.begin(), line.commits.end());
  return line;
}

/// The fact at or before `since` that ordered what ended as `ended` says.
std::optional<CommitId> OrderOf(const Repository& repository,
                                const CommitId& since,
                                const WrittenFact& ended) {
  LogFilter orders;
  orders.environment = ended.fact.environment;
  orders.project = ended.fact.project;
  orders.limit = kOrdersLookedAt;
  for (const FactKind kind : {FactKind::kPromoted, FactKind::kRemovalOrdered}) {
    orders.kind = kind;
    for (const LogEntry& entry : ReadHistory(repository, since, orders)) {
      if (entry.written.Value("Attempt") == ended.Value("Attempt")) {
        return entry.commit;
      }
    }
  }
  return std::nullopt;
}

/// See LogStory::RestartBefore. Reads what lies between `since` and the order, and seldom more:
/// what ends after `since` was ordered shortly before it.
std::optional<bool> RestartBefore(const Repository& repository,
                                  const CommitId& since,
                                  const WrittenFact& recovered) {
  const auto ordered = OrderOf(repository, since, recovered);
  if (!ordered) {
    return std::nullopt;
  }
  for (CommitId at = since; at != *ordered;) {
    const CommitInfo commit = repository.ReadCommit(at);
    const auto written = ParseFactMessage(commit.message);
    if (written && written->fact.kind == FactKind::kStarted) {
      return true;
    }
    if (commit.parents.empty()) {
      return std::nullopt;
    }
    at = commit.parents.front();
  }
  return false;
}

/// The story goes on after `since`: number, date and key are taken from that commit.
void TakeAsGiven(const Repository& repository, const CommitId& since, LogStory& story) {
  const CommitInfo commit = repository.ReadCommit(since);
  const auto written = ParseFactMessage(commit.message);
  const auto writer = WriterAfter(repository, since);
  if (!written || !writer) {
    throw Error(Remedy::kNeedsChange,
                fmt::format("going on after {}: it is no signed fact, so that nothing can be taken "
                            "from it; verify the whole log",
                            since.text()));
  }
  story.Trust(commit, *written, *writer, [&repository, since](const WrittenFact& recovered) {
    return RestartBefore(repository, since, recovered);
  });
}

AuditProblem CutOff(const CommitId& commit) {
  return AuditProblem{
      commit,
      AuditKind::kCutOff,
      fmt::format("{} is not part of the log: its end was cut off or rewritten", commit.text())};
}

std::size_t ThreadsOf(const AuditScope& scope) {
  return scope.threads != 0 ? scope.threads
                            : std::max<std::size_t>(1, std::thread::hardware_concurrency());
}

void VerifyLine(const Repository& repository,
                const CommitId& head,
                const AuditScope& scope,
                AuditReport& report) {
  const Line line = LineUpTo(repository, head, scope.since);
  ProcessRunner processes;
  std::optional<PolicyAudit> policy;
  if (scope.owners) {
    policy.emplace(repository, *scope.owners, processes);
  }
  LogStory story(KeyChain(scope.controllers, scope.people));
  if (line.reached) {
    TakeAsGiven(repository, *scope.since, story);
    if (policy) {
      policy->TakeAsGiven(*scope.since);
    }
  } else if (scope.since) {
    report.problems.push_back(CutOff(*scope.since));
  }
  ExamineInOrder(repository,
                 line.reached ? scope.since : std::nullopt,
                 line.commits,
                 scope.controllers,
                 ThreadsOf(scope),
                 [&](const ExaminedCommit& commit) {
                   const auto add = [&](std::vector<AuditFinding> findings) {
                     for (AuditFinding& finding : findings) {
                       report.problems.push_back(
                           AuditProblem{commit.id, finding.kind, std::move(finding.text)});
                     }
                   };
                   add(story.Continue(commit));
                   if (policy && commit.written) {
                     add(policy->Continue(commit.id, *commit.written));
                   }
                   ++report.commits;
                   report.attested += commit.attested;
                   if (scope.progress && (report.commits % kProgressEvery == 0 ||
                                          report.commits == line.commits.size())) {
                     scope.progress(report.commits, line.commits.size());
                   }
                 });
}

}  // namespace

AuditReport VerifyLog(const Repository& repository,
                      const std::optional<CommitId>& head,
                      const AuditScope& scope) {
  if (std::filesystem::exists(repository.path() / "shallow")) {
    throw Error(Remedy::kNeedsChange,
                fmt::format("verifying {}: it is a shallow clone, its first commits are missing: "
                            "run git fetch --unshallow",
                            repository.path().string()));
  }
  AuditReport report;
  if (head) {
    VerifyLine(repository, *head, scope, report);
  }
  const auto& expect = scope.expect;
  const bool holds =
      !expect || (head && repository.HasCommit(*expect) && repository.IsAncestor(*expect, *head));
  if (!holds) {
    report.problems.push_back(CutOff(*expect));
  }
  return report;
}

AuditReport VerifyLog(const Repository& repository,
                      const std::optional<CommitId>& head,
                      const AllowedSigners& controllers,
                      const std::optional<CommitId>& expect) {
  AuditScope scope;
  scope.controllers = controllers;
  scope.expect = expect;
  return VerifyLog(repository, head, scope);
}

}  // namespace failgate
