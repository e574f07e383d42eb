#include "controller/watch/taking.h"

#include <fmt/format.h>

#include "controller/base/log.h"

namespace failgate {
namespace {

/// Seconds between two lines about a file that takes long.
constexpr int kTellEvery = 10;
constexpr long long kTellLarge = 256LL << 20U;

}  // namespace

Result<WatchedBytes::Taken> TakeAndTell(WatchedBytes& data,
                                        Guarded<WatchStatus>& status,
                                        int folder,
                                        const std::string& path,
                                        const std::stop_token& stop) {
  const std::string name = status.Lock()->name;
  int told = 0;
  auto taken = data.Take(folder, path, stop, [&](long long done, long long size) {
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
    now->taking.clear();
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
