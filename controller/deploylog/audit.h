// Proves or disproves the whole deploy log from a clone, with nothing but the clone (product.md
// §8).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/deploylog/log_state.h"
#include "controller/git/allowed_signers.h"
#include "controller/git/repository.h"

namespace failgate {

/// The kinds of product.md §10.
enum class AuditKind {
  kUnsigned,
  kForeignKey,
  kSequence,
  kDate,
  kRecord,
  kDecision,
  kOrphan,
  kCutOff,
  kRewritten,
};
[[nodiscard]] std::string Word(AuditKind kind);

struct AuditProblem {
  CommitId commit;
  AuditKind kind = AuditKind::kRewritten;
  std::string text;
};

struct AuditReport {
  std::size_t commits = 0;
  std::size_t attested = 0;            ///< answers of commands that were recorded, not recomputed
  std::vector<AuditProblem> problems;  ///< oldest commit first
  [[nodiscard]] bool ok() const { return problems.empty(); }
};

/// Every commit from the first: one parent, a good signature of an allowed key at its time, a
/// message that is a fact, sequence and dates that run on, a tree that changed only by what the
/// fact is about, records and decisions untouched and true to their names, decisions that come out
/// the same when recomputed, and for each deployment the promotion that ordered it. `expect`: a
/// commit that must be part of the log (known from elsewhere), else its end was cut off. Throws
/// Error for a broken repository.
[[nodiscard]] AuditReport VerifyLog(const Repository& repository,
                                    const std::optional<CommitId>& head,
                                    const AllowedSigners& allowed,
                                    const std::optional<CommitId>& expect);

/// {ok, commits, attested, problems: [{commit, kind, text}]}
[[nodiscard]] std::string WriteJson(const AuditReport& report);

}  // namespace failgate
