#include "controller/pipeline/step_report_files.h"

#include <fmt/format.h>

#include <utility>

#include "controller/base/digest.h"
#include "controller/base/durable_file.h"
#include "controller/base/text.h"
#include "controller/evidence/evidence.h"
#include "controller/pipeline/workspace_files.h"

namespace failgate {
namespace {

std::vector<std::pair<ReportKind, std::string>> AllPaths(const ReportPaths& declared) {
  std::vector<std::pair<ReportKind, std::string>> paths;
  for (const std::string& path : declared.tests) {
    paths.emplace_back(ReportKind::kTests, path);
  }
  for (const std::string& path : declared.coverage) {
    paths.emplace_back(ReportKind::kCoverage, path);
  }
  for (const std::string& path : declared.metrics) {
    paths.emplace_back(ReportKind::kMetrics, path);
  }
  for (const std::string& path : declared.consistency) {
    paths.emplace_back(ReportKind::kConsistency, path);
  }
  for (const std::string& path : declared.data) {
    paths.emplace_back(ReportKind::kData, path);
  }
  return paths;
}

void NoteFault(CollectedReports& collected, std::string fault) {
  if (!collected.fault) {
    collected.fault = std::move(fault);
  }
}

void NoteTests(CollectedReports& collected, const std::string& path, const TestReport& report) {
  collected.tests = AddCounts(collected.tests, ToTestCounts(report));
  if (report.failed > 0 || report.errors > 0) {
    NoteFault(collected,
              fmt::format("the tests report \"{}\" holds {} failed and {} broken of {} test cases",
                          OneLine(path, 200),
                          report.failed,
                          report.errors,
                          report.total()));
  }
}

}  // namespace

CollectedReports CollectReports(const std::filesystem::path& workspace,
                                const std::string& inside,
                                const ReportPaths& declared,
                                const std::filesystem::path& keep) {
  RemoveTree(keep);
  CollectedReports collected;
  for (const auto& [kind, path] : AllPaths(declared)) {
    const Result<std::string> bytes = ReadWorkspaceFile(workspace, path, kMaxReportBytes);
    if (!bytes) {
      NoteFault(collected, fmt::format("the {} report {}", ToText(kind), bytes.error().text));
      continue;
    }
    const Result<Report> report = ReadReport(*bytes, kind, inside);
    if (!report) {
      NoteFault(
          collected,
          fmt::format(
              "the {} report \"{}\": {}", ToText(kind), OneLine(path, 200), report.error().text));
      continue;
    }
    if (kind == ReportKind::kTests) {
      NoteTests(collected, path, report->tests);
    }
    CreateFolders(keep, 0700);
    StoredReport stored;
    stored.kind = kind;
    stored.path = path;
    stored.file = fmt::format("{}-{}", ToText(kind), collected.stored.size());
    stored.sha256 = Sha256Hex(*bytes);
    WriteFileDurably(keep / stored.file, *bytes, 0600);
    collected.stored.push_back(std::move(stored));
  }
  return collected;
}

std::optional<std::vector<Report>> LoadReports(const std::filesystem::path& kept,
                                               const StepResult& result) {
  std::vector<Report> reports;
  for (const StoredReport& stored : result.reports) {
    const auto bytes = ReadFileIfPresent(kept / stored.file, kMaxReportBytes);
    if (!bytes || Sha256Hex(*bytes) != stored.sha256) {
      return std::nullopt;
    }
    Result<Report> report = ReadReport(*bytes, stored.kind, result.workspace);
    if (!report) {
      return std::nullopt;
    }
    reports.push_back(std::move(report).value());
  }
  return reports;
}

}  // namespace failgate
