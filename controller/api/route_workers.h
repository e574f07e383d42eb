// Threads that carry out routes, so that the event loops never wait for the database.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "controller/base/guarded.h"

namespace failgate {

/// Bounded. Thread-safe.
class RouteWorkers {
 public:
  RouteWorkers(int threads, std::size_t max_waiting);
  ~RouteWorkers();
  RouteWorkers(const RouteWorkers&) = delete;
  RouteWorkers& operator=(const RouteWorkers&) = delete;

  /// False when too much waits or after Stop: the work was not taken. Work must not throw.
  [[nodiscard]] bool Post(std::function<void()> work);
  /// Carries out what waits, then joins. Idempotent.
  void Stop();

 private:
  void Run();
  struct State {
    std::deque<std::function<void()>> waiting;
    bool stopped = false;
  };
  std::size_t max_waiting_;
  Guarded<State> state_;
  std::condition_variable changed_;
  std::vector<std::thread> threads_;
};

}  // namespace failgate
