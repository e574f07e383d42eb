// A thread that calls Step() when woken or due; all loops of the program are one of these.
#pragma once

#include <condition_variable>
#include <functional>
#include <string>
#include <thread>

#include "controller/base/clock.h"
#include "controller/base/guarded.h"

namespace failgate {

/// Calls `step` once at start, on Wake(), and `period` (±jitter) after its end. A step that throws
/// is logged with its remedy and tried again after a capped, jittered backoff. The destructor stops
/// and joins; a step that is long must watch its own stop condition.
class PeriodicLoop {
 public:
  struct Options {
    std::string name;  ///< for log lines; at most 15 characters reach the thread name
    Milliseconds period{1000};
    double jitter = 0.0;   ///< 0.1 = ±10 %
    Milliseconds rest{0};  ///< between two steps that were woken; the first of them is at once
    int nice = 0;          ///< added to the niceness of the program: work that nobody waits for
    bool short_slices = false;  ///< others wait for each step: see AskForShortSlices
    Milliseconds first_backoff{500};
    Milliseconds max_backoff{60000};
  };
  PeriodicLoop(Options options, std::function<void()> step);
  ~PeriodicLoop();
  PeriodicLoop(const PeriodicLoop&) = delete;
  PeriodicLoop& operator=(const PeriodicLoop&) = delete;

  /// Step as soon as possible; wakes during a step lead to one more step. Thread-safe.
  void Wake();
  /// Asks to stop and joins; idempotent.
  void Stop();

 private:
  void Run(const std::stop_token& stop);
  Options options_;
  std::function<void()> step_;
  struct Signal {
    bool woken = false;
  };
  Guarded<Signal> signal_;
  std::condition_variable_any changed_;
  std::jthread thread_;
};

/// base * 2^failures, capped, ±25 % jitter. failures counts from 0.
[[nodiscard]] Milliseconds Backoff(Milliseconds base, Milliseconds cap, int failures);

}  // namespace failgate
