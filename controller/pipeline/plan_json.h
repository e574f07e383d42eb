// The plan of a run as it is kept with the run.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "controller/base/result.h"
#include "controller/pipeline/plan.h"

namespace failgate {

/// {"trigger", "training", "steps": [{"name", "level", "training", "why"}],
///  "left_out": [{"name", "why"}]}; where there are some, "watched": [NAME] and
///  "overtaken": {"run", "revision", "data", "reason"}
[[nodiscard]] std::string PlanToJson(const RunPlan& plan);
/// Strict; refusal code "invalid_plan".
[[nodiscard]] Result<RunPlan> ParsePlan(std::string_view json);

}  // namespace failgate
