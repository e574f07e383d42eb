// One look at one remote: its branches listed, fetched when they moved, and planned.
#pragma once

#include <filesystem>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/config/server_file.h"
#include "controller/git/remote.h"
#include "controller/store/head_store.h"
#include "controller/sync/branch_planner.h"
#include "controller/sync/data_planner.h"
#include "controller/sync/source_mirror.h"
#include "controller/sync/trigger_planner.h"

namespace failgate {

struct SyncDeadlines {
  Milliseconds list{20'000};
  Milliseconds fetch{600'000};
  Milliseconds check{600'000};  ///< of a mirror under suspicion
};

/// What a look came to, by full branch name; branches that did not move have no entry.
struct SyncPass {
  std::map<std::string, BranchOutcome> moved;
  std::map<std::string, CommitId> heads;  ///< all branches of the remote
  bool queued = false;                    ///< a run is new
};

/// Deliveries that named a branch; "" = all branches.
using AskedBranches = std::map<std::string, std::vector<std::string>>;

/// Thread-safe for different sources; one source is worked on by one worker at a time.
class SourceSync {
 public:
  struct Parts {
    ProcessRunner& processes;
    HeadStore& heads;
    BranchPlanner& planner;
    TriggerPlanner& triggers;
    const Clock& clock;
    EnvironmentLookup environment;  ///< for secrets that are environment variables
    std::filesystem::path mirrors;
    std::filesystem::path git_home;  ///< HOME of git children, one folder a source below it
    DataPlanner& data_planner;
  };
  SourceSync(Parts parts, SyncDeadlines deadlines);

  /// Throws Error when the remote cannot be read (a secret that is missing included). A mirror that
  /// turns out broken is set aside and fetched anew, once.
  [[nodiscard]] SyncPass Look(const SourceSettings& source,
                              const AskedBranches& asked,
                              std::stop_token stop);
  [[nodiscard]] SourceMirror MirrorOf(const SourceName& source) const;
  [[nodiscard]] bool MirrorIsIntact(const SourceName& source) const;

 private:
  [[nodiscard]] RemoteConfig ConfigOf(const SourceSettings& source) const;
  void Fetch(const Remote& remote, SourceMirror& mirror) const;
  [[nodiscard]] SyncPass PlanHeads(const SourceSettings& source,
                                   const SourceMirror& mirror,
                                   const AskedBranches& asked);
  [[nodiscard]] SyncPass PlanDataHeads(const SourceSettings& source,
                                       const SourceMirror& mirror,
                                       const AskedBranches& asked);
  void ForgetGoneHeads(const SourceSettings& source, const SyncPass& pass);

  Parts parts_;
  SyncDeadlines deadlines_;
};

}  // namespace failgate
