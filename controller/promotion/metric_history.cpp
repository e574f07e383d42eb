#include "controller/promotion/metric_history.h"

#include <iterator>

#include "controller/deploylog/log_history.h"
#include "controller/promotion/ladder_report.h"

namespace failgate {
namespace {

constexpr std::string_view kChampion = "champion.";

std::vector<ReleaseRow> OneRelease(const PromotionSnapshot& snapshot,
                                   const Repository& operations,
                                   const ReleaseName& release) {
  const auto parts = SplitReleaseName(release.text());
  if (!parts) {
    return {};
  }
  std::vector<ReleaseRow> rows =
      ReleasesOf(snapshot, operations, parts->first, parts->second + 1, 1);
  if (!rows.empty() && rows.front().record.name != release) {
    rows.clear();
  }
  return rows;
}

void Append(std::vector<MetricPoint> points, std::vector<MetricPoint>& all) {
  std::move(points.begin(), points.end(), std::back_inserter(all));
}

}  // namespace

std::vector<MetricPoint> PointsOf(const ReleaseRecord& record,
                                  TimePoint at,
                                  const MetricQuery& query) {
  std::vector<MetricPoint> points;
  for (const StepMeasurement& step : record.evidence.measured) {
    for (const auto& [name, value] : step.metrics) {
      if (name.rfind(kChampion, 0) == 0 || (!query.metric.empty() && name != query.metric)) {
        continue;
      }
      MetricPoint point;
      point.release = record.name;
      point.at = at;
      point.environment = query.environment;
      point.step = step.step;
      point.measured_for = step.measured_for;
      point.metric = name;
      point.value = value;
      const auto champion = step.metrics.find(std::string(kChampion) + name);
      if (champion != step.metrics.end()) {
        point.champion = step.champion;
        point.champion_value = champion->second;
      }
      points.push_back(std::move(point));
    }
  }
  return points;
}

std::vector<MetricPoint> MetricHistory(const PromotionSnapshot& snapshot,
                                       const Repository& operations,
                                       const MetricQuery& query) {
  std::vector<MetricPoint> all;
  if (query.environment.empty()) {
    for (const ReleaseRow& row : ReleasesOf(snapshot, operations, query.project, 0, query.limit)) {
      Append(PointsOf(row.record, row.record.created, query), all);
    }
    return all;
  }
  if (!snapshot.log_head) {
    return all;
  }
  LogFilter filter;
  filter.project = query.project;
  filter.environment = query.environment;
  filter.limit = kFactsForMetrics;
  std::size_t deployed = 0;
  for (const LogEntry& entry : ReadHistory(operations, *snapshot.log_head, filter)) {
    const Fact& fact = entry.written.fact;
    if (fact.kind != FactKind::kDeployed) {
      continue;
    }
    if (deployed++ == query.limit) {
      break;
    }
    for (const ReleaseRow& row : OneRelease(snapshot, operations, fact.release)) {
      Append(PointsOf(row.record, fact.at, query), all);
    }
  }
  return all;
}

}  // namespace failgate
