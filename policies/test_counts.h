// Test cases by result.
#pragma once

namespace failgate {

/// Counts above kMaxFactCount or below zero never pass a gate.
struct TestCounts {
  long long passed = 0;
  long long failed = 0;
  long long errors = 0;
  long long skipped = 0;
  bool operator==(const TestCounts&) const = default;
};

}  // namespace failgate
