#include "controller/pipeline/run_draft.h"

#include <algorithm>

#include "controller/base/text.h"
#include "controller/pipeline/plan_json.h"

namespace failgate {
namespace {

StepHistory HistoryOf(const StepStatistics& measured) {
  StepHistory history;
  history.runs = measured.runs;
  history.failures = measured.failures;
  if (measured.runs > 0) {
    history.mean_duration = measured.total_duration / measured.runs;
  }
  return history;
}

}  // namespace

RunTrigger ToRunTrigger(TriggerKind trigger) {
  switch (trigger) {
    case TriggerKind::kCode:
      return RunTrigger::kCode;
    case TriggerKind::kData:
      return RunTrigger::kData;
    case TriggerKind::kSchedule:
      return RunTrigger::kSchedule;
    case TriggerKind::kManual:
      return RunTrigger::kManual;
    case TriggerKind::kCheck:
      return RunTrigger::kCheck;
  }
  return RunTrigger::kCheck;
}

TriggerKind ToTriggerKind(RunTrigger trigger) {
  switch (trigger) {
    case RunTrigger::kCode:
      return TriggerKind::kCode;
    case RunTrigger::kData:
      return TriggerKind::kData;
    case RunTrigger::kSchedule:
      return TriggerKind::kSchedule;
    case RunTrigger::kManual:
      return TriggerKind::kManual;
    case RunTrigger::kCheck:
      return TriggerKind::kCheck;
  }
  return TriggerKind::kCheck;
}

NewRun DraftRun(const Pipeline& pipeline,
                const RunDraft& draft,
                const std::map<std::string, StepStatistics>& measured) {
  PlanRequest request;
  request.trigger = draft.trigger;
  request.training = draft.training;
  for (const auto& entry : measured) {
    request.statistics[entry.first] = HistoryOf(entry.second);
  }
  RunPlan plan = PlanRun(pipeline, request);
  plan.overtaken = draft.overtaken;
  NewRun run;
  run.project = pipeline.project;
  run.source = draft.source;
  run.ref = draft.ref;
  run.revision = draft.revision;
  run.base_revision = draft.base_revision;
  run.data_version = draft.data_version;
  run.trigger = ToRunTrigger(draft.trigger);
  run.deliveries = draft.deliveries;
  run.requested_by = draft.requested_by;
  run.again_nonce = draft.again_nonce;
  run.reason = OneLine(draft.reason);
  run.plan_json = PlanToJson(plan);
  for (const PlannedStep& step : plan.steps) {
    if (step.level == StepLevel::kTrain) {
      run.training = std::string(ToText(plan.training));
    }
    run.steps.push_back({step.name, std::string(ToText(step.level))});
  }
  return run;
}

}  // namespace failgate
