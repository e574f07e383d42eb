// From a branch whose head moved to its run: the part of syncing that reads no remote.
#pragma once

#include <string>
#include <vector>

#include "controller/config/server_file.h"
#include "controller/git/repository.h"
#include "controller/store/head_store.h"
#include "controller/store/run_store.h"
#include "controller/store/step_store.h"
#include "controller/sync/run_data_version.h"
#include "controller/sync/snapshot.h"

namespace failgate {

/// What a moved head led to: a run, or the reason why there is none.
struct BranchOutcome {
  RunId run;
  bool queued = false;  ///< the run is new and waits to be executed
  std::string ignored_because;
  std::vector<RunId> more = {};  ///< further runs, of other projects that read the data
};

/// Thread-safe; idempotent: a crash anywhere between its steps leads to the same end.
class BranchPlanner {
 public:
  BranchPlanner(HeadStore& heads, RunStore& runs, StepStore& steps, const RunDataVersion& data);

  /// Creates the run, supersedes older queued ones of the branch and stores the head, in this
  /// order. `deliveries` may have asked for it. Throws Error.
  BranchOutcome Plan(const SourceSettings& source,
                     const Repository& repository,
                     const RefEntry& head,
                     const std::vector<std::string>& deliveries);
  /// Stores the head without looking at it.
  void Note(const SourceSettings& source, const RefEntry& head);

 private:
  [[nodiscard]] BranchOutcome Decide(const SourceSettings& source,
                                     const Repository& repository,
                                     const Snapshot& snapshot,
                                     const std::vector<std::string>& deliveries);
  [[nodiscard]] BranchOutcome Refuse(const SourceSettings& source,
                                     const Snapshot& snapshot,
                                     const std::vector<std::string>& deliveries,
                                     const std::string& reason);
  [[nodiscard]] BranchOutcome Queue(NewRun run, const Snapshot& snapshot);

  HeadStore& heads_;
  RunStore& runs_;
  StepStore& steps_;
  const RunDataVersion& data_;
};

/// All problems in one line: "file:line:column: text; …".
[[nodiscard]] std::string DescribeInOneLine(const Problems& problems);

/// Empty, or why this source may not release the project its pipeline names.
[[nodiscard]] std::string WhyNotOf(const SourceSettings& source, const ProjectName& project);

}  // namespace failgate
