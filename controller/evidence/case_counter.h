// Test cases of any dialect, counted the same way. Inside controller/evidence only.
#pragma once

#include <cstddef>
#include <utility>

#include "controller/evidence/report.h"

namespace failgate {

inline constexpr std::size_t kShownCaseCharacters = 500;

class CaseCounter {
 public:
  /// What the report itself says of a case; its names may say so too.
  struct Marks {
    bool real_call = false;
    bool given_when_then = false;
  };
  void Add(TestCase one, Marks marks);
  [[nodiscard]] TestReport Take() { return std::move(report_); }

 private:
  TestReport report_;
};

}  // namespace failgate
