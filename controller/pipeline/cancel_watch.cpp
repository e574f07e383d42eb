#include "controller/pipeline/cancel_watch.h"

#include <chrono>
#include <exception>
#include <utility>

#include "controller/base/log.h"

namespace failgate {
namespace {

constexpr std::chrono::milliseconds kLookEvery{250};

}  // namespace

CancelWatch::CancelWatch(const RunStore& runs, RunId run, std::stop_token outer)
    : runs_(runs), run_(std::move(run)), relay_(std::move(outer), Relay{stop_}) {
  thread_ = std::jthread([this](const std::stop_token& stop) { Watch(stop); });
}

CancelWatch::~CancelWatch() {
  thread_.request_stop();
  thread_.join();
}

bool CancelWatch::cancelled() {
  if (!cancelled_ && Ask()) {
    cancelled_ = true;
    stop_.request_stop();
  }
  return cancelled_;
}

bool CancelWatch::Ask() const {
  return runs_.IsCancelRequested(run_);
}

void CancelWatch::Watch(const std::stop_token& stop) {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stop.stop_requested()) {
    ended_.wait_for(lock, stop, kLookEvery, [] { return false; });
    try {
      if (!stop.stop_requested() && cancelled()) {
        return;
      }
    } catch (const std::exception& error) {
      // The database is busy or full: the run itself will meet that; here the next look may work.
      log::Debug("looking for a cancelled run failed", {{"error", error.what()}});
    }
  }
}

}  // namespace failgate
