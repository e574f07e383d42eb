#include "controller/promotion/check_audit.h"

#include <fmt/format.h>

#include <limits>
#include <set>
#include <tuple>

#include "controller/base/text.h"
#include "controller/checks/check_files.h"
#include "controller/deploylog/log_history.h"
#include "policies/decision_json.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxDecisionBytes = std::size_t{64} << 20U;

/// nullopt also for one that cannot be read: the audit of the log itself tells that.
std::optional<CheckFilesFact> FilesOf(const Repository& repository, const LogEntry& entry) {
  const auto path = DecisionPath(entry.written.Value("Decision").value_or(""));
  const auto bytes =
      path ? repository.ReadFile(entry.commit, *path, kMaxDecisionBytes) : std::nullopt;
  if (!bytes || bytes->find("\"check_files\"") == std::string::npos) {
    return std::nullopt;
  }
  const auto record = DecisionRecordFromJson(*bytes);
  return record ? record->facts.check_files : std::nullopt;
}

}  // namespace

std::optional<AuditFinding> WhyNotTheFilesOfMain(const Repository& repository,
                                                 const std::optional<CommitId>& main,
                                                 const EnvironmentName& environment,
                                                 const CheckFilesFact& files) {
  if (!main || !repository.HasCommit(files.commit)) {
    return std::nullopt;
  }
  if (files.commit != *main && !repository.IsAncestor(files.commit, *main)) {
    return AuditFinding{
        AuditKind::kRewritten,
        fmt::format("its checks ran in files of {}, which main never had", files.commit.text())};
  }
  if (CheckFilesAt(repository, files.commit, environment).digest != files.digest) {
    return AuditFinding{AuditKind::kDecision,
                        fmt::format("its checks ran in other files than environments/{} has at {}",
                                    environment.text(),
                                    files.commit.text())};
  }
  return std::nullopt;
}

void AuditCheckFiles(const Repository& repository,
                     const CommitId& head,
                     const std::optional<CommitId>& main,
                     const std::optional<CommitId>& since,
                     AuditReport& report) {
  std::set<std::tuple<EnvironmentName, CommitId, std::string>> proven;
  LogFilter filter;
  filter.kind = FactKind::kPromoted;
  filter.down_to = since;
  filter.limit = std::numeric_limits<std::size_t>::max();
  for (const LogEntry& entry : ReadHistory(repository, head, filter)) {
    const auto files = FilesOf(repository, entry);
    const EnvironmentName& environment = entry.written.fact.environment;
    if (!files || proven.count({environment, files->commit, files->digest}) > 0) {
      continue;
    }
    if (auto wrong = WhyNotTheFilesOfMain(repository, main, environment, *files)) {
      report.problems.push_back(AuditProblem{entry.commit, wrong->kind, std::move(wrong->text)});
    } else {
      proven.emplace(environment, files->commit, files->digest);
    }
  }
}

}  // namespace failgate
