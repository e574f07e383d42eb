// What one pass of promotion saw: immutable, for readers in other threads and for readers of a
// clone.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "controller/base/result.h"
#include "controller/deploylog/log_tree.h"
#include "controller/promotion/assessment.h"
#include "controller/promotion/operations_files.h"

namespace failgate {

struct PromotionSnapshot {
  CommitId main;
  std::optional<CommitId> log_head;
  std::shared_ptr<const OperationsView> view;  ///< never nullptr, as `log`
  std::shared_ptr<const LogView> log;
  std::map<EnvironmentProject, std::shared_ptr<const Assessment>> pairs;
  TimePoint at;
  /// When a gate that waits may open by itself: the earliest of all pairs.
  std::optional<TimePoint> next_until = {};
  /// Whose policy is in force, where owners sign it; else empty.
  CommitId policy = {};
  /// Why the policy of `main` is not the one in force (PolicyStanding::trouble); empty = it is.
  std::string policy_trouble = {};
};

/// The same from a clone of the operations repository (or a bare copy), offline: branches main and
/// deploy-log as the clone last saw them at origin, else its own. Bounds of the server file and
/// authors and signers of revisions are not known there, unless `source` is the repository of a
/// clone that has them.
[[nodiscard]] Result<PromotionSnapshot> ReadClone(const std::filesystem::path& clone,
                                                  TimePoint now,
                                                  const std::filesystem::path& source = {});

/// refs/remotes/origin/NAME, else refs/heads/NAME.
[[nodiscard]] std::optional<CommitId> BranchOfClone(const Repository& clone,
                                                    const std::string& name);

}  // namespace failgate
