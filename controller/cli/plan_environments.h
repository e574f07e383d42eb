// The part of `failgate plan` that tells what the environments would say.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "controller/cli/terminal.h"
#include "controller/promotion/ladder_forecast.h"

namespace failgate {

/// [{environment, policy, stands, gates: [{gate, mode, verdict, reason, until}]}]; a verdict that
/// only the run can tell is null.
[[nodiscard]] nlohmann::json ForecastJson(const std::vector<ForecastEnvironment>& environments);
void PrintForecast(const std::vector<ForecastEnvironment>& environments, Terminal& terminal);

}  // namespace failgate
