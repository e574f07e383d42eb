#include "controller/evidence/report.h"

#include <fmt/format.h>

#include "controller/base/text.h"
#include "controller/evidence/dialects.h"
#include "controller/evidence/xml_reader.h"

namespace failgate {
namespace {

enum class Dialect {
  kJunit,
  kCobertura,
  kJacoco,
  kLcov,
  kGoCoverprofile,
  kJsonObject,
  kJsonList,
  kUnknown,
};

std::string_view FirstLine(std::string_view bytes) {
  return Trim(bytes.substr(0, std::min(bytes.find('\n'), bytes.size())));
}

bool StartsWith(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

Dialect Recognise(std::string_view bytes) {
  std::string_view text = bytes;
  if (StartsWith(text, "\xEF\xBB\xBF")) {
    text.remove_prefix(3);
  }
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) {
    return Dialect::kUnknown;
  }
  text.remove_prefix(first);
  switch (text.front()) {
    case '{':
      return Dialect::kJsonObject;
    case '[':
      return Dialect::kJsonList;
    case '<': {
      const std::string_view root = XmlRootName(bytes);
      if (root == "testsuites" || root == "testsuite") {
        return Dialect::kJunit;
      }
      if (root == "coverage") {
        return Dialect::kCobertura;
      }
      return root == "report" ? Dialect::kJacoco : Dialect::kUnknown;
    }
    default:
      break;
  }
  const std::string_view line = FirstLine(text);
  if (StartsWith(line, "mode:")) {
    return Dialect::kGoCoverprofile;
  }
  return StartsWith(line, "TN:") || StartsWith(line, "SF:") || StartsWith(line, "#")
             ? Dialect::kLcov
             : Dialect::kUnknown;
}

Refusal NotOfKind(ReportKind kind) {
  switch (kind) {
    case ReportKind::kTests:
      return Refusal{"report_unknown",
                     "this is not a test report: write JUnit XML or Cucumber JSON"};
    case ReportKind::kCoverage:
      return Refusal{"report_unknown",
                     "this is not a coverage report: write Cobertura or JaCoCo XML, LCOV, a Go "
                     "coverprofile or coverage.py's JSON"};
    case ReportKind::kMetrics:
      return Refusal{"report_unknown",
                     "these are not metrics: write a flat JSON object of numbers"};
    case ReportKind::kConsistency:
      return Refusal{
          "report_unknown",
          "this is no consistency report: write a JSON object as docs/gates/consistency.md "
          "shows"};
    case ReportKind::kData:
      return Refusal{"report_unknown",
                     "this is not a data report: write a JSON object with rows and columns"};
  }
  return Refusal{"report_unknown", ""};
}

Result<Report> TestsOf(std::string_view dialect, Result<TestReport> tests) {
  if (!tests) {
    return tests.error();
  }
  Report report;
  report.kind = ReportKind::kTests;
  report.dialect = std::string(dialect);
  report.tests = std::move(*tests);
  return report;
}

Result<Report> CoverageOf(std::string_view dialect, Result<CoverageReport> coverage) {
  if (!coverage) {
    return coverage.error();
  }
  std::size_t lines = 0;
  for (const auto& file : coverage->files) {
    lines += file.second.size();
  }
  if (lines == 0) {
    return Refusal{"report_empty",
                   coverage->files_outside == 0
                       ? "the report measures no line"
                       : fmt::format("the report measures no line of the repository; {} files lie "
                                     "outside of it",
                                     coverage->files_outside)};
  }
  Report report;
  report.kind = ReportKind::kCoverage;
  report.dialect = std::string(dialect);
  report.coverage = std::move(*coverage);
  return report;
}

Result<Report> ReadTests(std::string_view bytes, Dialect dialect) {
  if (dialect == Dialect::kJunit) {
    return TestsOf("junit", ReadJunit(bytes));
  }
  if (dialect == Dialect::kJsonList) {
    return TestsOf("cucumber", ReadCucumber(bytes));
  }
  return NotOfKind(ReportKind::kTests);
}

Result<Report> ReadCoverage(std::string_view bytes, Dialect dialect, std::string_view workspace) {
  switch (dialect) {
    case Dialect::kCobertura:
      return CoverageOf("cobertura", ReadCobertura(bytes, workspace));
    case Dialect::kLcov:
      return CoverageOf("lcov", ReadLcov(bytes, workspace));
    case Dialect::kJacoco:
      return CoverageOf("jacoco", ReadJacoco(bytes, workspace));
    case Dialect::kGoCoverprofile:
      return CoverageOf("go", ReadGoCoverprofile(bytes, workspace));
    case Dialect::kJsonObject:
      return CoverageOf("coverage.py", ReadCoveragePy(bytes, workspace));
    case Dialect::kJunit:
    case Dialect::kJsonList:
    case Dialect::kUnknown:
      break;
  }
  return NotOfKind(ReportKind::kCoverage);
}

Result<Report> ReadMetricsReport(std::string_view bytes, Dialect dialect) {
  if (dialect != Dialect::kJsonObject) {
    return NotOfKind(ReportKind::kMetrics);
  }
  Result<MetricsReport> metrics = ReadMetrics(bytes);
  if (!metrics) {
    return metrics.error();
  }
  Report report;
  report.kind = ReportKind::kMetrics;
  report.dialect = "metrics";
  report.metrics = std::move(*metrics);
  return report;
}

Result<Report> ConsistencyOf(std::string_view bytes, Dialect dialect) {
  if (dialect != Dialect::kJsonObject) {
    return NotOfKind(ReportKind::kConsistency);
  }
  Result<ConsistencyFigures> figures = ReadConsistencyReport(bytes);
  if (!figures) {
    return figures.error();
  }
  Report report;
  report.kind = ReportKind::kConsistency;
  report.dialect = "consistency";
  report.consistency = std::move(*figures);
  return report;
}

Result<Report> ReadData(std::string_view bytes, Dialect dialect) {
  if (dialect != Dialect::kJsonObject) {
    return NotOfKind(ReportKind::kData);
  }
  Result<DataTable> table = ReadDataReport(bytes);
  if (!table) {
    return table.error();
  }
  Report report;
  report.kind = ReportKind::kData;
  report.dialect = "data";
  report.data = std::move(*table);
  return report;
}

}  // namespace

std::string_view ToText(ReportKind kind) {
  switch (kind) {
    case ReportKind::kTests:
      return "tests";
    case ReportKind::kCoverage:
      return "coverage";
    case ReportKind::kMetrics:
      return "metrics";
    case ReportKind::kConsistency:
      return "consistency";
    case ReportKind::kData:
      return "data";
  }
  return "";
}

std::string_view ToText(CaseOutcome outcome) {
  switch (outcome) {
    case CaseOutcome::kPassed:
      return "passed";
    case CaseOutcome::kFailed:
      return "failed";
    case CaseOutcome::kError:
      return "error";
    case CaseOutcome::kSkipped:
      return "skipped";
  }
  return "";
}

Result<Report> ReadReport(std::string_view bytes, ReportKind kind, std::string_view workspace) {
  if (bytes.size() > kMaxReportBytes) {
    return Refusal{
        "report_too_large",
        fmt::format(
            "the report holds {} bytes; at most {} are read", bytes.size(), kMaxReportBytes)};
  }
  if (Trim(bytes).empty()) {
    return Refusal{"report_empty", "the report is an empty file"};
  }
  const Dialect dialect = Recognise(bytes);
  switch (kind) {
    case ReportKind::kTests:
      return ReadTests(bytes, dialect);
    case ReportKind::kCoverage:
      return ReadCoverage(bytes, dialect, workspace);
    case ReportKind::kMetrics:
      return ReadMetricsReport(bytes, dialect);
    case ReportKind::kConsistency:
      return ConsistencyOf(bytes, dialect);
    case ReportKind::kData:
      return ReadData(bytes, dialect);
  }
  return NotOfKind(kind);
}

}  // namespace failgate
