// How the metrics of a project went from release to release: from records and the log alone.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "controller/base/clock.h"
#include "controller/git/repository.h"
#include "controller/promotion/promotion_snapshot.h"
#include "controller/release/release_record.h"

namespace failgate {

/// One metric of one release.
struct MetricPoint {
  ReleaseName release;
  TimePoint at{};               ///< when it was made, or when it went into the environment
  EnvironmentName environment;  ///< empty: it was not asked about one
  std::string step;             ///< that measured it
  ReleaseName measured_for;     ///< the release whose training made the model; empty = this one
  std::string metric;
  double value = 0;
  ReleaseName champion;  ///< that it was compared with; empty = with none
  std::optional<double> champion_value = {};
};

struct MetricQuery {
  ProjectName project;
  std::string metric = {};           ///< empty = all
  EnvironmentName environment = {};  ///< empty = every release, as it was made
  std::size_t limit = 50;            ///< of releases
};

/// What the record says, by step and name; those of champions stand beside the metric they belong
/// to. What degraded trainings measured is left out: it is not about the release.
[[nodiscard]] std::vector<MetricPoint> PointsOf(const ReleaseRecord& record,
                                                TimePoint at,
                                                const MetricQuery& query);

/// Newest first. Of an environment: each time a release was deployed there, found in the facts
/// about it (at most kFactsForMetrics of the newest). Throws as ReadHistory.
[[nodiscard]] std::vector<MetricPoint> MetricHistory(const PromotionSnapshot& snapshot,
                                                     const Repository& operations,
                                                     const MetricQuery& query);

inline constexpr std::size_t kFactsForMetrics = 5'000;

}  // namespace failgate
