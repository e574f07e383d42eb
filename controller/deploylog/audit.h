// Proves or disproves the whole deploy log from a clone, with nothing but the clone (product.md
// §8).
#pragma once

#include <cstddef>
#include <functional>
#include <optional>

#include "controller/deploylog/audit_report.h"
#include "controller/git/allowed_signers.h"
#include "controller/git/repository.h"

namespace failgate {

struct AuditScope {
  AllowedSigners controllers;  ///< allowed_signers of main
  AllowedSigners people;       ///< people_signers of main: their keys never count
  /// A commit that must be part of the log (known from elsewhere), else its end was cut off.
  std::optional<CommitId> expect = {};
  /// It and all before it are taken as proven; it must be part of the log.
  std::optional<CommitId> since = {};
  /// Whose keys may sign policy: every decision must have been made under policy that one of them
  /// signed. nullopt: that is not asked.
  std::optional<AllowedSigners> owners = {};
  std::size_t threads = 0;  ///< 0 = as many as there are processors
  /// Called in the caller's thread now and then.
  std::function<void(std::size_t done, std::size_t total)> progress = {};
};

/// Every commit from the first: one parent; a good signature of the one key that is in force there
/// (the first is allowed by main, later ones are named by key-rotated facts); a message that is a
/// fact; sequence and dates that run on; nothing said twice; a tree that changed only by what the
/// fact is about, to what the fact makes of it; records and decisions untouched and true to their
/// names; decisions that come out the same when recomputed; for each end of a deployment the
/// promotion that ordered it, and a restart where it tells of one. The same report whatever the
/// number of threads. Throws Error for a broken or shallow repository.
[[nodiscard]] AuditReport VerifyLog(const Repository& repository,
                                    const std::optional<CommitId>& head,
                                    const AuditScope& scope);
/// The whole log, by the controllers' keys.
[[nodiscard]] AuditReport VerifyLog(const Repository& repository,
                                    const std::optional<CommitId>& head,
                                    const AllowedSigners& controllers,
                                    const std::optional<CommitId>& expect);

}  // namespace failgate
