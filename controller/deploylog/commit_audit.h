// What one commit of the log shows by itself and its parent's tree: the part of an audit that many
// threads do at once.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "controller/deploylog/audit_report.h"
#include "controller/deploylog/decision_audit.h"
#include "controller/deploylog/deployment_ends.h"
#include "controller/deploylog/fact.h"
#include "controller/deploylog/log_state.h"
#include "controller/git/allowed_signers.h"
#include "controller/git/repository.h"
#include "controller/git/ssh_signature.h"
#include "controller/git/tree_diff.h"

namespace failgate {

struct ExaminedCommit {
  CommitId id;
  std::size_t parents = 0;
  Person author;
  Person committer;
  TimePoint committer_time{};
  SignatureCheck signature;
  std::optional<WrittenFact> written;  ///< nullopt: its message is no fact (a finding says so)
  /// Of all that the message says but its number: a fact that is put on the log again shows here.
  std::string saying;
  std::vector<AuditFinding> findings;
  std::size_t attested = 0;  ///< answers of programs that it records
};

/// One a thread. Keeps what it read last: commits in order are cheapest.
class CommitAuditor {
 public:
  CommitAuditor(Repository repository, const AllowedSigners& controllers)
      : repository_(std::move(repository)), controllers_(controllers), decisions_(repository_) {}
  CommitAuditor(const CommitAuditor&) = delete;
  CommitAuditor& operator=(const CommitAuditor&) = delete;

  /// `previous` nullopt = the log's first commit. Throws Error(kRetry) when the disk is to blame;
  /// what cannot be read for another reason is a finding.
  [[nodiscard]] ExaminedCommit Examine(const std::optional<CommitId>& previous, const CommitId& id);

 private:
  void Add(AuditKind kind, std::string text);
  void CheckTree(const WrittenFact& written);
  /// True for a file of ends that the fact may be about; notes what became of it.
  bool TakeEnds(const Fact& fact, const ChangedPath& change);
  void CheckStateFile(const WrittenFact& written);
  void CheckEnvironment(const WrittenFact& written,
                        const std::string& path,
                        const std::string& text,
                        const DecisionRecord* decision);
  /// The state in the parent's tree; default when there is none. Throws Error when it cannot be
  /// read.
  [[nodiscard]] EnvironmentState EnvironmentBefore(const Fact& fact, const std::string& path);
  /// What lies beside the state now: what lay there before, with the files that changed. nullopt
  /// when one of them cannot be read.
  [[nodiscard]] std::optional<std::vector<HistoryEntry>> EndsBesideNow(
      const EnvironmentState& before) const;
  void CheckPeople(const WrittenFact& written, const std::string& text);
  void CheckController(const WrittenFact& written, const std::string& text);
  void CheckRecord(const WrittenFact& written);
  /// That the record of the project's release of this number names, in the parent's tree; none for
  /// 0.
  [[nodiscard]] std::vector<std::string> WatchesOf(const ProjectName& project, long number) const;
  /// That nobody is known to have made the data of a release is told just when its record says so.
  void CheckAuthors(const WrittenFact& written);
  /// The file in the parent's tree; nullopt when there is none.
  [[nodiscard]] std::optional<std::string> Before(const std::string& path) const;

  Repository repository_;
  const AllowedSigners& controllers_;
  DecisionAuditor decisions_;
  std::optional<CommitId> previous_;
  CommitId id_;
  ExaminedCommit found_;
  /// The environment states read last, by path: the next commit about one follows upon it.
  struct KnownState {
    ObjectId file;
    std::optional<ObjectId> ends;  ///< the tree beside it
    EnvironmentState state;
  };
  std::map<std::string, KnownState> states_;
  EndsFiles ends_;  ///< that the commit changes
};

}  // namespace failgate
