// Any bytes as a report of a step, read as every kind, inside a workspace and without one; and as
// the other XML that comes from outside, a listing of a bucket.
#include <array>
#include <cmath>

#include "controller/base/ids.h"
#include "controller/base/text.h"
#include "controller/evidence/evidence.h"
#include "controller/s3/s3_answers.h"
#include "tests/fuzz/require.h"

namespace failgate {
namespace {

void RequireTests(const TestReport& tests) {
  Require(tests.passed >= 0 && tests.failed >= 0 && tests.errors >= 0 && tests.skipped >= 0);
  Require(tests.total() > 0 && !tests.cases.empty() && tests.cases.size() <= kMaxListedCases);
  Require(tests.total() >= static_cast<long long>(tests.cases.size()));
  for (const TestCase& one : tests.cases) {
    Require(one.name == EscapeControls(one.name));
    Require(one.class_name == EscapeControls(one.class_name));
    Require(std::isfinite(one.seconds));
  }
}

void RequireCoverage(const CoverageReport& coverage) {
  std::size_t lines = 0;
  for (const auto& file : coverage.files) {
    Require(IsSafeRelativePath(file.first));
    lines += file.second.size();
    for (const auto& line : file.second) {
      Require(line.second.hits >= 0 && line.second.hits <= kMaxHits);
      Require(line.second.branches_covered >= 0);
      Require(line.second.branches_covered <= line.second.branches_total);
    }
  }
  const CoverageFigures figures = CountCoverage(coverage);
  Require(lines > 0 && figures.lines_total == static_cast<long long>(lines));
  Require(figures.lines_covered <= figures.lines_total);
  Require(figures.branches_covered <= figures.branches_total);
  // The union with itself covers the same.
  CoverageReport twice = coverage;
  MergeCoverage(twice, coverage);
  Require(CountCoverage(twice) == figures);
}

void RequireReport(const Report& report, ReportKind kind) {
  Require(report.kind == kind && !report.dialect.empty());
  switch (kind) {
    case ReportKind::kTests:
      RequireTests(report.tests);
      break;
    case ReportKind::kCoverage:
      RequireCoverage(report.coverage);
      break;
    case ReportKind::kMetrics:
      Require(!report.metrics.empty() && report.metrics.size() <= kMaxMetrics);
      for (const auto& metric : report.metrics) {
        Require(std::isfinite(metric.second));
      }
      break;
    case ReportKind::kConsistency:
      Require(!(report.consistency == ConsistencyFigures()));
      for (const auto& metric : report.consistency.rerun) {
        Require(std::isfinite(metric.second));
      }
      break;
    case ReportKind::kData:
      for (const auto& [name, column] : report.data.columns) {
        Require(!name.empty() && column.nulls >= 0 && column.nulls <= report.data.rows);
      }
      break;
  }
}

void FuzzReport(std::string_view bytes) {
  constexpr std::array kKinds = {ReportKind::kTests,
                                 ReportKind::kCoverage,
                                 ReportKind::kMetrics,
                                 ReportKind::kConsistency,
                                 ReportKind::kData};
  for (const ReportKind kind : kKinds) {
    for (const std::string_view workspace : {"", "/work/space"}) {
      const Result<Report> report = ReadReport(bytes, kind, workspace);
      if (report) {
        RequireReport(*report, kind);
      } else {
        Require(!report.error().code.empty() && !report.error().text.empty());
      }
    }
  }
}

void FuzzListing(std::string_view bytes) {
  const Result<S3Page> page = ReadS3Page(bytes);
  if (!page) {
    Require(page.error().code == "s3_unreadable" && !page.error().text.empty());
    Require(page.error().text == EscapeControls(page.error().text));
  } else {
    for (const S3Object& object : page->objects) {
      Require(!object.key.empty() && object.key.size() <= 1024);
      Require(object.size >= 0 && IsETag(object.etag));
    }
    Require(!page->next || !page->next->empty());
  }
  const S3Refusal refusal = ReadS3Refusal(bytes);
  Require(refusal.code == OneLine(refusal.code) && refusal.region == OneLine(refusal.region));
}

}  // namespace
}  // namespace failgate

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  failgate::FuzzReport(failgate::TextOf(data, size));
  failgate::FuzzListing(failgate::TextOf(data, size));
  return 0;
}
