#include "controller/api/metric_history_json.h"

#include "controller/api/json_values.h"

namespace failgate {

std::string MetricHistoryJson(const std::vector<MetricPoint>& points) {
  wire::Json array = wire::Json::array();
  for (const MetricPoint& point : points) {
    wire::Json row = wire::Json::object();
    row["release"] = point.release.text();
    row["at"] = FormatTime(point.at);
    row["environment"] = wire::TextOrNull(point.environment);
    row["step"] = point.step;
    row["measured_for"] = wire::TextOrNull(point.measured_for);
    row["metric"] = point.metric;
    row["value"] = point.value;
    row["champion"] = wire::TextOrNull(point.champion);
    row["champion_value"] = point.champion_value ? wire::Json(*point.champion_value) : wire::Json();
    array.push_back(std::move(row));
  }
  return wire::Write(std::move(array));
}

}  // namespace failgate
