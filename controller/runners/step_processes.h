// The processes of one running step: counting them, ending what is left of them.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "controller/base/durable_file.h"
#include "controller/process/process.h"
#include "controller/runners/step_usage.h"

namespace failgate {

/// Not thread-safe; one for each step.
class StepProcesses {
 public:
  virtual ~StepProcesses() = default;
  /// Called once, before the script may run.
  virtual void Find() = 0;
  /// Without the guards that belong to the controller.
  [[nodiscard]] virtual ProcessUsage Measure() = 0;
  /// After the leader's end: nothing of the step runs when it returns, else Error(kRetry).
  virtual void EndAll() = 0;
};

/// All processes of the pid namespace whose number bwrap writes to `info` ({"child-pid": N}).
class SandboxProcesses final : public StepProcesses {
 public:
  explicit SandboxProcesses(FileDescriptor info) : info_(std::move(info)) {}
  void Find() override;
  [[nodiscard]] ProcessUsage Measure() override;
  void EndAll() override;

 private:
  FileDescriptor info_;
  FileDescriptor init_;  ///< process 1 of the namespace; it ends last, after all others are gone
  pid_t init_pid_ = -1;
};

/// Without a sandbox: all processes of the step's own user or, where it has none, all that carry
/// its mark in their environment (which a step that means harm can shed: that is what the sandbox
/// is for).
class PlainProcesses final : public StepProcesses {
 public:
  PlainProcesses(ProcessRunner& processes, std::optional<ProcessUser> user, std::string mark)
      : processes_(processes), user_(user), mark_(std::move(mark)) {}
  void Find() override {}
  [[nodiscard]] ProcessUsage Measure() override;
  void EndAll() override;

 private:
  [[nodiscard]] bool Belongs(pid_t pid) const;
  void KillThem();
  ProcessRunner& processes_;
  std::optional<ProcessUser> user_;
  std::string mark_;
};

/// Processes and threads of our own user on this machine.
[[nodiscard]] long long CountOwnTasks();

}  // namespace failgate
