// The few fields of /proc/PID/stat that tell processes apart.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace failgate {

struct ProcessStat {
  bool ended = false;  ///< a zombie, or nearly gone
  pid_t group = 0;
  long long start_ticks = 0;
};

/// nullopt when there is no such process.
[[nodiscard]] std::optional<ProcessStat> ReadProcessStat(pid_t pid);

/// A file of /proc as it is now, at most 1 MiB; empty when the process ends meanwhile or shuts us
/// out. (A std::ifstream throws when the process ends between open and read.)
[[nodiscard]] std::string ReadProcFile(const std::string& path);

}  // namespace failgate
