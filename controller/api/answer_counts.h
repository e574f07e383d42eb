// How many answers of each status were given, for the metrics of one webhook.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>

namespace failgate {

/// Thread-safe. Statuses outside 200 to 599 are not counted.
class AnswerCounts {
 public:
  void Count(int status) {
    if (status >= kFirst && status < kEnd) {
      counts_[static_cast<std::size_t>(status - kFirst)].fetch_add(1, std::memory_order_relaxed);
    }
  }
  /// Those given at least once.
  [[nodiscard]] std::map<int, std::uint64_t> Read() const {
    std::map<int, std::uint64_t> read;
    for (int status = kFirst; status < kEnd; ++status) {
      const std::uint64_t count =
          counts_[static_cast<std::size_t>(status - kFirst)].load(std::memory_order_relaxed);
      if (count > 0) {
        read.emplace(status, count);
      }
    }
    return read;
  }

 private:
  static constexpr int kFirst = 200;
  static constexpr int kEnd = 600;
  std::array<std::atomic<std::uint64_t>, kEnd - kFirst> counts_{};
};

}  // namespace failgate
