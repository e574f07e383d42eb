// The program `failgate serve` as a child that can be stopped politely or killed.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "controller/base/guarded.h"
#include "controller/process/process.h"

namespace failgate {

/// One life of a server. Its output goes to `log` (appended). Not thread-safe but for output().
class ServerProcess {
 public:
  using Environment = std::vector<std::pair<std::string, std::string>>;
  ServerProcess(ProcessRunner& processes,
                const std::filesystem::path& config,
                const Environment& environment,
                std::filesystem::path log);
  /// Kills.
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  /// "http://ADDRESS:PORT" of its "listening on"; nullopt when it ended first (or says nothing for
  /// two minutes).
  [[nodiscard]] std::optional<std::string> AwaitListening();
  /// SIGTERM, then waits; the exit code (-1: a signal ended it).
  int Stop();
  /// SIGKILL at once, then waits.
  void Kill();
  /// Waits until it ends by itself; the exit code.
  int AwaitEnd();
  [[nodiscard]] bool running() const { return !state_.Lock()->exit_code.has_value(); }
  [[nodiscard]] pid_t pid() const { return state_.Lock()->identity.pid; }
  /// Everything this life wrote so far, both streams.
  [[nodiscard]] std::string output() const { return state_.Lock()->output; }

 private:
  struct State {
    ProcessIdentity identity;
    std::string output;
    std::optional<int> exit_code;
  };
  void Send(int signal);

  std::filesystem::path log_;
  mutable Guarded<State> state_;
  std::condition_variable_any heard_;
  std::jthread thread_;
};

}  // namespace failgate
