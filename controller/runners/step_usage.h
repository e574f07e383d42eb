// What a running step uses: measured from outside, with bounded work, whatever the step does.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace failgate {

struct ProcessUsage {
  int processes = 0;
  long long tasks = 0;         ///< processes and their threads
  long long memory_bytes = 0;  ///< resident anonymous and shared memory of all of them
};
/// Sums over the processes that a /proc folder shows and `counts` accepts (absent = all). A process
/// that ends meanwhile is left out; an unreadable folder gives zeros.
[[nodiscard]] ProcessUsage MeasureProcesses(const std::filesystem::path& proc,
                                            const std::function<bool(pid_t)>& counts = {});

struct DiskUsage {
  long long bytes = 0;      ///< allocated, each inode once
  bool too_deep = false;    ///< nested deeper than kMaxWorkspaceDepth: not measured to the end
  bool unreadable = false;  ///< some folder could not be opened
};
inline constexpr int kMaxWorkspaceDepth = 256;
/// Walks by descriptors, never follows links, stops once above `enough_bytes`.
[[nodiscard]] DiskUsage MeasureDisk(const std::filesystem::path& folder, long long enough_bytes);

/// Free bytes for ordinary users on the file system of `folder`.
[[nodiscard]] long long FreeDiskBytes(const std::filesystem::path& folder);

/// "4 GiB", "512 MiB", "10 KiB", "100 bytes": the largest unit that divides it.
[[nodiscard]] std::string FormatSize(long long bytes);

}  // namespace failgate
