#include "controller/base/periodic_loop.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <random>
#include <utility>

#include "controller/base/error.h"
#include "controller/base/log.h"
#include "controller/base/short_slices.h"

namespace failgate {
namespace {

constexpr Milliseconds kLongestWait = std::chrono::hours(24 * 365);
constexpr std::size_t kMaxThreadName = 15;

double RandomFactor(double spread) {
  thread_local std::mt19937_64 generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(1.0 - spread, 1.0 + spread)(generator);
}

/// Of this thread only, as Linux counts it. A kernel that refuses costs speed, nothing else.
void BeNice(int more) {
  if (more != 0) {
    const auto thread = static_cast<id_t>(::gettid());
    static_cast<void>(
        ::setpriority(PRIO_PROCESS, thread, ::getpriority(PRIO_PROCESS, thread) + more));
  }
}

Milliseconds Spread(Milliseconds time, double spread) {
  const double milliseconds =
      static_cast<double>(std::min(time, kLongestWait).count()) * RandomFactor(spread);
  return Milliseconds(static_cast<Milliseconds::rep>(milliseconds));
}

}  // namespace

PeriodicLoop::PeriodicLoop(Options options, std::function<void()> step)
    : options_(std::move(options)), step_(std::move(step)) {
  // Started here, when everything Run() touches exists.
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

PeriodicLoop::~PeriodicLoop() {
  Stop();
}

void PeriodicLoop::Wake() {
  // One that is woken already and rests needs no second call: each would switch threads twice.
  if (!std::exchange(signal_.Lock()->woken, true)) {
    changed_.notify_all();
  }
}

void PeriodicLoop::Stop() {
  thread_.request_stop();
  if (thread_.joinable() && thread_.get_id() != std::this_thread::get_id()) {
    thread_.join();
  }
}

void PeriodicLoop::Run(const std::stop_token& stop) {
  pthread_setname_np(pthread_self(), options_.name.substr(0, kMaxThreadName).c_str());
  BeNice(options_.nice);
  if (options_.short_slices) AskForShortSlices();
  int failures = 0;
  bool woken = false;
  auto rested = std::chrono::steady_clock::now();
  while (!stop.stop_requested()) {
    signal_.Lock()->woken = false;
    const auto failed = [&](const std::string& text, const char* remedy) {
      log::Warning("a loop step failed",
                   {{"loop", options_.name}, {"error", text}, {"remedy", remedy}});
      ++failures;
    };
    const int failures_before = failures;
    try {
      step_();
      failures = 0;
    } catch (const Error& error) {
      failed(error.what(), error.remedy() == Remedy::kRetry ? "retry" : "needs a change");
    } catch (const std::exception& error) {
      failed(error.what(), "needs a change");
    } catch (...) {
      failed("an exception of unknown type", "needs a change");
    }
    if (woken) rested = std::chrono::steady_clock::now() + options_.rest;
    auto signal = signal_.Lock();
    if (failures == 0) {
      const Milliseconds wait = Spread(options_.period, options_.jitter);
      woken = changed_.wait_for(signal.lock(), stop, wait, [&] { return signal->woken; });
      if (woken) changed_.wait_until(signal.lock(), stop, rested, [] { return false; });
      continue;
    }
    woken = false;
    // Wakes cut a long backoff short, but never make a failing step spin.
    const Milliseconds wait =
        Backoff(options_.first_backoff, options_.max_backoff, failures_before);
    const Milliseconds quiet = std::min(wait, options_.first_backoff);
    changed_.wait_for(signal.lock(), stop, quiet, [] { return false; });
    changed_.wait_for(signal.lock(), stop, wait - quiet, [&] { return signal->woken; });
  }
}

Milliseconds Backoff(Milliseconds base, Milliseconds cap, int failures) {
  Milliseconds wait = std::min(base, cap);
  for (int i = 0; i < failures && wait < cap; ++i) {
    wait = wait > cap / 2 ? cap : wait * 2;
  }
  return std::min(cap, Spread(wait, 0.25));
}

}  // namespace failgate
