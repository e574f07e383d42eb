#include "controller/watch/retention.h"

#include <vector>

namespace failgate {

void ForgetOldVersions(const std::string& watch,
                       WatchStore& store,
                       WatchedBytes& data,
                       TimePoint now) {
  for (const std::string& sha256 : store.Prune(watch, kKeptVersions, now - kKeptFor)) {
    if (!store.Uses(sha256)) {
      data.Remove(sha256);
    }
  }
}

void ForgetUnusedBytes(const WatchStore& store, WatchedBytes& data) {
  std::vector<std::string> unused;
  data.ForEach([&](const std::string& sha256) {
    if (!store.Uses(sha256)) {
      unused.push_back(sha256);
    }
  });
  for (const std::string& sha256 : unused) {
    data.Remove(sha256);
  }
}

}  // namespace failgate
