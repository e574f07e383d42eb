// One run of a check: its folder, its environment, the program itself, and what it left.
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

#include "controller/artifacts/artifact_store.h"
#include "controller/base/clock.h"
#include "controller/checks/check_job.h"
#include "controller/runners/runner.h"

namespace failgate {

/// What running checks needs. The references outlive every run; all of them are thread-safe.
struct CheckRunParts {
  ArtifactStore& artifacts;
  StepRunner& runner;
  const Clock& clock;
  StepLimits limits;
  std::filesystem::path operations;  ///< the mirror of the operations repository
  std::filesystem::path workspaces;  ///< a folder checks/KEY below it is removed after each run
  std::filesystem::path logs;        ///< checks/KEY.log below it
};

/// Throws Error when it could not be run for reasons that are not the check's own: the sandbox, the
/// disk, bytes of a release that are gone; also when `stop` cut it short. Nothing of it runs any
/// more when it returns. `on_started` is called before the program may run.
[[nodiscard]] CheckOutcome RunCheck(const CheckRunParts& parts,
                                    const CheckJob& job,
                                    const std::function<void(const ProcessIdentity&)>& on_started,
                                    std::stop_token stop);

}  // namespace failgate
