// Sees that somebody cancels a run while one of its steps runs.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include "controller/base/ids.h"
#include "controller/store/run_store.h"

namespace failgate {

/// token() stops when the run is cancelled or `outer` stops. Looks at the store four times a second
/// on a thread of its own.
class CancelWatch {
 public:
  CancelWatch(const RunStore& runs, RunId run, std::stop_token outer);
  ~CancelWatch();
  CancelWatch(const CancelWatch&) = delete;
  CancelWatch& operator=(const CancelWatch&) = delete;

  [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }
  /// Asks the store too, so that a request made a moment ago counts.
  [[nodiscard]] bool cancelled();

 private:
  struct Relay {
    std::stop_source& stop;
    void operator()() const { stop.request_stop(); }
  };
  void Watch(const std::stop_token& stop);
  [[nodiscard]] bool Ask() const;

  const RunStore& runs_;
  RunId run_;
  std::stop_source stop_;
  std::stop_callback<Relay> relay_;
  std::atomic<bool> cancelled_{false};
  std::mutex mutex_;  ///< guards nothing but the wait
  std::condition_variable_any ended_;
  std::jthread thread_;
};

}  // namespace failgate
