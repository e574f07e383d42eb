// `failgate metrics PROJECT`: how the metrics of a project went, as a table and drawn.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "controller/cli/command_context.h"

namespace failgate {

struct MetricsOptions {
  std::string project;
  std::string metric;       ///< empty = all
  std::string environment;  ///< empty = every release, as it was made
  std::optional<std::filesystem::path> clone;
  std::size_t limit = 20;
  bool json = false;
};

int RunMetrics(const MetricsOptions& options, CommandContext& context);

/// Lines of a drawing, oldest value left, at most `width` values: those before are left out. A
/// value lies in the row that is nearest to it; equal values are drawn on one line. Values must be
/// finite.
[[nodiscard]] std::vector<std::string> PlotOf(const std::vector<double>& values, std::size_t width);

}  // namespace failgate
