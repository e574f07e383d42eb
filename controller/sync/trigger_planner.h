// Runs that no push asks for: times of a schedule that came, and watched data that is new.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "controller/base/guarded.h"
#include "controller/store/run_store.h"
#include "controller/store/schedule_store.h"
#include "controller/store/step_store.h"
#include "controller/store/watch_store.h"
#include "controller/sync/code_branch.h"
#include "controller/sync/run_data_version.h"

namespace failgate {

/// Thread-safe for different sources; one source is worked on by one worker at a time.
class TriggerPlanner {
 public:
  struct Parts {
    RunStore& runs;
    StepStore& steps;
    ScheduleStore& schedules;
    const RunDataVersion& data;
    const Clock& clock;
    WatchStore* watches = {};  ///< nullptr: there are no watches
  };
  explicit TriggerPlanner(Parts parts);

  /// After the pushes of a look were planned: queues what is due for the head of each project's
  /// code branch; true = a run was queued. A time that passed while nobody looked counts once,
  /// however many there were. Killed anywhere, it comes to the same run. Throws Error.
  bool Plan(const SourceSettings& source,
            const Repository& repository,
            const std::vector<RefEntry>& heads);
  /// Sources that a schedule wants looked at now; each is named once until it is planned again.
  [[nodiscard]] std::vector<SourceName> TakeDue();

 private:
  /// The heads of a project's source, and what FirstCodeBranch said of them.
  struct Known {
    std::vector<RefEntry> heads;
    std::shared_ptr<const CodePlace> place;  ///< nullptr: nothing to run
  };
  /// What came of the schedules of one project.
  struct Times {
    bool queued = false;
    std::optional<TimePoint> next;  ///< when to look again
  };
  [[nodiscard]] std::shared_ptr<const CodePlace> PlaceOf(const SourceSettings& source,
                                                         const Repository& repository,
                                                         const std::vector<RefEntry>& heads,
                                                         const ProjectName& project);
  [[nodiscard]] Times PlanTimes(const SourceSettings& source,
                                const Repository& repository,
                                const CodePlace& place);
  /// Whether a run was queued.
  [[nodiscard]] bool PlanData(const SourceSettings& source,
                              const Repository& repository,
                              const CodePlace& place);
  /// nullopt: nothing runs for this trigger.
  [[nodiscard]] std::optional<RunStore::Created> Queue(const SourceSettings& source,
                                                       const Repository& repository,
                                                       const CodePlace& place,
                                                       TriggerKind trigger,
                                                       const std::string& nonce,
                                                       const std::string& reason);

  Parts parts_;
  Guarded<std::map<ProjectName, Known>> known_;
  Guarded<std::map<SourceName, TimePoint>> next_;
};

}  // namespace failgate
