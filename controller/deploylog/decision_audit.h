// Decisions in the log: true to their names, about what their fact says, and the same when they are
// computed again.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "controller/deploylog/audit_report.h"
#include "controller/deploylog/fact.h"
#include "controller/git/repository.h"
#include "policies/decision_json.h"

namespace failgate {

/// Not thread-safe; the repository must outlive it.
class DecisionAuditor {
 public:
  explicit DecisionAuditor(const Repository& repository) : repository_(repository) {}

  /// For a commit that adds the decision at `path`: computes it again from its inputs. How many of
  /// them are answers of programs, which are taken as they are.
  std::size_t Recompute(const CommitId& commit,
                        const std::string& path,
                        std::vector<AuditFinding>& findings);
  /// For every fact: the decision that it names says what the fact says of it. nullptr when there
  /// is none that can be read. Valid until the next call.
  [[nodiscard]] const DecisionRecord* Check(const CommitId& commit,
                                            const WrittenFact& written,
                                            std::vector<AuditFinding>& findings);
  /// "sha256:…" of a release's record in this commit's tree.
  [[nodiscard]] std::optional<std::string> RecordDigest(const CommitId& commit,
                                                        const ProjectName& project,
                                                        const ReleaseName& release);

 private:
  struct Read {
    std::optional<DecisionRecord> record;
    std::string name;  ///< "sha256:…" of the bytes
    std::string problem;
  };
  struct Digests {
    std::string record;    ///< "sha256:…" of a record's bytes
    std::string evidence;  ///< of what its evidence says; empty = the record cannot be read
  };
  [[nodiscard]] const Digests* DigestsAt(const CommitId& commit,
                                         const ProjectName& project,
                                         const ReleaseName& release);
  [[nodiscard]] const Read* At(const CommitId& commit, const std::string& path);

  const Repository& repository_;
  std::map<ObjectId, Read> decisions_;
  std::map<ObjectId, Digests> digests_;
};

}  // namespace failgate
