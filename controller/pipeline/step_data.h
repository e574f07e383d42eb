// Data in the workspace of a step: what git keeps elsewhere, and what lies outside of git.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/pipeline/execution_parts.h"
#include "controller/pipeline/run_context.h"
#include "controller/pipeline/step_workspace.h"
#include "controller/runners/runner.h"

namespace failgate {

/// Its parts must outlive it. Both calls answer a reason for which the step cannot begin, or
/// nothing; they throw Error(kRetry) when waiting may help. Not thread-safe.
class StepData {
 public:
  StepData(const ExecutionParts& parts, const RunContext& context, const StepWorkspace& workspace)
      : parts_(parts), context_(context), workspace_(workspace) {}

  /// What the exported tree names: a pointer is never taken for data. `objects` counts them; it
  /// stays as it is where there is no data.
  std::optional<std::string> PlaceKeptElsewhere(std::optional<DataObjects>& objects,
                                                const std::stop_token& stop);
  /// Data of watches, as it was when the run was planned; `binds` shows it to the step.
  std::optional<std::string> PlaceWatched(std::vector<ReadOnlyBind>& binds);

 private:
  const ExecutionParts& parts_;
  const RunContext& context_;
  const StepWorkspace& workspace_;
};

}  // namespace failgate
