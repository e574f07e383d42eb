// The part of an audit that asks whether owners signed the policy that decisions were made by.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "controller/deploylog/audit_report.h"
#include "controller/deploylog/fact.h"
#include "controller/git/allowed_signers.h"
#include "controller/git/repository.h"
#include "controller/process/process.h"
#include "controller/trust/policy_trust.h"

namespace failgate {

/// Goes through the log in order. Each `policy-changed` must name a commit of main whose listing
/// and signature are as it says, signed by an owner whose key was valid then; each decision after
/// it must have been made by files of that listing. Not thread-safe.
class PolicyAudit {
 public:
  /// What is given must outlive it. The repository must hold main too.
  PolicyAudit(const Repository& repository, const AllowedSigners& owners, ProcessRunner& processes)
      : repository_(repository), owners_(owners), processes_(processes) {}

  /// What was in force at this commit of the log is taken from its state.
  void TakeAsGiven(const CommitId& since);
  /// Throws Error when the repository cannot be read.
  [[nodiscard]] std::vector<AuditFinding> Continue(const CommitId& commit,
                                                   const WrittenFact& written);

 private:
  /// (path, blob)
  using Files = std::set<std::pair<std::string, std::string>>;
  [[nodiscard]] std::vector<AuditFinding> Enter(const PolicyInForce& policy);
  [[nodiscard]] std::vector<AuditFinding> CheckDecision(const CommitId& commit,
                                                        const WrittenFact& written) const;

  const Repository& repository_;
  const AllowedSigners& owners_;
  ProcessRunner& processes_;
  std::optional<Files> covered_;  ///< nullopt: no policy that an owner signed is in force
};

}  // namespace failgate
