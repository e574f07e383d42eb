// The workers that execute queued runs, a bounded number at a time.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/guarded.h"
#include "controller/pipeline/execution_parts.h"

namespace failgate {

/// Order of calls: On…, Recover, Start, Stop. Step and the workers may be mixed.
class RunExecutor {
 public:
  struct Options {
    Milliseconds first_backoff{1000};  ///< after a failure of the controller's own machine
    Milliseconds max_backoff{300000};
    Milliseconds look_every{1000};  ///< workers also look by themselves, Wake or not
  };
  explicit RunExecutor(ExecutionParts parts);
  RunExecutor(ExecutionParts parts, Options options);
  ~RunExecutor();
  RunExecutor(const RunExecutor&) = delete;
  RunExecutor& operator=(const RunExecutor&) = delete;

  /// Called on a worker's thread after a run has its final state.
  void OnFinished(std::function<void(const RunId&)> told);
  /// Once, under the data lock, before Start: survivors of the former life are killed, leftovers
  /// removed; runs that were running go on first.
  void Recover();
  /// Tries the sandbox with the flags used later; until it works, runs are refused with its text.
  ProbeResult Probe();
  /// What the last Probe answered. Thread-safe.
  [[nodiscard]] ProbeResult Sandbox() const;

  /// RunnerSettings::parallel workers.
  void Start();
  /// Ends running steps; their runs go on after the next start. Idempotent.
  void Stop();
  /// A run was queued or cancelled. Thread-safe.
  void Wake();
  /// Executes one run on this thread; false when none can start now.
  bool Step();

 private:
  struct Pause {
    int failures = 0;
    SteadyTime until;
  };
  struct State {
    std::vector<RunId> interrupted;  ///< state running, nobody executes them
    std::map<RunId, Pause> paused;   ///< after a failure of our own
    ProbeResult probe;
    bool probed = false;
    bool woken = false;
  };
  [[nodiscard]] std::optional<Run> TakeInterrupted();
  [[nodiscard]] std::optional<Run> TakeQueued();
  [[nodiscard]] bool IsPaused(const RunId& run);
  void Execute(const Run& run);
  void PutOff(const RunId& run, const std::string& why);
  void Tell(const RunId& run);
  void Work(const std::stop_token& stop);

  ExecutionParts parts_;
  Options options_;
  std::function<void(const RunId&)> finished_;
  std::stop_source stop_;
  Guarded<State> state_;
  std::condition_variable_any changed_;
  std::vector<std::jthread> workers_;
};

}  // namespace failgate
