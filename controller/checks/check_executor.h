// The workers that run checks, a bounded number at a time, beside those of the runs: a check never
// waits behind a training.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/guarded.h"
#include "controller/checks/check_desk.h"
#include "controller/checks/check_run.h"
#include "controller/store/check_store.h"

namespace failgate {

/// Order of calls: OnEnded, Recover, Start, Stop. Thread-safe.
class CheckExecutor final : public CheckDesk {
 public:
  struct Options {
    int workers = 2;
    Milliseconds first_backoff{1'000};  ///< after a job that could not be run
    Milliseconds max_backoff{300'000};
    /// A check after a deployment that could not be run so often has failed: the deployment must
    /// end.
    int tries_after_deployment = 6;
    std::size_t kept_results = 5'000;
  };
  CheckExecutor(CheckStore& store, CheckRunParts parts, Options options);
  ~CheckExecutor() override;
  CheckExecutor(const CheckExecutor&) = delete;
  CheckExecutor& operator=(const CheckExecutor&) = delete;

  /// Called on a worker's thread when a job has an outcome, or could not be run.
  void OnEnded(std::function<void()> told);
  /// Once, under the data lock, before Start: survivors of the former life are ended; what they
  /// were at is run again when it is wanted again.
  void Recover();
  void Start();
  /// Ends running jobs without an outcome. Idempotent.
  void Stop();

  [[nodiscard]] CheckLook Look(const std::string& key) override;
  void Want(const CheckJob& job) override;
  void Settle() override;
  std::size_t ForgetFailed(const EnvironmentName& environment, const ProjectName& project) override;

  /// Runs one job on this thread; false when none is due. For the workers and for tests.
  bool Step();

 private:
  struct Entry {
    CheckJob job;
    long place = 0;  ///< in the queue
    bool running = false;
    bool wanted = true;  ///< since the last Settle
    int failures = 0;
    SteadyTime not_before{};
    std::string trouble;
  };
  struct State {
    std::map<std::string, Entry> entries;  ///< by key
    long next_place = 0;
  };
  void Work(const std::stop_token& stop);
  [[nodiscard]] std::optional<std::pair<std::string, CheckJob>> Take();
  void Run(const std::string& key, const CheckJob& job);
  void Ended(const std::string& key, const CheckOutcome& outcome);
  void NotRun(const std::string& key, const CheckJob& job, const std::string& why);

  CheckStore& store_;
  CheckRunParts parts_;
  Options options_;
  std::function<void()> told_;
  std::stop_source stop_;
  Guarded<State> state_;
  std::condition_variable_any changed_;
  std::vector<std::jthread> workers_;
};

}  // namespace failgate
