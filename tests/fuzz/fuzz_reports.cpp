// Any bytes as a report of a step: numbers that add up, or a refusal with a code.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "controller/evidence/evidence.h"

namespace {

void Require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

void Read(std::string_view bytes, failgate::ReportKind kind) {
  const auto report = failgate::ReadReport(bytes, kind, "/work/src");
  if (!report) {
    Require(!report.error().code.empty() && !report.error().text.empty());
    return;
  }
  Require(report->kind == kind);
  if (kind == failgate::ReportKind::kTests) {
    Require(report->tests.total() > 0 && !report->tests.cases.empty());
  } else if (kind == failgate::ReportKind::kCoverage) {
    const failgate::CoverageFigures figures = failgate::CountCoverage(report->coverage);
    Require(figures.lines_total > 0 && figures.lines_covered <= figures.lines_total);
    Require(figures.branches_covered <= figures.branches_total);
  } else {
    Require(!report->metrics.empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Read(bytes, failgate::ReportKind::kTests);
  Read(bytes, failgate::ReportKind::kCoverage);
  Read(bytes, failgate::ReportKind::kMetrics);
  return 0;
}
