// The object graph: every part of the controller, made once, in the order they need each other.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "controller/config/secret_reference.h"
#include "controller/config/server_file.h"

namespace failgate {

/// One controller on one data directory. Made, started and stopped from one thread.
class Application {
 public:
  /// Locks the data directory and opens everything that is on this machine; no thread runs yet, no
  /// remote is asked. Throws Error with what to do.
  Application(ServerFile config, EnvironmentLookup environment);
  ~Application();
  Application(const Application&) = delete;
  Application& operator=(const Application&) = delete;

  /// Called once, on a thread of ours, when this controller must not go on: the operations
  /// repository belongs to one of another name. Set before Start.
  void OnRefused(std::function<void(const std::string& why)> told);
  /// Recovers what an earlier process left, then starts the loops and answers HTTP.
  void Start();
  /// Orderly end: no new work, what is begun is handed over to the next start. Idempotent.
  void Stop();
  [[nodiscard]] std::uint16_t port() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace failgate
