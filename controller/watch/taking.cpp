#include "controller/watch/taking.h"

#include <fmt/format.h>

#include "controller/base/log.h"

namespace failgate {
namespace {

/// Seconds between two lines about a file that takes long.
constexpr int kTellEvery = 10;
constexpr long long kTellLarge = 256LL << 20U;

/// Also when it failed: nothing is being taken any more.
class TakingEnd {
 public:
  explicit TakingEnd(Guarded<WatchStatus>& status) : status_(status) {}
  ~TakingEnd() { status_.Lock()->taking.clear(); }
  TakingEnd(const TakingEnd&) = delete;
  TakingEnd& operator=(const TakingEnd&) = delete;

 private:
  Guarded<WatchStatus>& status_;
};

}  // namespace

Result<WatchedBytes::Taken> TakeAndTell(ObjectSource& source,
                                        Guarded<WatchStatus>& status,
                                        const std::string& path,
                                        const ObjectStatus& expected,
                                        const std::stop_token& stop) {
  const std::string name = status.Lock()->name;
  int told = 0;
  const TakingEnd end(status);
  auto taken = source.Take(path, expected, stop, [&](long long done, long long size) {
    {
      auto now = status.Lock();
      now->taking = path;
      now->taking_done = done;
      now->taking_size = size;
    }
    if (++told % kTellEvery == 0) {
      log::Info("taking a watched file",
                {{"watch", name},
                 {"file", path},
                 {"done", fmt::format("{} of {} MiB", done >> 20U, size >> 20U)}});
    }
  });
  {
    auto now = status.Lock();
    now->taken_bytes += taken ? taken->size : 0;
    now->taken_files += taken ? 1 : 0;
  }
  if (taken && taken->size >= kTellLarge) {
    log::Info("a large watched file was taken",
              {{"watch", name}, {"file", path}, {"sha256", taken->sha256}});
  }
  return taken;
}

}  // namespace failgate
