// From reports to the evidence that gates look at.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/result.h"
#include "controller/evidence/report.h"
#include "policies/facts.h"

namespace failgate {

[[nodiscard]] TestCounts ToTestCounts(const TestReport& report);
[[nodiscard]] TestCounts AddCounts(const TestCounts& a, const TestCounts& b);

/// `into` becomes the union; hits of a line add up, its branches keep the better report.
void MergeCoverage(CoverageReport& into, const CoverageReport& from);

/// Recounted: a line is covered when it was hit.
[[nodiscard]] CoverageFigures CountCoverage(const CoverageReport& coverage);

/// What one step of a run ended with.
struct StepReports {
  std::string name;
  std::string level;  ///< word of the contract
  EvidenceState state = EvidenceState::kSkipped;
  std::vector<Report> reports;  ///< empty unless the step ran
  std::string usecase = {};
  std::optional<TimePoint> started = {};
  std::optional<TimePoint> finished = {};
  std::optional<RepeatEvidence> repeated = {};
  std::optional<RegressionEvidence> regression = {};
  ReleaseName champion = {};  ///< that the step could look at
  /// Of a degraded training, or given an artifact of one: what it measured is not about what is
  /// released.
  bool degraded = false;
  std::optional<DataObjects> data = {};  ///< nullopt: not recorded
};

/// Of all steps together.
[[nodiscard]] CoverageReport UnionOfCoverage(const std::vector<StepReports>& steps);

/// Of `count` lines from `first` on those that were measured, and how many of these were hit, are
/// added to `counted`.
void CountLines(const std::map<long long, LineCoverage>& measured,
                long long first,
                long long count,
                ChangedLines& counted);

/// Evidence of a whole run: test counts by level, union of all coverage, all metrics, the steps.
/// Reports of steps that did not pass are counted too (a failed test stays failed). Refused: one
/// metric that two reports give different values (metric_conflict), two consistency reports of one
/// step (consistency_conflict), two data reports that differ (data_conflict).
[[nodiscard]] Result<Evidence> CollectEvidence(const std::vector<StepReports>& steps);

}  // namespace failgate
