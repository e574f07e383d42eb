// How far a running step has come, by what it says in its log.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace failgate {

/// A line of the log that begins so, and goes on with one flat JSON object of numbers.
inline constexpr std::string_view kProgressMark = "::progress ";

/// For people only: nothing of it is evidence, no gate sees it.
struct StepProgress {
  std::optional<long long> step = {};          ///< what was done, at least 0
  std::optional<long long> of = {};            ///< of how many, at least `step`
  std::map<std::string, double> metrics = {};  ///< finite; at most kMaxProgressMetrics
  bool operator==(const StepProgress&) const = default;
};

inline constexpr std::size_t kMaxProgressMetrics = 20;

/// Of the last complete line of `log` that tells progress in this form; others are passed over, as
/// is the first line, which may have been cut off, when `is_tail`. Never throws.
[[nodiscard]] std::optional<StepProgress> NewestProgress(std::string_view log, bool is_tail);

}  // namespace failgate
