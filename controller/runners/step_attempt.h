// One step from its user and gate to its outcome. Only local_runner.cpp uses it.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/base/durable_file.h"
#include "controller/process/process.h"
#include "controller/runners/runner.h"
#include "controller/runners/step_gate.h"
#include "controller/runners/step_log.h"
#include "controller/runners/step_processes.h"
#include "controller/runners/step_user.h"
#include "controller/runners/step_watch.h"

namespace failgate {

class StepAttempt {
 public:
  /// The references must outlive it.
  StepAttempt(ProcessRunner& processes, const StepCommand& command, bool sandbox);
  ~StepAttempt();
  StepAttempt(const StepAttempt&) = delete;
  StepAttempt& operator=(const StepAttempt&) = delete;

  [[nodiscard]] StepOutcome Run(std::stop_token stop);

 private:
  [[nodiscard]] ProcessSpec BaseSpec();
  void PrepareSandboxed(ProcessSpec& spec);
  void PreparePlain(ProcessSpec& spec);
  void Started(const ProcessIdentity& identity);
  [[nodiscard]] StepOutcome Judge(const ProcessResult& result) const;
  [[nodiscard]] std::string LimitsNote() const;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> Environment(
      const std::string& home) const;

  ProcessRunner& runner_;
  const StepCommand& command_;
  bool sandbox_;
  std::optional<StepUser> user_;
  StepLog log_;
  StepGate gate_;
  std::vector<FileDescriptor> handed_over_;  ///< the child's ends and files, ours to close
  std::unique_ptr<TemporaryFolder> home_;    ///< without sandbox
  std::unique_ptr<StepProcesses> processes_;
  std::unique_ptr<StepWatch> watch_;
};

}  // namespace failgate
