// All watches of the server file, each on its own thread: a slow one keeps no other waiting.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "controller/base/guarded.h"
#include "controller/config/secret_reference.h"
#include "controller/config/server_file.h"
#include "controller/store/watch_store.h"
#include "controller/watch/watched_bytes.h"
#include "controller/watch/watched_folder.h"

namespace failgate {

/// Made, started and stopped from one thread; Status from any.
class Watcher {
 public:
  /// The stores must outlive it. `environment` is asked for the credentials of buckets.
  Watcher(const std::vector<WatchSettings>& settings,
          WatchStore& store,
          WatchedBytes& data,
          const Clock& clock,
          const EnvironmentLookup& environment = {});
  ~Watcher();
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  /// Called on a watch's thread after a version was taken; set before Start.
  void OnNews(std::function<void(const std::string& watch)> told);
  void Start();
  /// Ends also while a large file is being taken: it is taken anew at the next start. Idempotent.
  void Stop();
  /// One look at every watch, on this thread; for tests instead of Start.
  void Step();
  [[nodiscard]] std::vector<WatchStatus> Status() const;

 private:
  struct Watched {
    std::string name;
    std::unique_ptr<WatchedFolder> folder;
    Guarded<std::string> error;
    std::jthread thread;
  };
  /// False: it failed, and its error is kept.
  bool Look(Watched& watched, const std::stop_token& stop);

  WatchStore& store_;
  WatchedBytes& data_;
  std::function<void(const std::string&)> told_;
  std::vector<std::unique_ptr<Watched>> watches_;
};

}  // namespace failgate
