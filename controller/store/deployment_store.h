// Deployments in flight and past: one row an attempt.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/ids.h"
#include "controller/store/database.h"

namespace failgate {

enum class DeploymentState { kPending, kApplying, kChecking, kRollingBack, kDone, kFailed };
/// "pending", "applying", "checking", "rolling-back", "done", "failed".
[[nodiscard]] std::string_view Word(DeploymentState state);
[[nodiscard]] std::optional<DeploymentState> ParseDeploymentState(std::string_view word);
/// Done or failed.
[[nodiscard]] bool IsFinished(DeploymentState state);

struct Deployment {
  std::string id;  ///< UUID 7
  EnvironmentName environment;
  ProjectName project;
  ReleaseName release;
  std::string spec;      ///< identity of the deploy specification
  std::string decision;  ///< "sha256:..."
  int attempt = 1;       ///< counts per (environment, project, release, spec, decision)
  DeploymentState state = DeploymentState::kPending;
  std::string steps_json;
  ReleaseName previous;
  std::string previous_spec;
  std::string reason;
  TimePoint started;
  std::optional<TimePoint> finished;
};

struct DeploymentFilter {
  EnvironmentName environment;  ///< empty = all
  ProjectName project;
  std::string before;
  std::size_t limit = 50;
};

/// Thread-safe. At most one unfinished deployment per (environment, project).
class DeploymentStore {
 public:
  explicit DeploymentStore(Database& database, const Clock& clock = SystemClock());
  /// Sets id, attempt, started. nullopt when one is unfinished there.
  [[nodiscard]] std::optional<Deployment> Begin(Deployment deployment);
  /// Writes state, steps and reason; a finished state sets `finished`. False when it was finished
  /// already.
  bool Update(const std::string& id,
              DeploymentState state,
              const std::string& steps_json,
              const std::string& reason);
  [[nodiscard]] std::optional<Deployment> Get(const std::string& id) const;
  [[nodiscard]] std::optional<Deployment> Unfinished(const EnvironmentName& environment,
                                                     const ProjectName& project) const;
  [[nodiscard]] std::vector<Deployment> AllUnfinished() const;
  /// Newest first.
  [[nodiscard]] std::vector<Deployment> List(const DeploymentFilter& filter) const;

 private:
  Database& database_;
  const Clock& clock_;
};

}  // namespace failgate
