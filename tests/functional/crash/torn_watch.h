// A reader that looks through a deployed link all the time and notes whatever is not whole.
#pragma once

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "controller/base/guarded.h"

namespace failgate {

/// Watches folders of the small project: `app/payload` must always match `app/sum`, and a link once
/// seen must never be missing. Threads of its own; reads only.
class TornWatch {
 public:
  explicit TornWatch(std::vector<std::filesystem::path> links);
  /// Ends the watch; what was torn, one line each.
  [[nodiscard]] std::vector<std::string> Finish();
  /// How often a whole folder was seen.
  [[nodiscard]] long looks() const { return *looks_.Lock(); }

 private:
  void Watch(const std::filesystem::path& link, const std::stop_token& stop);

  Guarded<std::vector<std::string>> torn_;
  Guarded<long> looks_{0L};
  std::vector<std::jthread> threads_;
};

}  // namespace failgate
