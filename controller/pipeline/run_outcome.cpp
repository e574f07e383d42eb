#include "controller/pipeline/run_outcome.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include "controller/base/log.h"
#include "controller/base/text.h"
#include "controller/evidence/evidence.h"
#include "controller/evidence/placed_coverage.h"
#include "controller/git/added_lines.h"
#include "controller/git/repository.h"
#include "controller/git/tree_diff.h"
#include "controller/pipeline/step_execution.h"
#include "controller/pipeline/step_report_files.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxChangedPaths = 20000;
constexpr std::size_t kMaxFiles = 1000000;
/// Of all files that are compared together; they are read one after the other.
constexpr std::size_t kMaxComparedBytes = std::size_t{256} << 20U;
/// Both revisions of one file; code is smaller, and a comparison holds many times as much.
constexpr std::size_t kMaxComparedFileBytes = std::size_t{8} << 20U;
/// Git's id of a tree without files: what everything is new to.
constexpr const char* kEmptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

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
std::optional<CarriedArtifact> Carry(const ExecutionParts& parts,
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
  return carried;
}

/// A step that was given, over its needs, what a degraded training made.
bool IsTainted(const RunContext& context, const PipelineStep& step) {
  const std::set<std::string> needs = TransitiveNeeds(context.pipeline, step);
  return std::any_of(needs.begin(), needs.end(), [&](const std::string& need) {
    return IsDegradedTraining(context, need);
  });
}

bool IsDegraded(const RunContext& context, const std::string& name) {
  const PipelineStep* step = context.pipeline.FindStep(name);
  return IsDegradedTraining(context, name) || (step != nullptr && IsTainted(context, *step));
}

/// By training step: what the run measured that made all its artifacts, which are carried on.
using CarriedMeasurements = std::map<std::string, std::vector<StepMeasurement>>;

/// In place of each degraded step, what the step of this name measured in the run of the full
/// training; nothing where the trainings it looked at came from several runs.
std::vector<StepMeasurement> MeasuredInstead(const RunContext& context,
                                             const CarriedMeasurements& carried) {
  std::vector<StepMeasurement> measured;
  for (const PipelineStep& step : context.pipeline.steps) {
    if (context.results.count(step.name) == 0 || !IsDegraded(context, step.name)) {
      continue;
    }
    std::set<std::string> trainings = TransitiveNeeds(context.pipeline, step);
    trainings.insert(step.name);
    const std::vector<StepMeasurement>* of_all = nullptr;
    bool same = true;
    for (const std::string& training : trainings) {
      if (!IsDegradedTraining(context, training)) {
        continue;
      }
      const auto found = carried.find(training);
      same = same && found != carried.end() && (of_all == nullptr || *of_all == found->second);
      of_all = found == carried.end() ? nullptr : &found->second;
    }
    if (!same || of_all == nullptr) {
      continue;
    }
    std::copy_if(of_all->begin(),
                 of_all->end(),
                 std::back_inserter(measured),
                 [&](const StepMeasurement& each) { return each.step == step.name; });
  }
  return measured;
}

std::string UsecaseOf(const RunContext& context, std::string_view name) {
  for (const PipelineStep& step : context.pipeline.steps) {
    if (step.name == name) {
      return step.usecase;
    }
  }
  return {};
}

/// `bytes_left` bounds what is read of go.mod files.
SourceTree TreeOf(const Repository& repository, const CommitId& revision, std::size_t bytes_left) {
  constexpr std::string_view kGoMod = "go.mod";
  SourceTree tree;
  for (TreeEntry& entry : repository.FindFiles(revision, "", kMaxFiles)) {
    const std::size_t name = entry.name.rfind('/') + 1;
    if (entry.name.substr(name) == kGoMod && entry.kind == TreeEntryKind::kFile) {
      const std::string text = repository.ReadBlob(entry.id, bytes_left);
      bytes_left -= text.size();
      if (const std::string module = GoModuleOf(text); !module.empty()) {
        tree.go_modules[module] = entry.name.substr(0, name == 0 ? 0 : name - 1);
      }
    }
    tree.files.push_back(std::move(entry.name));
  }
  return tree;
}

/// nullopt: what is measured there cannot be told apart.
std::optional<CoverageReport> PlacedUnion(const RunContext& context,
                                          const std::vector<StepReports>& steps,
                                          const SourceTree& tree) {
  CoverageReport all;
  for (const StepReports& step : steps) {
    for (const Report& report : step.reports) {
      if (report.kind != ReportKind::kCoverage) {
        continue;
      }
      const PlacedCoverage placed = PlaceCoverage(report, tree);
      if (!placed.ambiguous.empty()) {
        log::Warning("changed lines are not compared: a measured file may be one of several",
                     {{"run", context.run.id.text()}, {"file", placed.ambiguous}});
        return std::nullopt;
      }
      MergeCoverage(all, placed.coverage);
    }
  }
  return all;
}

/// Coverage of what differs from the release that runs in the last environment: from a release that
/// never got so far, a small change would hide an uncovered one before it. While nothing runs there
/// every line is new. nullopt: the two cannot be compared.
std::optional<ChangedLines> CompareLines(const ExecutionParts& parts,
                                         const RunContext& context,
                                         const std::vector<StepReports>& steps) {
  const ChampionAnswer answer = parts.questions.champion
                                    ? parts.questions.champion(context.run.project)
                                    : ChampionAnswer{true, std::nullopt};
  if (!answer.known) {
    return std::nullopt;
  }
  const auto since =
      answer.champion ? std::optional<CommitId>(answer.champion->revision) : std::nullopt;
  ChangedLines counted;
  counted.since = since.value_or(CommitId(kEmptyTree));
  try {
    const Repository mirror =
        Repository::Open(parts.folders.mirrors / (context.run.source.text() + ".git"));
    if (since && (since->empty() || !mirror.HasCommit(*since))) {
      return std::nullopt;
    }
    std::size_t bytes_left = kMaxComparedBytes;
    const auto coverage =
        PlacedUnion(context, steps, TreeOf(mirror, context.run.revision, bytes_left));
    if (!coverage) {
      return std::nullopt;
    }
    for (const auto& file : coverage->files) {
      const std::size_t allowed = std::min(bytes_left, kMaxComparedFileBytes);
      std::size_t left = allowed;
      for (const LineRange& range :
           AddedLines(mirror, since, context.run.revision, file.first, left)) {
        CountLines(file.second, range.first, range.count, counted);
      }
      bytes_left -= allowed - left;
    }
  } catch (const Error& error) {
    log::Warning("changed lines are not compared",
                 {{"run", context.run.id.text()}, {"error", error.what()}});
    return std::nullopt;
  }
  return counted;
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
    one.usecase = UsecaseOf(context, step.name);
    one.started = step.started;
    one.finished = step.finished;
    one.repeated = left->repeated;
    one.regression = left->regression;
    one.champion = left->champion;
    one.degraded = IsDegraded(context, step.name);
    one.data = left->data;
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
  if (result.evidence.coverage) {
    result.evidence.changed_lines = CompareLines(parts, context, steps);
  }
  return result;
}

ReleaseChoice ChooseRelease(const ExecutionParts& parts, const RunContext& context) {
  ReleaseChoice choice;
  std::vector<std::string> carried_names;
  CarriedMeasurements measured;
  for (const PipelineStep& step : context.pipeline.steps) {
    const auto done = context.results.find(step.name);
    if (done == context.results.end()) {
      continue;
    }
    const bool degraded = IsDegradedTraining(context, step.name);
    const bool tainted = IsTainted(context, step);
    for (const StepArtifact& artifact : done->second.artifacts) {
      const std::string& name = artifact.record.name;
      std::string why_not = fmt::format("artifact {} was made of a degraded one", name);
      std::optional<ArtifactRecord> record;
      if (!degraded && !tainted) {
        record = artifact.record;
      } else if (degraded) {
        if (const auto carried = Carry(parts, context, step, name, why_not)) {
          record = carried->artifact;
          const auto known = measured.emplace(step.name, carried->measured);
          if (known.first->second != carried->measured) {
            known.first->second.clear();  // of several trainings: nobody measured them together
          }
        }
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
  choice.measured = MeasuredInstead(context, measured);
  choice.release = true;
  if (!carried_names.empty()) {
    choice.reason = "carries on from the newest full training: " + Join(carried_names, ", ");
  }
  return choice;
}

}  // namespace failgate
