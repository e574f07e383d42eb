// Reports that tools write about a step: tests, coverage, metrics. Untrusted bytes in, numbers out.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/result.h"
#include "policies/data_facts.h"
#include "policies/model_facts.h"

namespace failgate {

enum class ReportKind { kTests, kCoverage, kMetrics, kConsistency, kData };
/// "tests", "coverage", "metrics", "consistency", "data".
[[nodiscard]] std::string_view ToText(ReportKind kind);

enum class CaseOutcome { kPassed, kFailed, kError, kSkipped };
[[nodiscard]] std::string_view ToText(CaseOutcome outcome);

struct TestCase {
  std::string name;        ///< escaped to one line, at most 500 characters
  std::string class_name;  ///< as above; empty when the report has none
  CaseOutcome outcome = CaseOutcome::kPassed;
  double seconds = 0;  ///< 0 when the report has none or no finite number
  bool operator==(const TestCase&) const = default;
};

inline constexpr std::size_t kMaxReportBytes = std::size_t{64} << 20U;
inline constexpr std::size_t kMaxListedCases = 10000;
inline constexpr std::size_t kMaxMetrics = 10000;
inline constexpr std::size_t kMaxSchemaFields = 10000;
inline constexpr std::size_t kMaxCoveredLines = 4000000;  ///< lines and branches of one report
inline constexpr std::size_t kMaxCoveredFiles = 200000;   ///< of one report, those outside too
inline constexpr long long kMaxHits = 1000000000000;      ///< larger counts are cut to this

/// Counted from the cases themselves, never from totals of the report.
struct TestReport {
  long long passed = 0;
  long long failed = 0;
  long long errors = 0;
  long long skipped = 0;
  std::vector<TestCase>
      cases;  ///< in report order, at most kMaxListedCases; the counts hold them all
  long long not_given_when_then = 0;  ///< cases whose name is not given_…_when_…_then_…
  std::string example;                ///< the first of those names
  long long real_calls = 0;           ///< passed cases marked as calling real systems
  [[nodiscard]] long long total() const { return passed + failed + errors + skipped; }
};

/// One measured line. Branches are 0 of 0 when the report has none for it.
struct LineCoverage {
  long long hits = 0;
  int branches_covered = 0;
  int branches_total = 0;
  bool operator==(const LineCoverage&) const = default;
};

/// The union of all (file, line); figures are computed by CountCoverage of evidence.h.
struct CoverageReport {
  std::map<std::string, std::map<long long, LineCoverage>> files;  ///< normalised path -> line
  long long files_outside = 0;  ///< files outside the repository, dropped
};

using MetricsReport = std::map<std::string, double>;

/// What a file says, recognised by its content; exactly the member of `kind` is filled.
struct Report {
  ReportKind kind = ReportKind::kTests;
  /// "junit", "cucumber", "cobertura", "jacoco", "lcov", "go", "coverage.py", "metrics",
  /// "consistency", "data".
  std::string dialect;
  TestReport tests;
  CoverageReport coverage;
  MetricsReport metrics;
  ConsistencyFigures consistency = {};
  DataTable data = {};
};

/// Never throws for any bytes. Refusals: report_too_large, report_malformed, report_unknown (not a
/// report of that kind), report_empty (zero test cases, no measured line, no metric, no column).
/// `workspace` is the absolute folder the step ran in, so that absolute paths of coverage reports
/// become relative to it; empty = relative paths only.
[[nodiscard]] Result<Report> ReadReport(std::string_view bytes,
                                        ReportKind kind,
                                        std::string_view workspace = {});

}  // namespace failgate
