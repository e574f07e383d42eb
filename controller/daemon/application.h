// The object graph: every part of the controller, made once, in the order they need each other.
#pragma once

#include <cstdint>
#include <memory>

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
