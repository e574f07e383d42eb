#include "controller/cli/commands/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "controller/api/metric_history_json.h"
#include "controller/base/text.h"
#include "controller/cli/api_client.h"
#include "controller/cli/exit_code.h"
#include "controller/cli/json_fields.h"
#include "controller/cli/offline_clone.h"
#include "controller/cli/table.h"

namespace failgate {
namespace {

constexpr std::size_t kPlotRows = 6;
constexpr std::size_t kPlotWidth = 60;
/// More drawings than these say nothing: the table has them all.
constexpr std::size_t kMaxPlots = 5;

/// nullopt after saying why the clone cannot be read.
std::optional<std::string> ReadOffline(const MetricsOptions& options, CommandContext& context) {
  const auto snapshot = OpenClone(*options.clone, context);
  if (!snapshot) {
    return std::nullopt;
  }
  MetricQuery query;
  query.project = ProjectName(options.project);
  query.metric = options.metric;
  query.environment = EnvironmentName(options.environment);
  query.limit = options.limit;
  const Repository repository = Repository::Open(GitFolderOf(*options.clone));
  return MetricHistoryJson(MetricHistory(*snapshot, repository, query));
}

std::string NumberField(const nlohmann::json& row, const char* key) {
  const auto found = row.find(key);
  return found != row.end() && found->is_number() ? FormatNumber(found->get<double>()) : "";
}

void PrintTable(const std::vector<nlohmann::json>& rows, CommandContext& context) {
  Table table(
      {"RELEASE", "AT", "METRIC", "VALUE", "CHAMPION", "ITS VALUE", "STEP", "MEASURED FOR"});
  for (const nlohmann::json& row : rows) {
    table.Add({TextField(row, "release"),
               TextField(row, "at"),
               TextField(row, "metric"),
               NumberField(row, "value"),
               TextField(row, "champion"),
               NumberField(row, "champion_value"),
               TextField(row, "step"),
               TextField(row, "measured_for")});
  }
  table.Print(context.terminal);
}

/// One drawing for each metric of each step.
void PrintPlots(const std::vector<nlohmann::json>& newest_first, CommandContext& context) {
  std::map<std::string, std::vector<double>> lines;
  for (auto row = newest_first.rbegin(); row != newest_first.rend(); ++row) {
    const auto value = row->find("value");
    if (value != row->end() && value->is_number()) {
      lines[fmt::format("{} ({})", TextField(*row, "metric"), TextField(*row, "step"))].push_back(
          value->get<double>());
    }
  }
  std::size_t drawn = 0;
  for (const auto& line : lines) {
    if (line.second.size() < 2 || drawn == kMaxPlots) {
      continue;
    }
    ++drawn;
    context.terminal.Line("");
    context.terminal.Line(OneLine(line.first, 80));
    for (const std::string& text : PlotOf(line.second, kPlotWidth)) {
      context.terminal.Line(text);
    }
  }
}

}  // namespace

std::vector<std::string> PlotOf(const std::vector<double>& values, std::size_t width) {
  if (values.empty() || width == 0) {
    return {};
  }
  const std::size_t shown = std::min(values.size(), width);
  const std::vector<double> drawn(values.end() - static_cast<std::ptrdiff_t>(shown), values.end());
  const auto ends = std::minmax_element(drawn.begin(), drawn.end());
  const double low = *ends.first;
  const double high = *ends.second;
  const std::size_t rows = low == high ? 1 : kPlotRows;
  std::vector<std::string> grid(rows, std::string(shown, ' '));
  for (std::size_t column = 0; column < shown; ++column) {
    // Halves first: the difference of two finite numbers need not be one.
    const double span = high / 2 - low / 2;
    const double share = rows == 1 || !(span > 0) ? 0 : (drawn[column] / 2 - low / 2) / span;
    const auto up = static_cast<std::size_t>(std::lround(share * static_cast<double>(rows - 1)));
    grid[rows - 1 - std::min(up, rows - 1)][column] = '*';
  }
  std::vector<std::string> lines;
  const std::string top = FormatNumber(high);
  const std::string bottom = FormatNumber(low);
  const std::size_t margin = std::max(top.size(), bottom.size());
  for (std::size_t row = 0; row < rows; ++row) {
    const std::string label = row == 0 ? top : row + 1 == rows ? bottom : "";
    std::string text = fmt::format("{:>{}} | {}", label, margin, grid[row]);
    text.erase(text.find_last_not_of(' ') + 1);
    lines.push_back(std::move(text));
  }
  return lines;
}

int RunMetrics(const MetricsOptions& options, CommandContext& context) {
  std::string body;
  if (options.clone) {
    auto read = ReadOffline(options, context);
    if (!read) {
      return kExitFailed;
    }
    body = *std::move(read);
  } else {
    const ClientResponse response =
        ApiClient(context).Get(ApiPath({"projects", options.project, "metrics"}),
                               {{"metric", options.metric},
                                {"environment", options.environment},
                                {"limit", std::to_string(options.limit)}});
    if (!Succeeded(response, context.terminal)) {
      return ExitCodeOf(response);
    }
    body = response.body;
  }
  if (options.json) {
    context.terminal.Json(body);
    return kExitDone;
  }
  const std::vector<nlohmann::json> rows = Items(ParseAnswer(body));
  if (rows.empty()) {
    context.terminal.Line(fmt::format("{} has no such metrics yet", options.project));
    return kExitDone;
  }
  PrintTable(rows, context);
  PrintPlots(rows, context);
  return kExitDone;
}

}  // namespace failgate
