// What the log says people could let automation do, and what it says nobody needs. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/deploylog/log_history.h"
#include "controller/promotion/operations_files.h"

namespace failgate {

struct Advice {
  EnvironmentName environment;
  ProjectName project;
  /// "deployment": every promotion by hand went well. "approvals": they come at once. "gate": it
  /// never said no. "drift": somebody changes what runs.
  std::string kind;
  std::string text;  ///< one sentence that says what to do
  long count = 0;    ///< of what was seen: promotions, approvals, verdicts, drifts
  std::optional<Milliseconds> median;  ///< how long people took; of the first two kinds
};

/// How many of the newest facts are worth reading: older habits are no advice.
inline constexpr std::size_t kFactsForAdvice = 10'000;

/// From this many on something is a habit.
inline constexpr long kPromotionsForAdvice = 5;
inline constexpr long kApprovalsForAdvice = 5;
inline constexpr long kVerdictsForAdvice = 20;
inline constexpr long kDriftsForAdvice = 3;
/// Approvals that all come within this time of being asked are no second look.
inline constexpr Milliseconds kAtOnce = std::chrono::minutes(10);

/// `newest_first` as ReadHistory gives them. By project, then in the order of the ladder; pairs
/// that main does not deploy any more are left out.
[[nodiscard]] std::vector<Advice> AdviceOf(const std::vector<LogEntry>& newest_first,
                                           const OperationsView& view);

}  // namespace failgate
