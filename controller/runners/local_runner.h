// Steps as children on the controller's own machine, in a bubblewrap sandbox unless told otherwise.
#pragma once

#include <filesystem>

#include "controller/process/process.h"
#include "controller/runners/runner.h"

namespace failgate {

/// A root controller runs each step as a user of its own (step_user.h); the folders above the
/// workspaces must therefore let others through (mode 0711). Otherwise steps run as the
/// controller's own user.
class LocalRunner final : public StepRunner {
 public:
  struct Options {
    /// False = `sandbox: none`: own process group, limits, clean environment and (root) own user,
    /// but the step sees the host's files and network, and read-only binds stay where they are on
    /// the host.
    bool sandbox = true;
    /// Where the workspaces will lie, for the probe; empty = the system's folder for temporary
    /// files.
    std::filesystem::path workspace_parent;
  };
  /// `processes` must outlive it.
  LocalRunner(ProcessRunner& processes, Options options);

  [[nodiscard]] ProbeResult Probe() override;
  [[nodiscard]] StepOutcome Run(const StepCommand& command, std::stop_token stop) override;
  bool KillSurvivor(const ProcessIdentity& identity) override;
  [[nodiscard]] std::filesystem::path InsideWorkspace(
      const std::filesystem::path& workspace) const override;
  [[nodiscard]] std::filesystem::path InsideBind(const ReadOnlyBind& bind) const override;

 private:
  ProcessRunner& processes_;
  Options options_;
};

}  // namespace failgate
