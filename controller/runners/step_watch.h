// Keeps a running step within its limits. Called from ProcessSpec::on_tick.
#pragma once

#include <filesystem>
#include <string>

#include "controller/base/clock.h"
#include "controller/runners/runner.h"
#include "controller/runners/step_gate.h"
#include "controller/runners/step_processes.h"

namespace failgate {

class StepWatch {
 public:
  static constexpr Milliseconds kTick{50};

  /// The references must outlive it.
  StepWatch(const StepCommand& command,
            StepGate& gate,
            StepProcesses& processes,
            const Clock& clock);

  /// True when a limit is passed and the step must end.
  [[nodiscard]] bool Tick();
  /// The last look, after the end of the step: a file that grew at the very end counts too.
  void LookAtDiskOnceMore();

  /// "memory", "disk", "processes", or empty.
  [[nodiscard]] const std::string& limit() const { return limit_; }
  [[nodiscard]] const std::string& reason() const { return reason_; }

 private:
  void LookAtProcesses();
  void LookAtDisk();
  void LookAtLeftovers();
  void Pass(std::string limit, std::string reason);

  const StepCommand& command_;
  StepGate& gate_;
  StepProcesses& processes_;
  const Clock& clock_;
  SteadyTime next_process_look_;
  SteadyTime next_disk_look_;
  int leftover_looks_ = 0;
  int unreadable_looks_ = 0;
  std::string limit_;
  std::string reason_;
};

}  // namespace failgate
