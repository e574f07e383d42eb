// Everything that looks at sources: deliveries, polls and people's wishes in; queued runs out.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "controller/base/guarded.h"
#include "controller/base/periodic_loop.h"
#include "controller/base/result.h"
#include "controller/store/event_queue.h"
#include "controller/store/inbox.h"
#include "controller/sync/image_sync.h"
#include "controller/sync/run_request.h"
#include "controller/sync/source_states.h"
#include "controller/sync/source_sync.h"
#include "controller/sync/taken_deliveries.h"

namespace failgate {

/// One source is worked on by one worker at a time.
class Syncer {
 public:
  struct Options {
    SourceStates::Options states;
    SyncDeadlines deadlines;
    Milliseconds look_every{250};
    Milliseconds rest{200};  ///< between two collects, so that one look answers a whole stream
  };
  struct Parts {
    EventQueue& events;
    Inbox& inbox;
    HeadStore& heads;
    RunStore& runs;
    StepStore& steps;
    ScheduleStore& schedules;
    ProcessRunner& processes;
    const Clock& clock;
    EnvironmentLookup environment;
    std::filesystem::path data_dir;  ///< mirrors/SOURCE.git and git-home/ lie below it
    ImageSync* images = {};          ///< nullptr: there are no image sources
    WatchStore* watches = {};        ///< nullptr: there are no watches; so for the next
    const WatchedData* watched = {};
  };
  Syncer(Parts parts, std::vector<SourceSettings> sources, Options options);
  Syncer(Parts parts, std::vector<SourceSettings> sources);
  ~Syncer();
  Syncer(const Syncer&) = delete;
  Syncer& operator=(const Syncer&) = delete;

  /// Called on a worker's thread after a look that queued runs.
  void OnRunQueued(std::function<void()> told);
  /// Called when a delivery for the operations repository was taken out of the inbox.
  void OnOperationsDelivery(std::function<void()> told);
  /// The same for deliveries of the SonarQube server.
  void OnSonarDelivery(std::function<void()> told);
  /// The same for deliveries of the MLflow server, with the models they are about.
  void OnMlflowDelivery(std::function<void(const std::set<std::string>&)> told);
  /// Once, under the data lock, before Start: events of the former life are due again, leftovers of
  /// killed fetches are removed. Inbox::Recover is the caller's.
  void Recover();
  void Start();
  /// Ends running looks. Idempotent.
  void Stop();
  /// Something is in the inbox. Thread-safe.
  void Wake();

  /// Takes deliveries out of the inbox and adds polls and times of schedules that are due.
  void Collect();
  /// Collect, then every look that is due, on this thread.
  void Step();

  /// A watch has a new version for these projects: their sources are looked at. Thread-safe.
  void DataChanged(const std::vector<ProjectName>& projects);
  /// A person asks for a look; refused: unknown_source.
  [[nodiscard]] Result<std::string> SyncNow(const SourceName& source);
  /// See run_request.h.
  [[nodiscard]] Result<RunId> RequestRun(const RunRequest& request);
  /// For whoever cannot read a mirror: checks it; true = it is broken and being replaced.
  bool MirrorIsBroken(const SourceName& source);
  [[nodiscard]] std::vector<SourceStatus> Status() const { return states_.All(); }

 private:
  [[nodiscard]] const SourceSettings* Find(const SourceName& source) const;
  [[nodiscard]] const ImageSourceSettings* FindImage(const SourceName& source) const;
  [[nodiscard]] std::optional<SourceName> Pick();
  void Dispatch();
  void Serve(const SourceName& source);
  void Look(const SourceName& source, const SourceWork& work);
  void LookAtImage(const ImageSourceSettings& source, const SourceWork& work);
  void Failed(const SourceName& source, SourceWork work, const std::string& why);
  void WorkLoop(const std::stop_token& stop);

  Parts parts_;
  std::vector<SourceSettings> sources_;
  Options options_;
  DataVersions data_;
  RunDataVersion run_data_;
  BranchPlanner planner_;
  TriggerPlanner triggers_;
  DataPlanner data_planner_;
  SourceSync sync_;
  std::function<void()> run_queued_;
  std::stop_source stop_;
  SourceStates states_;
  TakenDeliveries taken_;
  Guarded<std::deque<SourceName>> ready_;
  std::condition_variable_any changed_;
  std::vector<std::jthread> workers_;
  std::unique_ptr<PeriodicLoop> dispatcher_;
};

}  // namespace failgate
