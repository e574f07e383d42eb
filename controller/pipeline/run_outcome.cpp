#include "controller/pipeline/run_outcome.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "controller/base/text.h"
#include "controller/evidence/evidence.h"
#include "controller/git/repository.h"
#include "controller/git/tree_diff.h"
#include "controller/pipeline/step_execution.h"
#include "controller/pipeline/step_report_files.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxChangedPaths = 20000;

EvidenceState StateOf(StepState state) {
  switch (state) {
    case StepState::kPassed:
      return EvidenceState::kPassed;
    case StepState::kFailed:
      return EvidenceState::kFailed;
    case StepState::kPending:
    case StepState::kRunning:
    case StepState::kSkipped:
    case StepState::kCancelled:
      break;
  }
  return EvidenceState::kSkipped;
}

const PlannedStep* PlannedOf(const RunContext& context, std::string_view name) {
  for (const PlannedStep& step : context.plan.steps) {
    if (step.name == name) {
      return &step;
    }
  }
  return nullptr;
}

bool IsDegradedTraining(const RunContext& context, std::string_view name) {
  const PlannedStep* step = PlannedOf(context, name);
  return step != nullptr && step->level == StepLevel::kTrain &&
         step->training == TrainingMode::kDegraded;
}

bool InputsChanged(const ExecutionParts& parts,
                   const RunContext& context,
                   const PipelineStep& step,
                   const CommitId& trained_at) {
  if (step.inputs.empty()) {
    return false;
  }
  const Repository mirror =
      Repository::Open(parts.folders.mirrors / (context.run.source.text() + ".git"));
  if (trained_at.empty() || !mirror.HasCommit(trained_at)) {
    return true;
  }
  const ChangedPathList changed =
      ChangedPaths(mirror, trained_at, context.run.revision, kMaxChangedPaths);
  return changed.truncated ||
         std::any_of(changed.paths.begin(), changed.paths.end(), [&](const ChangedPath& path) {
           return std::any_of(
               step.inputs.begin(), step.inputs.end(), [&](const std::string& input) {
                 return GlobMatches(input, path.path);
               });
         });
}

/// The artifact of an earlier full training that stands in; nullopt = `why_not` says why.
std::optional<ArtifactRecord> Carry(const ExecutionParts& parts,
                                    const RunContext& context,
                                    const PipelineStep& step,
                                    const std::string& name,
                                    std::string& why_not) {
  const auto carried =
      parts.questions.carried ? parts.questions.carried(context.run.project, name) : std::nullopt;
  if (!carried || carried->artifact.trained != ToText(TrainingMode::kFull)) {
    why_not = fmt::format("artifact {} has never been trained in full", name);
    return std::nullopt;
  }
  if (!parts.artifacts.Has(carried->artifact.sha256)) {
    why_not = fmt::format("the bytes of artifact {} are gone", name);
    return std::nullopt;
  }
  if (InputsChanged(parts, context, step, carried->revision)) {
    why_not =
        fmt::format("an input of step {} changed since artifact {} was trained", step.name, name);
    return std::nullopt;
  }
  return carried->artifact;
}

}  // namespace

Result<RunResult> CollectRunResult(const ExecutionParts& parts, const RunContext& context) {
  std::vector<StepReports> steps;
  RunResult result;
  for (const Step& step : parts.steps.Of(context.run.id)) {
    StepReports one{step.name, step.level, StateOf(step.state), {}};
    const Result<StepResult> left = ParseStepResult(step.result_json);
    if (!left) {
      return left.error();
    }
    auto reports = LoadReports(StepReportFolder(parts.folders, context.run.id, step.name), *left);
    if (!reports) {
      return Refusal{"report_gone",
                     fmt::format("a kept report of step {} is gone: run it again", step.name)};
    }
    one.reports = std::move(*reports);
    steps.push_back(std::move(one));
    for (const StepArtifact& artifact : left->artifacts) {
      result.artifacts.push_back(artifact.record);
    }
  }
  Result<Evidence> evidence = CollectEvidence(steps);
  if (!evidence) {
    return evidence.error();
  }
  result.evidence = std::move(evidence).value();
  return result;
}

ReleaseChoice ChooseRelease(const ExecutionParts& parts, const RunContext& context) {
  ReleaseChoice choice;
  std::vector<std::string> carried_names;
  for (const PipelineStep& step : context.pipeline.steps) {
    const auto done = context.results.find(step.name);
    if (done == context.results.end()) {
      continue;
    }
    const std::set<std::string> needs = TransitiveNeeds(context.pipeline, step);
    const bool degraded = IsDegradedTraining(context, step.name);
    const bool tainted = std::any_of(needs.begin(), needs.end(), [&](const std::string& need) {
      return IsDegradedTraining(context, need);
    });
    for (const StepArtifact& artifact : done->second.artifacts) {
      const std::string& name = artifact.record.name;
      std::string why_not = fmt::format("artifact {} was made of a degraded one", name);
      std::optional<ArtifactRecord> record;
      if (!degraded && !tainted) {
        record = artifact.record;
      } else if (degraded) {
        record = Carry(parts, context, step, name, why_not);
        carried_names.push_back(name);
      }
      if (!record) {
        choice.needs_full_training = true;
        choice.reason = why_not;
        return choice;
      }
      choice.artifacts.push_back(std::move(*record));
    }
  }
  choice.release = true;
  if (!carried_names.empty()) {
    choice.reason = "carries on from the newest full training: " + Join(carried_names, ", ");
  }
  return choice;
}

}  // namespace failgate
