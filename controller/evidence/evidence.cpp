#include "controller/evidence/evidence.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/text.h"

namespace failgate {
namespace {

std::optional<Refusal> MergeMetrics(std::map<std::string, double>& into,
                                    const MetricsReport& from,
                                    const std::string& step) {
  for (const auto& [name, value] : from) {
    const auto [known, added] = into.emplace(name, value);
    if (!added && known->second != value) {
      return Refusal{"metric_conflict",
                     fmt::format("step \"{}\" reports metric \"{}\" as {}, and another report says "
                                 "{}",
                                 step,
                                 OneLine(name, 100),
                                 FormatNumber(value),
                                 FormatNumber(known->second))};
    }
  }
  return std::nullopt;
}

/// The first of any kind; empty = the same.
std::string DifferenceOf(const RepeatEvidence& repeat) {
  if (!repeat.difference.empty()) {
    return repeat.difference;
  }
  if (!repeat.moved.empty()) {
    const auto& first = *repeat.moved.begin();
    return fmt::format("metric {} was {}, then {}",
                       OneLine(first.first, 100),
                       FormatNumber(first.second.first),
                       FormatNumber(first.second.second));
  }
  return repeat.more_moved ? "metrics moved" : "";
}

std::optional<Refusal> MergeTable(std::optional<DataTable>& into,
                                  const DataTable& from,
                                  const std::string& step) {
  if (into && *into != from) {
    return Refusal{"data_conflict",
                   fmt::format("step \"{}\" reports other data than the report before it: one "
                               "report of data is kept for a run",
                               step)};
  }
  into = from;
  return std::nullopt;
}

/// Every step that ran got the same objects; of one that recorded nothing nobody can tell.
std::optional<DataObjects> ObjectsOfAll(const std::vector<StepReports>& steps) {
  std::optional<DataObjects> all;
  for (const StepReports& step : steps) {
    if (step.state == EvidenceState::kSkipped) {
      continue;
    }
    if (!step.data || (all && *all != *step.data)) {
      return std::nullopt;
    }
    all = step.data;
  }
  return all;
}

CaseFigures AddCases(CaseFigures cases, const TestReport& report) {
  cases.total += report.total();
  cases.not_given_when_then += report.not_given_when_then;
  cases.real_calls += report.real_calls;
  if (cases.example.empty()) {
    cases.example = report.example;
  }
  return cases;
}

}  // namespace

TestCounts ToTestCounts(const TestReport& report) {
  return {report.passed, report.failed, report.errors, report.skipped};
}

TestCounts AddCounts(const TestCounts& a, const TestCounts& b) {
  return {a.passed + b.passed, a.failed + b.failed, a.errors + b.errors, a.skipped + b.skipped};
}

void MergeCoverage(CoverageReport& into, const CoverageReport& from) {
  for (const auto& [path, lines] : from.files) {
    auto& merged = into.files[path];
    for (const auto& [number, line] : lines) {
      LineCoverage& known = merged[number];
      known.hits = std::min(known.hits + line.hits, kMaxHits);
      // Reports do not say which branches were taken, so two halves cannot be added up.
      known.branches_total = std::max(known.branches_total, line.branches_total);
      known.branches_covered =
          std::min(known.branches_total, std::max(known.branches_covered, line.branches_covered));
    }
  }
  into.files_outside += from.files_outside;
}

CoverageFigures CountCoverage(const CoverageReport& coverage) {
  CoverageFigures figures;
  for (const auto& file : coverage.files) {
    for (const auto& numbered : file.second) {
      const LineCoverage& line = numbered.second;
      ++figures.lines_total;
      figures.lines_covered += line.hits > 0 ? 1 : 0;
      figures.branches_total += line.branches_total;
      figures.branches_covered += line.branches_covered;
    }
  }
  return figures;
}

CoverageReport UnionOfCoverage(const std::vector<StepReports>& steps) {
  CoverageReport coverage;
  for (const StepReports& step : steps) {
    for (const Report& report : step.reports) {
      if (report.kind == ReportKind::kCoverage) {
        MergeCoverage(coverage, report.coverage);
      }
    }
  }
  return coverage;
}

void CountLines(const std::map<long long, LineCoverage>& measured,
                long long first,
                long long count,
                ChangedLines& counted) {
  const auto end = measured.lower_bound(first + count);
  for (auto line = measured.lower_bound(first); line != end; ++line) {
    ++counted.total;
    counted.covered += line->second.hits > 0 ? 1 : 0;
  }
}

Result<Evidence> CollectEvidence(const std::vector<StepReports>& steps) {
  Evidence evidence;
  DataEvidence data;
  data.objects = ObjectsOfAll(steps);
  bool has_coverage = false;
  for (const StepReports& step : steps) {
    StepMeasurement measured{step.name, {}, step.champion};
    StepEvidence entry{step.name, step.level, step.state, TestCounts()};
    entry.usecase = step.usecase;
    entry.started = step.started;
    entry.finished = step.finished;
    entry.repeated = step.repeated;
    entry.regression = step.regression;
    for (const Report& report : step.reports) {
      switch (report.kind) {
        case ReportKind::kTests:
          entry.tests = AddCounts(entry.tests, ToTestCounts(report.tests));
          entry.cases = AddCases(entry.cases.value_or(CaseFigures()), report.tests);
          evidence.tests[step.level] =
              AddCounts(evidence.tests[step.level], ToTestCounts(report.tests));
          break;
        case ReportKind::kCoverage:
          has_coverage = true;
          break;
        case ReportKind::kMetrics:
          if (auto refusal = MergeMetrics(evidence.metrics, report.metrics, step.name)) {
            return *refusal;
          }
          measured.metrics.insert(report.metrics.begin(), report.metrics.end());
          break;
        case ReportKind::kConsistency:
          if (measured.consistency) {
            return Refusal{"consistency_conflict",
                           fmt::format("step \"{}\" has two consistency reports", step.name)};
          }
          measured.consistency = report.consistency;
          break;
        case ReportKind::kData:
          if (auto refusal = MergeTable(data.table, report.data, step.name)) {
            return *refusal;
          }
          break;
      }
    }
    if (step.repeated && step.level == "train") {
      measured.repeated =
          StepMeasurement::Repeated{step.repeated->metrics, DifferenceOf(*step.repeated)};
    }
    const bool tells = !measured.metrics.empty() || measured.consistency || measured.repeated;
    if (tells && !step.degraded && step.state == EvidenceState::kPassed) {
      evidence.measured.push_back(std::move(measured));
    }
    evidence.steps.push_back(std::move(entry));
  }
  if (has_coverage) {
    evidence.coverage = CountCoverage(UnionOfCoverage(steps));
  }
  if (data.objects || data.table) {
    evidence.data = std::move(data);
  }
  return evidence;
}

}  // namespace failgate
