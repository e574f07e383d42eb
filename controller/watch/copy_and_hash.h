// One pass over a file: its bytes read, hashed and copied at the same time.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>

namespace failgate {

struct NamedDescriptor {
  int fd = -1;
  std::string name;  ///< for errors
};

/// Copies at most `size` bytes and one more (a file that grows is told by its state afterwards) and
/// answers 64 hex digits; nullopt: stopped. Memory does not depend on the size. `progress` is
/// called from this thread about once a second. Throws Error.
[[nodiscard]] std::optional<std::string> CopyAndHash(
    const NamedDescriptor& from,
    const NamedDescriptor& to,
    long long size,
    const std::stop_token& stop,
    const std::function<void(long long done, long long size)>& progress);

}  // namespace failgate
