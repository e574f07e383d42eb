#include "controller/watch/watcher.h"

#include <pthread.h>

#include <stop_token>
#include <utility>

#include "controller/base/error.h"
#include "controller/base/log.h"
#include "controller/base/periodic_loop.h"
#include "controller/base/text.h"
#include "controller/watch/delta_watch.h"
#include "controller/watch/file_watch.h"
#include "controller/watch/retention.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxError = 500;
constexpr Milliseconds kFirstPause{1000};
constexpr Milliseconds kLongestPause{60'000};

}  // namespace

Watcher::Watcher(const std::vector<WatchSettings>& settings,
                 WatchStore& store,
                 WatchedBytes& data,
                 const Clock& clock,
                 const EnvironmentLookup& environment)
    : store_(store), data_(data) {
  for (const WatchSettings& one : settings) {
    auto watched = std::make_unique<Watched>();
    watched->name = one.name;
    if (one.kind == WatchKind::kDelta) {
      watched->folder = std::make_unique<DeltaWatch>(one, store, data, clock, environment);
    } else {
      watched->folder = std::make_unique<FileWatch>(one, store, data, clock, environment);
    }
    watches_.push_back(std::move(watched));
  }
}

Watcher::~Watcher() {
  Stop();
}

void Watcher::OnNews(std::function<void(const std::string& watch)> told) {
  told_ = std::move(told);
}

void Watcher::Start() {
  ForgetUnusedBytes(store_, data_);
  for (const auto& watched : watches_) {
    watched->thread = std::jthread([this, one = watched.get()](const std::stop_token& stop) {
      pthread_setname_np(pthread_self(), "watch");
      const std::stop_callback woken(stop, [one] { one->folder->Wake(); });
      int failures = 0;
      while (!stop.stop_requested()) {
        failures = Look(*one, stop) ? 0 : failures + 1;
        if (stop.stop_requested()) {
          return;
        }
        if (failures == 0) {
          one->folder->Wait();
        } else {
          one->folder->Pause(Backoff(kFirstPause, kLongestPause, failures - 1));
        }
      }
    });
  }
}

void Watcher::Stop() {
  for (const auto& watched : watches_) {
    watched->thread.request_stop();
  }
  for (const auto& watched : watches_) {
    if (watched->thread.joinable()) {
      watched->thread.join();
    }
  }
}

void Watcher::Step() {
  for (const auto& watched : watches_) {
    (void)Look(*watched, {});
  }
}

bool Watcher::Look(Watched& watched, const std::stop_token& stop) {
  std::string error;
  try {
    if (watched.folder->Step(stop)) {
      log::Info("watched data has a new version", {{"watch", watched.name}});
      // Whoever is not told, for a failing disk say, finds the version at the next look.
      if (told_) {
        told_(watched.name);
      }
    }
  } catch (const std::exception& failure) {
    if (stop.stop_requested()) return false;  // it was ended, which is no trouble
    error = OneLine(failure.what(), kMaxError);
  }
  auto before = watched.error.Lock();
  if (!error.empty() && error != *before) {
    log::Warning("a watch cannot be looked at", {{"watch", watched.name}, {"error", error}});
  }
  *before = error;
  return error.empty();
}

std::vector<WatchStatus> Watcher::Status() const {
  std::vector<WatchStatus> all;
  for (const auto& watched : watches_) {
    WatchStatus status = watched->folder->Status();
    const std::string error = *watched->error.Lock();
    if (!error.empty()) {
      status.error = error;
    }
    all.push_back(std::move(status));
  }
  return all;
}

}  // namespace failgate
