// The few fields of /proc/PID/stat that tell processes apart.
#pragma once

#include <sys/types.h>

#include <optional>

namespace failgate {

struct ProcessStat {
  bool ended = false;  ///< a zombie, or nearly gone
  pid_t group = 0;
  long long start_ticks = 0;
};

/// nullopt when there is no such process.
[[nodiscard]] std::optional<ProcessStat> ReadProcessStat(pid_t pid);

}  // namespace failgate
