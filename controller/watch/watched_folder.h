// One watch of the server file as the watcher sees it.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "controller/base/clock.h"

namespace failgate {

/// For /api, doctor and metrics.
struct WatchStatus {
  std::string name;
  std::size_t files = 0;  ///< of the newest version
  std::string version;    ///< empty = none was taken yet
  std::string error;      ///< of the last look; empty = it succeeded
  std::string taking;     ///< the file whose bytes are being kept; empty = none
  long long taking_done = 0;
  long long taking_size = 0;
  long long taken_bytes = 0;  ///< since the start
  long long taken_files = 0;
  long long versions = 0;  ///< taken since the start
};

/// Looks at one folder or bucket. Its thread calls Step and Wait; Wake may come from any.
class WatchedFolder {
 public:
  virtual ~WatchedFolder() = default;
  /// Takes what is whole now; true = there is a new version. Throws Error when the folder or our
  /// own disk cannot be used.
  [[nodiscard]] virtual bool Step(const std::stop_token& stop) = 0;
  /// Until something may have changed, or something is due.
  virtual void Wait() = 0;
  /// Does nothing for a while: what failed is not tried again at once.
  virtual void Pause(Milliseconds time) = 0;
  /// Ends Wait and Pause.
  virtual void Wake() = 0;
  /// Thread-safe.
  [[nodiscard]] virtual WatchStatus Status() const = 0;
};

}  // namespace failgate
