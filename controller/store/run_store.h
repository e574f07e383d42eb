// Runs: from the event that asked for one to the release it owes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/ids.h"
#include "controller/store/database.h"
#include "controller/store/run.h"

namespace failgate {

enum class CancelOutcome {
  kCancelled,  ///< it was queued and is cancelled now
  kRequested,  ///< it runs: whoever runs it ends it
  kAlreadyFinished,
  kNotFound,
};

/// Thread-safe. Runs are unique in (source, ref, revision, data version, trigger, again nonce): the
/// same event leads to the same run however often it is handled.
class RunStore {
 public:
  explicit RunStore(Database& database, const Clock& clock = SystemClock());

  struct Created {
    RunId id;
    bool is_new = false;
  };
  /// Queues the run with its steps, or answers the one that has the same key.
  Created Create(const NewRun& run);
  /// A run that will not be executed, recorded with its reason (state kRefused, say); same key
  /// rule.
  Created CreateFinished(const NewRun& run, RunState state);
  [[nodiscard]] std::optional<Run> Get(const RunId& id) const;
  [[nodiscard]] std::vector<Run> List(const RunFilter& filter) const;
  /// Oldest queued runs of projects that have fewer than `per_project` running, at most `limit`,
  /// and never more of one project than it may still start.
  [[nodiscard]] std::vector<Run> NextQueued(std::size_t limit, int per_project) const;
  [[nodiscard]] std::vector<Run> InState(RunState state) const;

  /// queued -> running. False when it is no longer queued.
  bool Start(const RunId& id);
  /// queued|running -> a finished state, with evidence and what is owed, in one commit. Pending
  /// steps become skipped, running ones cancelled. False when it was finished already (nothing
  /// changes).
  bool Finish(const RunId& id,
              RunState state,
              const std::string& reason,
              const std::string& evidence_json,
              ReleaseState release);
  /// running -> queued, for an orderly stop or a restart.
  void Requeue(const RunId& id);
  void SetTraining(const RunId& id, const std::string& training);
  /// Adds delivery ids to a run that exists already.
  void AddDeliveries(const RunId& id, const std::vector<std::string>& deliveries);

  /// Queued runs of the same source and ref that are older than `newer` become superseded by it.
  /// Manual runs and runs asked for again stay. Of scheduled runs the newest stays: a newer one
  /// supersedes only these, and so does a data run. Answers which.
  std::vector<RunId> SupersedeQueued(const SourceName& source,
                                     const std::string& ref,
                                     const RunId& newer);
  CancelOutcome RequestCancel(const RunId& id, const std::string& reason);
  [[nodiscard]] bool IsCancelRequested(const RunId& id) const;

  /// Succeeded runs whose release is not written yet, oldest first.
  [[nodiscard]] std::vector<Run> OwedReleases() const;
  /// Superseded runs, checks left out, that IgnoreRelease was not called for yet, oldest first.
  [[nodiscard]] std::vector<Run> UntoldSuperseded() const;
  void MarkReleased(const RunId& id, const ReleaseName& release);
  /// The log lost what it told of this run: its release, or that it was superseded, is owed anew.
  /// Nothing happens for a run that is not known or of which nothing was told.
  void OweAgain(const RunId& id);
  /// Nothing is owed for it any more: neither its release nor, when superseded, the fact that it
  /// was.
  void IgnoreRelease(const RunId& id, const std::string& reason);

 private:
  Database& database_;
  const Clock& clock_;
};

}  // namespace failgate
