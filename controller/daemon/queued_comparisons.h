// Queues the runs that comparisons with a new champion need.
#pragma once

#include <functional>
#include <set>
#include <utility>

#include "controller/promotion/comparison_runs.h"
#include "controller/sync/run_request.h"

namespace failgate {

/// Of the promoter's thread. The run has a key of its own for each champion, so that a restart does
/// not queue it twice.
class QueuedComparisons final : public ComparisonRuns {
 public:
  /// `ask` is Syncer::RequestRun.
  explicit QueuedComparisons(std::function<Result<RunId>(const RunRequest&)> ask)
      : ask_(std::move(ask)) {}
  void Want(const ReleaseRecord& release, const ReleaseName& champion) override;

 private:
  std::function<Result<RunId>(const RunRequest&)> ask_;
  std::set<std::pair<CommitId, ReleaseName>> queued_;  ///< revision and champion
};

}  // namespace failgate
