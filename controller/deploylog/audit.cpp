#include "controller/deploylog/audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "controller/base/digest.h"
#include "controller/base/text.h"
#include "controller/deploylog/fact.h"
#include "controller/git/signing_key.h"
#include "controller/git/ssh_signature.h"
#include "controller/git/tree_diff.h"
#include "policies/decision_json.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxCommits = 10'000'000;
constexpr std::size_t kMaxChanges = 1000;
constexpr std::size_t kMaxBytes = std::size_t{64} << 20U;

bool StartsWith(const std::string& text, const std::string& prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

/// What the commits so far allow the next one to say.
struct Past {
  long sequence = 0;
  std::optional<TimePoint> written;
  /// Per environment/project: attempts that were promoted, and those that were ended.
  std::map<std::string, std::set<std::string>> promoted;
  std::set<std::string> decisions;  ///< digests seen, verified once
};

class Auditor {
 public:
  Auditor(const Repository& repository, const AllowedSigners& allowed)
      : repository_(repository), allowed_(allowed) {}

  void Examine(const CommitInfo& commit) {
    commit_ = &commit;
    ++report.commits;
    CheckParents();
    CheckSignature();
    CheckDates();
    const auto written = ParseFactMessage(commit.message);
    if (!written) {
      Add(AuditKind::kRewritten, written.error().text);
      ++past_.sequence;
      previous_ = commit.id;
      return;
    }
    CheckSequence(*written);
    if (FormatTime(written->fact.at) != FormatTime(commit.author_time)) {
      Add(AuditKind::kDate, "the author date is not the time the fact names");
    }
    CheckTree(*written);
    CheckStory(*written);
    previous_ = commit.id;
  }

  AuditReport report;

 private:
  void Add(AuditKind kind, std::string text) {
    report.problems.push_back(AuditProblem{commit_->id, kind, std::move(text)});
  }

  void CheckParents() {
    const std::size_t wanted = previous_ ? 1 : 0;
    if (commit_->parents.size() != wanted) {
      Add(AuditKind::kRewritten, fmt::format("it has {} parents", commit_->parents.size()));
    }
  }

  void CheckSignature() {
    const SignatureCheck check = VerifySignature(commit_->signature,
                                                 commit_->signed_payload,
                                                 kGitNamespace,
                                                 allowed_,
                                                 commit_->committer_time);
    switch (check.verdict) {
      case SignatureVerdict::kGood:
        return;
      case SignatureVerdict::kUnsigned:
        Add(AuditKind::kUnsigned, "it is not signed");
        return;
      case SignatureVerdict::kBadSignature:
        Add(AuditKind::kRewritten, check.text);
        return;
      case SignatureVerdict::kForeignKey:
      case SignatureVerdict::kNotValidThen:
      case SignatureVerdict::kWrongNamespace:
        Add(AuditKind::kForeignKey, check.text);
        return;
    }
  }

  void CheckDates() {
    if (past_.written && commit_->committer_time < *past_.written) {
      Add(AuditKind::kDate, "it was written before the commit that comes before it");
    }
    past_.written = commit_->committer_time;
  }

  void CheckSequence(const WrittenFact& written) {
    if (written.sequence != past_.sequence + 1) {
      Add(AuditKind::kSequence,
          fmt::format("it is number {}, expected {}", written.sequence, past_.sequence + 1));
    }
    past_.sequence = written.sequence;
  }

  static std::string AboutPath(const Fact& fact) {
    if (!fact.environment.empty()) {
      return EnvironmentPath(fact.environment, fact.project);
    }
    return fact.project.empty() ? kControllerPath : ProjectPath(fact.project);
  }

  void CheckTree(const WrittenFact& written) {
    const auto changes = ChangedPaths(repository_, previous_, commit_->id, kMaxChanges);
    const std::string about = AboutPath(written.fact);
    bool touched = false;
    for (const ChangedPath& change : changes.paths) {
      if (change.path == about && change.kind != ChangeKind::kDeleted) {
        touched = true;
        CheckStateFile(written, about);
      } else if (StartsWith(change.path, "releases/")) {
        CheckRecordChange(written, change);
      } else if (StartsWith(change.path, "decisions/")) {
        CheckDecisionChange(change);
      } else {
        Add(AuditKind::kRewritten,
            fmt::format("it changes {}, which its fact is not about", OneLine(change.path)));
      }
    }
    if (!touched) {
      Add(AuditKind::kRewritten, fmt::format("it does not change {}", OneLine(about)));
    }
    if (written.fact.kind == FactKind::kReleased) {
      CheckRecord(written);
    }
  }

  void CheckStateFile(const WrittenFact& written, const std::string& path) {
    const auto text = repository_.ReadFile(commit_->id, path, kMaxBytes);
    const auto json = nlohmann::json::parse(text.value_or(""), nullptr, false);
    const bool same = json.is_object() && json.value("sequence", 0L) == written.sequence;
    if (!same) {
      Add(AuditKind::kRewritten, fmt::format("{} does not carry its number", path));
    }
  }

  void CheckRecordChange(const WrittenFact& written, const ChangedPath& change) {
    const bool own = written.fact.kind == FactKind::kReleased &&
                     change.kind == ChangeKind::kAdded &&
                     change.path == RecordPath(written.fact.project, written.fact.release);
    if (!own) {
      Add(AuditKind::kRecord, fmt::format("it changes the record {}", OneLine(change.path)));
    }
  }

  void CheckRecord(const WrittenFact& written) {
    const auto bytes = repository_.ReadFile(
        commit_->id, RecordPath(written.fact.project, written.fact.release), kMaxBytes);
    if (!bytes || written.Value("Record") != "sha256:" + Sha256Hex(*bytes)) {
      Add(AuditKind::kRecord,
          fmt::format("the record of {} is not the one the fact names",
                      written.fact.release.text()));
    }
  }

  void CheckDecisionChange(const ChangedPath& change) {
    if (change.kind != ChangeKind::kAdded) {
      Add(AuditKind::kDecision, fmt::format("it changes the decision {}", OneLine(change.path)));
    }
  }

  std::optional<DecisionRecord> ReadDecision(const std::string& digest) {
    const auto path = DecisionPath(digest);
    const auto bytes = path ? repository_.ReadFile(commit_->id, *path, kMaxBytes) : std::nullopt;
    if (!bytes) {
      Add(AuditKind::kDecision, fmt::format("the decision {} is not in the log", OneLine(digest)));
      return std::nullopt;
    }
    if (DecisionName(*bytes) != digest) {
      Add(AuditKind::kDecision, fmt::format("the decision {} has other bytes", digest));
      return std::nullopt;
    }
    auto record = DecisionRecordFromJson(*bytes);
    if (!record) {
      Add(AuditKind::kDecision, record.error().text);
      return std::nullopt;
    }
    return std::move(*record);
  }

  void CheckDecision(const WrittenFact& written, const std::string& digest) {
    const auto record = ReadDecision(digest);
    if (!record) {
      return;
    }
    if (record->environment != written.fact.environment ||
        record->project != written.fact.project) {
      Add(AuditKind::kDecision, "its decision is about something else");
    }
    if (written.fact.kind == FactKind::kPromoted &&
        (record->release != written.fact.release || record->decision.outcome != Outcome::kPassed)) {
      Add(AuditKind::kDecision, "what it promotes did not pass by its decision");
    }
    if (past_.decisions.insert(digest).second) {
      if (const auto refusal = VerifyDecision(*record)) {
        Add(AuditKind::kDecision, refusal->text);
      }
      CheckRecordOf(*record);
    }
  }

  /// The record that was judged is the one the log holds.
  void CheckRecordOf(const DecisionRecord& record) {
    const auto bytes =
        repository_.ReadFile(commit_->id, RecordPath(record.project, record.release), kMaxBytes);
    if (!bytes || record.record != "sha256:" + Sha256Hex(*bytes)) {
      Add(AuditKind::kRecord,
          fmt::format("{} was judged by another record", record.release.text()));
    }
  }

  void CheckStory(const WrittenFact& written) {
    const Fact& fact = written.fact;
    const std::string pair = fact.environment.text() + "/" + fact.project.text();
    const std::string attempt = written.Value("Attempt").value_or("");
    const auto digest = written.Value("Decision");
    if (digest) {
      CheckDecision(written, *digest);
    }
    switch (fact.kind) {
      case FactKind::kPromoted:
        if (!digest) {
          Add(AuditKind::kOrphan, "a promotion without a decision");
        }
        past_.promoted[pair].insert(attempt);
        break;
      case FactKind::kDeployed:
        if (!digest) {
          Add(AuditKind::kOrphan, "a deployment without a decision");
        }
        [[fallthrough]];
      case FactKind::kRolledBack:
      case FactKind::kFailed:
        if (past_.promoted[pair].count(attempt) == 0) {
          Add(AuditKind::kOrphan,
              fmt::format(
                  "no promotion ordered attempt {} of {}", OneLine(attempt), OneLine(pair)));
        }
        break;
      case FactKind::kStarted:
      case FactKind::kReleased:
      case FactKind::kDecided:
      case FactKind::kApproved:
      case FactKind::kRejected:
      case FactKind::kWithdrawn:
      case FactKind::kDrifted:
      case FactKind::kHealed:
      case FactKind::kResumed:
      case FactKind::kSuperseded:
      case FactKind::kRefused:
      case FactKind::kHistoryAccepted:
        break;
    }
  }

  const Repository& repository_;
  const AllowedSigners& allowed_;
  const CommitInfo* commit_ = nullptr;
  std::optional<CommitId> previous_;
  Past past_;
};

}  // namespace

std::string Word(AuditKind kind) {
  switch (kind) {
    case AuditKind::kUnsigned:
      return "unsigned";
    case AuditKind::kForeignKey:
      return "foreign-key";
    case AuditKind::kSequence:
      return "sequence";
    case AuditKind::kDate:
      return "date";
    case AuditKind::kRecord:
      return "record";
    case AuditKind::kDecision:
      return "decision";
    case AuditKind::kOrphan:
      return "orphan";
    case AuditKind::kCutOff:
      return "cut-off";
    case AuditKind::kRewritten:
      return "rewritten";
  }
  return "";
}

AuditReport VerifyLog(const Repository& repository,
                      const std::optional<CommitId>& head,
                      const AllowedSigners& allowed,
                      const std::optional<CommitId>& expect) {
  Auditor auditor(repository, allowed);
  if (head) {
    // First parents only: a merge is a problem of its own, not a second story.
    std::vector<CommitId> commits{*head};
    for (auto parents = repository.ReadCommit(*head).parents; !parents.empty();) {
      Check(commits.size() < kMaxCommits, "the log has fewer than ten million commits");
      commits.push_back(parents.front());
      parents = repository.ReadCommit(commits.back()).parents;
    }
    for (auto id = commits.rbegin(); id != commits.rend(); ++id) {
      auditor.Examine(repository.ReadCommit(*id));
    }
  }
  const bool holds =
      !expect || (head && repository.HasCommit(*expect) && repository.IsAncestor(*expect, *head));
  if (!holds) {
    auditor.report.problems.push_back(
        AuditProblem{*expect,
                     AuditKind::kCutOff,
                     fmt::format("{} is not part of the log: its end was cut off or rewritten",
                                 expect->text())});
  }
  return std::move(auditor.report);
}

std::string WriteJson(const AuditReport& report) {
  nlohmann::ordered_json json{{"ok", report.ok()},
                              {"commits", report.commits},
                              {"attested", report.attested},
                              {"problems", nlohmann::ordered_json::array()}};
  for (const AuditProblem& problem : report.problems) {
    json["problems"].push_back(
        {{"commit", problem.commit.text()}, {"kind", Word(problem.kind)}, {"text", problem.text}});
  }
  return json.dump() + "\n";
}

}  // namespace failgate
