#include "controller/pipeline/run_execution.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/fail_point.h"
#include "controller/base/secret.h"
#include "controller/base/text.h"
#include "controller/git/repository.h"
#include "controller/pipeline/cancel_watch.h"
#include "controller/pipeline/plan_json.h"
#include "controller/pipeline/run_context.h"
#include "controller/pipeline/run_draft.h"
#include "controller/pipeline/run_outcome.h"
#include "controller/pipeline/step_checkpoints.h"
#include "controller/pipeline/step_execution.h"
#include "controller/pipeline/step_proofs.h"
#include "controller/pipeline/step_report_files.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxPipelineBytes = std::size_t{1} << 20U;

std::string Clean(const std::string& text) {
  return OneLine(Redact(text), 2000);
}

class Execution {
 public:
  Execution(const ExecutionParts& parts, const Run& run, std::stop_token stop)
      : parts_(parts), stop_(std::move(stop)), watch_(parts.runs, run.id, stop_) {
    context_.run = run;
  }

  RunEnd Execute() {
    if (auto refusal = ReadPipeline()) {
      return Finish(RunState::kRefused, *refusal, ReleaseState::kNone);
    }
    for (const Step& step : parts_.steps.Of(context_.run.id)) {
      if (watch_.cancelled()) {
        return FinishCancelled();
      }
      if (stop_.stop_requested()) {
        return RunEnd::kInterrupted;
      }
      if (auto end = Handle(step)) {
        return *end;
      }
    }
    return FinishSucceeded();
  }

 private:
  std::optional<std::string> ReadPipeline() {
    const auto path = parts_.folders.mirrors / (context_.run.source.text() + ".git");
    std::optional<std::string> text;
    try {
      text = Repository::Open(path).ReadFile(
          context_.run.revision, std::string(kPipelineFileName), kMaxPipelineBytes);
    } catch (const Error& error) {
      if (error.remedy() == Remedy::kRetry ||
          (parts_.questions.mirror_is_broken &&
           parts_.questions.mirror_is_broken(context_.run.source))) {
        throw Error(Remedy::kRetry, fmt::format("reading the pipeline: {}", error.what()));
      }
      return fmt::format("its pipeline cannot be read: {}", error.what());
    }
    if (!text) {
      return std::string("its revision has no failgate.yaml");
    }
    Parsed<Pipeline> pipeline = ParsePipeline(*text, std::string(kPipelineFileName));
    if (!pipeline) {
      return Describe(pipeline.error());
    }
    context_.pipeline = std::move(pipeline).value();
    Result<RunPlan> plan = ParsePlan(context_.run.plan_json);
    if (!plan) {
      return plan.error().text;
    }
    context_.plan = std::move(plan).value();
    return std::nullopt;
  }

  /// nullopt: the next step may run.
  std::optional<RunEnd> Handle(const Step& step) {
    switch (step.state) {
      case StepState::kPassed:
        if (TakeUp(step)) {
          return std::nullopt;
        }
        parts_.steps.Reopen(context_.run.id, step.name);
        return RunStep(step);
      case StepState::kFailed:
        return FinishFailed(step.name, step.reason);
      case StepState::kSkipped:
        return FinishFailed(step.name, "it was skipped");
      case StepState::kCancelled:
        return FinishCancelled();
      case StepState::kRunning:
        // Of a former life of the program.
        ResetRunningSteps(parts_, context_.run.id);
        return RunStep(step);
      case StepState::kPending:
        return RunStep(step);
    }
    return std::nullopt;
  }

  /// A step of a former life counts only while all that it left is still there.
  bool TakeUp(const Step& step) {
    Result<StepResult> result = ParseStepResult(step.result_json);
    if (!result ||
        !LoadReports(StepReportFolder(parts_.folders, context_.run.id, step.name), *result)) {
      return false;
    }
    const bool whole = std::all_of(
        result->artifacts.begin(), result->artifacts.end(), [&](const StepArtifact& artifact) {
          return parts_.artifacts.Has(artifact.record.sha256);
        });
    if (whole) {
      context_.results[step.name] = std::move(result).value();
    }
    return whole;
  }

  std::optional<RunEnd> RunStep(const Step& step) {
    const PipelineStep* spec = context_.pipeline.FindStep(step.name);
    const auto planned = std::find_if(
        context_.plan.steps.begin(), context_.plan.steps.end(), [&](const PlannedStep& one) {
          return one.name == step.name;
        });
    if (spec == nullptr || planned == context_.plan.steps.end()) {
      return FinishFailed(step.name, "the pipeline has no such step");
    }
    const auto log_file = StepLogPath(parts_.folders, context_.run.id, step.name);
    const int attempt = parts_.steps.Begin(context_.run.id, step.name, log_file.string());
    StepVerdict verdict;
    try {
      verdict = RunStepWithProofs(
          parts_, {context_, *spec, planned->training, attempt, log_file}, watch_.token());
    } catch (const Error& error) {
      if (error.remedy() == Remedy::kRetry) {
        parts_.steps.Reset(context_.run.id, step.name);
        RethrowWithContext(fmt::format("running step {}", step.name));
      }
      verdict.reason = Clean(error.what());
    }
    return Settle(step, std::move(verdict));
  }

  std::optional<RunEnd> Settle(const Step& step, StepVerdict verdict) {
    FailPoint("step-ended");
    StepEnd end{StepState::kFailed,
                verdict.exit_code,
                Clean(verdict.reason),
                verdict.log_bytes,
                StepResultToJson(verdict.result)};
    switch (verdict.kind) {
      case StepVerdict::Kind::kPassed:
        end.state = StepState::kPassed;
        parts_.steps.End(context_.run.id, step.name, end);
        if (context_.run.trigger != RunTrigger::kCheck) {
          StepCheckpoints(parts_, context_.run.project, step.name).Remove();
        }
        context_.results[step.name] = std::move(verdict.result);
        return std::nullopt;
      case StepVerdict::Kind::kFailed:
        parts_.steps.End(context_.run.id, step.name, end);
        return FinishFailed(step.name, end.reason);
      case StepVerdict::Kind::kCancelled:
        if (!watch_.cancelled()) {
          parts_.steps.Reset(context_.run.id, step.name);
          return RunEnd::kInterrupted;
        }
        end.state = StepState::kCancelled;
        end.reason = "cancelled";
        parts_.steps.End(context_.run.id, step.name, end);
        return FinishCancelled();
      case StepVerdict::Kind::kSandboxRefused:
        end.state = StepState::kCancelled;
        parts_.steps.End(context_.run.id, step.name, end);
        return Finish(RunState::kRefused,
                      fmt::format("step {} could not be run: {}", step.name, end.reason),
                      ReleaseState::kNone);
    }
    return std::nullopt;
  }

  RunEnd FinishFailed(const std::string& step, const std::string& reason) {
    SkipPending(fmt::format("step {} failed", step));
    return Finish(
        RunState::kFailed, fmt::format("step {} failed: {}", step, reason), ReleaseState::kNone);
  }

  RunEnd FinishCancelled() {
    SkipPending("the run was cancelled");
    const auto stored = parts_.runs.Get(context_.run.id);
    const std::string reason =
        stored && stored->reason != context_.run.reason ? stored->reason : "";
    return Finish(RunState::kCancelled, reason.empty() ? "cancelled" : reason, ReleaseState::kNone);
  }

  RunEnd FinishSucceeded() {
    FailPoint("steps-ended");
    const Result<RunResult> collected = CollectRunResult(parts_, context_);
    if (!collected) {
      return Finish(RunState::kFailed, collected.error().text, ReleaseState::kNone);
    }
    if (context_.run.trigger == RunTrigger::kCheck) {
      return Finish(RunState::kSucceeded, context_.run.reason, ReleaseState::kNone);
    }
    ReleaseChoice choice = ChooseRelease(parts_, context_);
    if (choice.needs_full_training) {
      const RunId full = QueueFullTraining();
      (void)Finish(
          RunState::kSucceeded,
          fmt::format("waits for a full training (run {}): {}", full.text(), choice.reason),
          ReleaseState::kNone);
      return RunEnd::kQueuedFull;
    }
    RunResult result = *collected;
    result.artifacts = std::move(choice.artifacts);
    std::move(choice.measured.begin(),
              choice.measured.end(),
              std::back_inserter(result.evidence.measured));
    return Store(RunState::kSucceeded,
                 choice.reason.empty() ? context_.run.reason : choice.reason,
                 result,
                 ReleaseState::kOwed);
  }

  RunId QueueFullTraining() {
    RunDraft draft;
    draft.source = context_.run.source;
    draft.ref = context_.run.ref;
    draft.revision = context_.run.revision;
    draft.base_revision = context_.run.base_revision;
    draft.data_version = context_.run.data_version;
    draft.trigger = TriggerKind::kManual;
    draft.training = TrainingMode::kFull;
    draft.deliveries = context_.run.deliveries;
    draft.again_nonce = kFullTrainingNonce;
    draft.reason = fmt::format("full training that run {} waits for", context_.run.id.text());
    return parts_.runs
        .Create(DraftRun(context_.pipeline, draft, parts_.steps.Statistics(context_.run.project)))
        .id;
  }

  void SkipPending(const std::string& reason) {
    for (const Step& step : parts_.steps.Of(context_.run.id)) {
      if (step.state == StepState::kPending) {
        parts_.steps.SetSkipped(context_.run.id, step.name, reason);
      }
    }
  }

  RunEnd Finish(RunState state, const std::string& reason, ReleaseState release) {
    // What was proved before the end is shown even when the run failed.
    Result<RunResult> collected = CollectRunResult(parts_, context_);
    return Store(state, reason, collected ? *collected : RunResult(), release);
  }

  RunEnd Store(RunState state,
               const std::string& reason,
               const RunResult& result,
               ReleaseState release) {
    (void)parts_.runs.Finish(
        context_.run.id, state, Clean(reason), RunResultToJson(result), release);
    FailPoint("run-ended");
    RemoveTree(parts_.folders.reports / context_.run.id.text());
    RemoveTree(parts_.folders.workspaces / context_.run.id.text());
    return RunEnd::kFinished;
  }

  const ExecutionParts& parts_;
  std::stop_token stop_;
  CancelWatch watch_;
  RunContext context_;
};

}  // namespace

RunEnd ExecuteRun(const ExecutionParts& parts, const Run& run, std::stop_token stop) {
  return Execution(parts, run, std::move(stop)).Execute();
}

void ResetRunningSteps(const ExecutionParts& parts, const RunId& run) {
  for (const Step& step : parts.steps.Of(run)) {
    if (step.state != StepState::kRunning) {
      continue;
    }
    if (step.pid > 0) {
      const auto ticks = ParseNonNegative(step.start_time);
      if (ticks) {
        (void)parts.runner.KillSurvivor({static_cast<pid_t>(step.pid), *ticks});
      }
    }
    parts.steps.Reset(run, step.name);
  }
}

}  // namespace failgate
