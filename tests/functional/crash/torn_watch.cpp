#include "tests/functional/crash/torn_watch.h"

#include <poll.h>

#include <exception>

#include "controller/base/digest.h"
#include "controller/base/durable_file.h"

namespace failgate {
namespace {

namespace fs = std::filesystem;

/// Empty = whole.
std::string Fault(const fs::path& folder) {
  try {
    const std::string payload = ReadFile(folder / "app/payload");
    const std::string sum = ReadFile(folder / "app/sum");
    if (Sha256Hex(payload) != sum.substr(0, 64)) return folder.string() + " does not match its sum";
    return {};
  } catch (const std::exception& error) {
    return error.what();
  }
}

}  // namespace

TornWatch::TornWatch(std::vector<fs::path> links) {
  for (const fs::path& link : links) {
    threads_.emplace_back([this, link](const std::stop_token& stop) { Watch(link, stop); });
  }
}

std::vector<std::string> TornWatch::Finish() {
  for (std::jthread& thread : threads_) thread.request_stop();
  threads_.clear();
  return *torn_.Lock();
}

void TornWatch::Watch(const fs::path& link, const std::stop_token& stop) {
  bool seen = false;
  while (!stop.stop_requested()) {
    std::error_code error;
    const fs::path target = fs::read_symlink(link, error);
    if (error) {
      if (seen) torn_.Lock()->push_back(link.string() + " is gone");
    } else {
      seen = true;
      const std::string fault = Fault(target);
      // A version that was left and pruned meanwhile is nobody's: only what the link names counts.
      const bool still_there = fs::read_symlink(link, error) == target && !error;
      if (fault.empty()) {
        ++*looks_.Lock();
      } else if (still_there) {
        torn_.Lock()->push_back(fault);
      }
    }
    ::poll(nullptr, 0, 5);
  }
}

}  // namespace failgate
