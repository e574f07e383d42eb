// The data version of a run: what git has of it, and the newest version of each watch.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/base/result.h"
#include "controller/git/repository.h"
#include "controller/pipeline/pipeline_file.h"
#include "controller/sync/data_version.h"
#include "controller/watch/watched_data.h"

namespace failgate {

/// Why a watch has no place in the tree of the revision, one sentence; nullopt = all have.
[[nodiscard]] std::optional<std::string> FaultOfWatchPlaces(const Repository& repository,
                                                            const CommitId& revision,
                                                            const Pipeline& pipeline);

/// Thread-safe. What it is made of must outlive it.
class RunDataVersion {
 public:
  /// `watched` nullptr: there are no watches, and a pipeline that names one is refused.
  RunDataVersion(DataVersions& git, const WatchedData* watched) : git_(git), watched_(watched) {}

  /// Refusals: unknown_watch, watch_in_git, those of DataVersions::Of; throws Error as that.
  [[nodiscard]] Result<std::string> Of(const Repository& repository,
                                       const CommitId& revision,
                                       const Pipeline& pipeline) const;
  /// The parts behind that of git; refusal: unknown_watch.
  [[nodiscard]] Result<std::vector<WatchedPart>> Watched(const Pipeline& pipeline) const;

 private:
  DataVersions& git_;
  const WatchedData* watched_;
};

}  // namespace failgate
