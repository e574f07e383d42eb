// The metric history as the API and `failgate metrics --output json` show it.
#pragma once

#include <string>
#include <vector>

#include "controller/promotion/metric_history.h"

namespace failgate {

/// [{release, at, environment, step, measured_for, metric, value, champion, champion_value}], in
/// the order given; null for what there is not.
[[nodiscard]] std::string MetricHistoryJson(const std::vector<MetricPoint>& points);

}  // namespace failgate
