// A child that is not reaped yet. Only process.cpp uses it.
#pragma once

#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <utility>

#include "controller/process/spawner.h"

namespace failgate {

/// A child from its start to its reaping; the destructor leaves nothing of it behind.
class RunningChild {
 public:
  explicit RunningChild(SpawnedChild child) : child_(std::move(child)) {}
  ~RunningChild() {
    if (!reaped_) {
      SignalGroup(SIGKILL);
      Reap();
    }
  }
  RunningChild(const RunningChild&) = delete;
  RunningChild& operator=(const RunningChild&) = delete;

  [[nodiscard]] int pidfd() const { return child_.pidfd.get(); }
  [[nodiscard]] pid_t pid() const { return child_.pid; }
  // The number stays ours until the leader is reaped, so no other group can be hit.
  void SignalGroup(int number) const { kill(-child_.pid, number); }
  siginfo_t Reap() {
    siginfo_t info = {};
    while (waitid(P_PIDFD, static_cast<id_t>(pidfd()), &info, WEXITED) != 0 && errno == EINTR) {
    }
    reaped_ = true;
    return info;
  }

 private:
  SpawnedChild child_;
  bool reaped_ = false;
};

}  // namespace failgate
