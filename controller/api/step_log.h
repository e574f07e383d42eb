// The log of a step on the controller's disk, read in bounded pieces.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include "controller/store/step_store.h"

namespace failgate {

/// Under `log_folder`, or nowhere.
[[nodiscard]] std::optional<std::filesystem::path> LogPathOf(
    const std::filesystem::path& log_folder, const Step& step);

struct LogChunk {
  std::string bytes;
  bool to_the_end = true;
};

/// At most `max_bytes` from `from` on; nothing of a file that is not there (not begun, or pruned).
/// Throws Error when it cannot be read.
[[nodiscard]] LogChunk ReadLog(const std::filesystem::path& path,
                               long long from,
                               std::size_t max_bytes);

/// The last `max_bytes` at most. `to_the_end` is false when there is more before them.
[[nodiscard]] LogChunk ReadLogTail(const std::filesystem::path& path, std::size_t max_bytes);

}  // namespace failgate
