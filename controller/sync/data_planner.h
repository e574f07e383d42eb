// From a head of a source of kind data to runs of the projects that read it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "controller/base/clock.h"
#include "controller/config/server_file.h"
#include "controller/store/head_store.h"
#include "controller/store/run_store.h"
#include "controller/store/step_store.h"
#include "controller/sync/data_version.h"
#include "controller/sync/run_data_version.h"

namespace failgate {

/// Thread-safe; idempotent: what a crash or another push in between left undone is done at the next
/// look of any of the sources.
class DataPlanner {
 public:
  DataPlanner(std::vector<SourceSettings> sources,
              std::filesystem::path mirrors,
              HeadStore& heads,
              RunStore& runs,
              StepStore& steps,
              const DataVersions& data,
              const RunDataVersion& versions,
              const Clock& clock);

  struct Outcome {
    std::vector<RunId> runs;  ///< of the newest code with the newest data, new or not
    bool queued = false;      ///< one of them is new
    std::string ignored_because;
  };
  /// Each project of the source that reads sources of kind data gets a data run of the newest
  /// processed head of its code with the newest processed heads of its data, unless it has one or
  /// that head of the code was ignored. Throws Error as Repository does.
  Outcome CatchUp(const SourceSettings& looked_at, const std::vector<std::string>& deliveries);

 private:
  struct Seen {
    RunId same;         ///< this code with this data
    bool data = false;  ///< some code with this data
    bool code = false;  ///< this code with some data
  };
  [[nodiscard]] const SourceSettings* CodeOf(const ProjectName& project) const;
  [[nodiscard]] Seen Look(const NewRun& wanted) const;
  void CatchUp(const ProjectName& project,
               const SourceSettings& looked_at,
               const std::vector<std::string>& deliveries,
               Outcome& outcome);

  std::vector<SourceSettings> sources_;
  std::filesystem::path mirrors_;
  HeadStore& heads_;
  RunStore& runs_;
  StepStore& steps_;
  const DataVersions& data_;
  const RunDataVersion& versions_;
  const Clock& clock_;
};

}  // namespace failgate
