// What the log decided shall run, and what carrying it out came to: the two ends of reconciling.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controller/artifacts/artifact_record.h"
#include "controller/base/clock.h"
#include "controller/base/ids.h"
#include "controller/promotion/project_deployment.h"
#include "controller/release/release_record.h"
#include "policies/check_facts.h"
#include "policies/operations_check.h"

namespace failgate {

/// A release as it is put into an environment: its bytes and how they are deployed.
struct Deployable {
  ReleaseName release;
  std::string spec;  ///< SpecDigest of the steps
  std::vector<ArtifactRecord> artifacts;
  std::vector<DeployStep> steps;
  /// What is told to systems that keep a record of their own; nullptr when the log lost it.
  std::shared_ptr<const ReleaseRecord> record = {};
};

/// What the log orders for one project in one environment.
struct Order {
  EnvironmentName environment;
  ProjectName project;
  long attempt = 0;       ///< Ordered::attempt of the log; results name it
  bool finished = false;  ///< the log has deployed or rolled-back for this attempt: keep it so
  /// Take away what is there instead; `wanted` is what was deployed last.
  bool removes = false;
  Deployable wanted;
  std::optional<Deployable> previous;  ///< to go back to when `wanted` fails
  /// The log says that this finished order drifted and says nothing of its repair yet.
  bool drifted = false;
  /// The log says that it is as decided and not healthy.
  bool unhealthy = false;
  DriftSettings drift;
  OnFailure on_failure = OnFailure::kRollback;
  std::string decision;  ///< that let it in: "sha256:…"
  /// To be run once `wanted` is there and healthy, before the deployment is a success.
  std::vector<OperationsCheck> checks = {};
  CheckFilesFact check_files = {};  ///< what they run in
  std::string record = {};          ///< "sha256:…" of the record of `wanted`
};
/// One order is held by the book it is made in, the schedule and the work on it: nobody changes it.
using SharedOrder = std::shared_ptr<const Order>;

enum class ReconcileEnd {
  kDeployed,        ///< runs, observed and healthy
  kFailed,          ///< does not run well; what is there now is said by `running`
  kRolledBack,      ///< failed, and the previous release runs again, healthy
  kRollbackFailed,  ///< failed, and so did the way back: nothing more is tried
  kDrifted,         ///< a finished order was found changed
  kUnhealthy,       ///< a finished order is as decided, and its health check fails
  kHealed,          ///< repaired after a drift, or healthy again
  kRemoved,         ///< nothing of the pair is there any more
  kRemoveFailed,    ///< something stands in the way, or the disk fails
  kHealFailed,      ///< a drift could not be repaired; tried again with backoff, told once
};

struct ReconcileResult {
  EnvironmentName environment;
  ProjectName project;
  long attempt = 0;
  ReconcileEnd end = ReconcileEnd::kDeployed;
  ReleaseName release;  ///< what the order wanted
  ReleaseName running;  ///< what runs now; empty = nothing or unknown
  std::string running_spec;
  bool healthy = false;
  std::string detail;  ///< one line: what drifted, why it failed
  TimePoint at;        ///< when it happened
  Milliseconds duration{0};
  bool recovered = false;                ///< the deployment was begun by an earlier process
  std::vector<std::string> checks = {};  ///< of kDeployed: what each check after it found, one line
};

/// What the last pass saw, for status.
struct Observed {
  bool as_wanted = false;
  bool healthy = false;
  std::string detail;
  TimePoint at;
  std::string notice = {};  ///< what people should know though it is as wanted, one line
};

}  // namespace failgate
