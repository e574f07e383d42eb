// What an audit of the deploy log found, in the kinds of product.md §10.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "controller/base/ids.h"

namespace failgate {

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

/// One thing wrong with the commit that is being looked at.
struct AuditFinding {
  AuditKind kind = AuditKind::kRewritten;
  std::string text;
};

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

/// {ok, commits, attested, problems: [{commit, kind, text}]}
[[nodiscard]] std::string WriteJson(const AuditReport& report);

}  // namespace failgate
