// What the log has released already, remembered between passes.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "controller/deploylog/deploy_log.h"
#include "controller/deploylog/log_tree.h"
#include "controller/release/release_record.h"

namespace failgate {

/// A record is read once, not once for each release that is due: a project may have thousands, and
/// after a lost database all its runs are due. Not thread-safe.
class KnownReleases {
 public:
  explicit KnownReleases(DeployLog& log) : log_(log) {}

  /// The release of `tree`, which follows the log's head, that the record's run gave, or that has
  /// the same revision, data and artifacts.
  [[nodiscard]] std::optional<ReleaseName> Find(const LogTree& tree, const ReleaseRecord& record);

 private:
  struct Known {
    ObjectId blob;
    std::optional<ReleaseRecord> record;  ///< only what Find compares; nullopt: unreadable
  };
  void ReadWritten(const LogTree& tree, const ProjectName& project);

  DeployLog& log_;
  std::map<ProjectName, std::map<ReleaseName, Known>> written_;
};

}  // namespace failgate
