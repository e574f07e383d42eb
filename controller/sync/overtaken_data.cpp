#include "controller/sync/overtaken_data.h"

#include <vector>

#include "controller/pipeline/plan_json.h"

namespace failgate {
namespace {

/// What the run took over itself, or what it is about.
OvertakenData DataOf(const Run& run) {
  const Result<RunPlan> plan = ParsePlan(run.plan_json);
  if (plan && plan->overtaken) {
    return *plan->overtaken;
  }
  return {run.id, run.revision, run.data_version, run.reason};
}

/// A run that was superseded says why in place of what it was for.
OvertakenData DataOfSuperseded(const Run& run) {
  OvertakenData data = DataOf(run);
  if (data.run == run.id) {
    data.reason = "the push of new data was overtaken";
  }
  return data;
}

bool TrainsNothing(const Run& run) {
  return run.state == RunState::kRefused || run.trigger == RunTrigger::kCheck;
}

}  // namespace

std::optional<OvertakenData> FindOvertakenData(const RunStore& runs,
                                               const SourceName& source,
                                               const std::string& ref,
                                               const CommitId& revision,
                                               const CommitId& base) {
  RunFilter filter;
  filter.source = source;
  filter.ref = ref;
  filter.trigger = RunTrigger::kData;
  filter.revision = revision;
  for (const Run& run : runs.List(filter)) {
    const Result<RunPlan> plan = ParsePlan(run.plan_json);
    if (run.base_revision == base && plan && plan->overtaken) {
      return plan->overtaken;
    }
  }
  filter.revision = CommitId();
  filter.limit = 1;
  const std::vector<Run> newest = runs.List(filter);
  if (newest.empty()) {
    return std::nullopt;
  }
  if (newest.front().state == RunState::kQueued) {
    return DataOf(newest.front());
  }
  if (newest.front().state != RunState::kSuperseded) {
    return std::nullopt;
  }
  const std::optional<Run> by = runs.Get(newest.front().superseded_by);
  return by && TrainsNothing(*by) ? std::optional(DataOfSuperseded(newest.front())) : std::nullopt;
}

}  // namespace failgate
