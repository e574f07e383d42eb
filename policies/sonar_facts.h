// What a SonarQube server said of one revision: plain data for decisions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/ids.h"

namespace failgate {

enum class SonarState {
  kNotConfigured,  ///< the server file names no server
  kNotAsked,       ///< no answer has come yet
  kUnreachable,    ///< no answer that can be used came; `trouble` says why
  kNotAnalysed,    ///< the server has no analysis of the revision
  kAnalysed,       ///< `status` is what its quality gate came to
};

/// The answer to one question. What was asked stands in it, so that it counts for nothing else.
struct SonarFact {
  std::string project;      ///< key of the project that was asked for
  std::string branch = {};  ///< empty: the project's main branch
  CommitId revision = {};   ///< the release's
  SonarState state = SonarState::kNotAsked;
  std::string analysis = {};             ///< its key
  CommitId analysed = {};                ///< the revision that the server says it analysed
  std::string status = {};               ///< as the server words it: "OK", "ERROR", "NONE"
  std::vector<std::string> failed = {};  ///< conditions that are not met, the first by name
  long long more_failed = 0;             ///< of them, not listed
  std::optional<TimePoint> analysed_at = {};
  std::optional<TimePoint> asked_at = {};  ///< when the answer came
  std::string trouble = {};                ///< one line
  bool operator==(const SonarFact&) const = default;
};

/// No more conditions are listed.
inline constexpr std::size_t kMaxSonarConditions = 10;

/// An answer lets pass for so long: a newer analysis of the same revision may say otherwise.
inline constexpr Milliseconds kSonarAnswerCounts = std::chrono::minutes(15);

}  // namespace failgate
