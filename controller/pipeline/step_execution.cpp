#include "controller/pipeline/step_execution.h"

#include <fmt/format.h>

#include <utility>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/fail_point.h"
#include "controller/base/log.h"
#include "controller/base/secret.h"
#include "controller/base/text.h"
#include "controller/pipeline/step_checkpoints.h"
#include "controller/pipeline/step_data.h"
#include "controller/pipeline/step_environment.h"
#include "controller/pipeline/step_report_files.h"
#include "controller/pipeline/workspace_files.h"

namespace failgate {
namespace {

constexpr const char* kTrackingVariable = "MLFLOW_TRACKING_URI";
constexpr std::size_t kMaxVariantLogBytes = std::size_t{4} << 20U;

using Outputs = std::map<std::string, StepOutputs, std::less<>>;

Outputs OutputsOf(const RunContext& context) {
  Outputs outputs;
  for (const auto& entry : context.results) {
    outputs[entry.first] = entry.second.outputs;
  }
  return outputs;
}

class Attempt {
 public:
  /// `variant` nullptr: the run that counts.
  Attempt(const ExecutionParts& parts,
          const StepAttemptOrder& order,
          const StepVariant* variant = nullptr)
      : parts_(parts),
        order_(order),
        variant_(variant),
        workspace_(parts.folders.workspaces,
                   order.context.run.id,
                   fmt::format("{}-{}{}",
                               order.step.name,
                               order.attempt,
                               variant == nullptr ? "" : "." + variant->name)) {}

  StepVerdict Run(std::stop_token stop) {
    StepVerdict verdict;
    if (auto refusal = Prepare(verdict, stop)) {
      verdict.reason = *refusal;
      WriteFileDurably(order_.log_file,
                       "failgate: " + OneLine(Redact(verdict.reason), 2000) + "\n");
      return verdict;
    }
    const StepOutcome outcome = parts_.runner.Run(command_, std::move(stop));
    verdict.reason = outcome.reason;
    verdict.log_bytes = outcome.log_bytes;
    verdict.result.limits = outcome.limits_note;
    verdict.result.workspace = inside_.string();
    verdict.result.champion = champion_;
    if (outcome.exit_code >= 0) {
      verdict.exit_code = outcome.exit_code;
    }
    switch (outcome.status) {
      case StepStatus::kCancelled:
        verdict.kind = StepVerdict::Kind::kCancelled;
        return verdict;
      case StepStatus::kSandboxRefused:
        verdict.kind = StepVerdict::Kind::kSandboxRefused;
        return verdict;
      case StepStatus::kPassed:
        Judge(verdict);
        return verdict;
      case StepStatus::kFailed:
      case StepStatus::kTimedOut:
      case StepStatus::kLimit:
        if (outcome.limit == "disk" && command_.kept && variant_ == nullptr) {
          Checkpoints().Remove();  // else the next attempt would begin where this one had to end
        }
        // What its reports say is evidence too, but nothing makes it a pass any more.
        TakeReports(verdict);
        return verdict;
    }
    return verdict;
  }

  VariantOutcome RunVariant(std::stop_token stop) {
    VariantOutcome result;
    StepVerdict& verdict = result.verdict;
    if (auto refusal = Prepare(verdict, stop)) {
      verdict.reason = OneLine(Redact(*refusal), 2000);
      return result;
    }
    command_.max_log_bytes = kMaxVariantLogBytes;
    const StepOutcome outcome = parts_.runner.Run(command_, std::move(stop));
    result.status = outcome.status;
    verdict.reason = outcome.reason;
    verdict.result.workspace = inside_.string();
    if (outcome.status == StepStatus::kCancelled) {
      verdict.kind = StepVerdict::Kind::kCancelled;
      return result;
    }
    if (outcome.status == StepStatus::kSandboxRefused) {
      verdict.kind = StepVerdict::Kind::kSandboxRefused;
      return result;
    }
    const std::optional<std::string> fault = TakeReports(verdict);
    if (outcome.status == StepStatus::kPassed) {
      verdict.kind = fault ? StepVerdict::Kind::kFailed : StepVerdict::Kind::kPassed;
      verdict.reason = fault ? OneLine(Redact(*fault), 2000) : "";
    }
    result.reports = LoadReports(ReportFolder(), verdict.result).value_or(std::vector<Report>());
    RemoveTree(ReportFolder());
    return result;
  }

 private:
  /// A reason for which the step cannot begin.
  std::optional<std::string> Prepare(StepVerdict& verdict, const std::stop_token& stop) {
    if (order_.step.network && !parts_.settings.network) {
      return "it asks for network, and the server file does not allow it (runner: network: true)";
    }
    const Outputs outputs = OutputsOf(order_.context);
    EnvironmentList env;
    for (const auto& entry : order_.step.env) {
      Result<std::string> value = SubstituteOutputs(entry.second, outputs);
      if (!value) {
        return fmt::format("env {}: {}", entry.first, value.error().text);
      }
      env.emplace_back(entry.first, std::move(value).value());
    }
    if (variant_ != nullptr) {
      env = OverlayVariables(std::move(env), variant_->env);
    }
    if (auto refusal = Export()) {
      return refusal;
    }
    StepData data{parts_, order_.context, workspace_};
    if (auto refusal = data.PlaceKeptElsewhere(verdict.result.data, stop)) {
      return refusal;
    }
    if (auto refusal = data.PlaceWatched(command_.read_only)) {
      return refusal;
    }
    for (const std::string& need : TransitiveNeeds(order_.context.pipeline, order_.step)) {
      const auto done = order_.context.results.find(need);
      if (done == order_.context.results.end()) {
        continue;
      }
      for (const StepArtifact& artifact : done->second.artifacts) {
        workspace_.Place(parts_.artifacts, artifact);
      }
    }
    MakeCommand(env);
    return std::nullopt;
  }

  std::optional<std::string> Export() {
    const SourceName& source = order_.context.run.source;
    ExportLimits limits;
    limits.max_bytes = static_cast<std::uint64_t>(parts_.settings.disk_bytes);
    for (const bool is_last : {false, true}) {
      try {
        const Repository mirror =
            Repository::Open(parts_.folders.mirrors / (source.text() + ".git"));
        if (variant_ != nullptr && variant_->tree) {
          workspace_.Export(mirror, order_.context.run.revision, *variant_->tree, limits);
        } else {
          workspace_.Export(mirror, order_.context.run.revision, limits);
        }
        return std::nullopt;
      } catch (const Error& error) {
        if (error.remedy() == Remedy::kRetry) {
          RethrowWithContext("preparing the workspace");
        }
        if (parts_.questions.mirror_is_broken && parts_.questions.mirror_is_broken(source)) {
          throw Error(Remedy::kRetry,
                      fmt::format("preparing the workspace: the mirror of {} is being replaced: {}",
                                  source.text(),
                                  error.what()));
        }
        // Once more: the mirror may have been replaced while it was read.
        if (is_last) {
          return fmt::format("the workspace cannot be prepared: {}", error.what());
        }
        workspace_.Clear();
      }
    }
    return std::nullopt;
  }

  std::optional<ReadOnlyBind> ChampionBind() {
    const auto champion = parts_.questions.champion
                              ? parts_.questions.champion(order_.context.run.project).champion
                              : std::nullopt;
    if (!champion) {
      return std::nullopt;
    }
    for (const ArtifactRecord& artifact : champion->artifacts) {
      if (!parts_.artifacts.Has(artifact.sha256)) {
        log::Warning("the champion's bytes are gone: the step runs without it",
                     {{"release", champion->release.text()}, {"artifact", artifact.name}});
        return std::nullopt;
      }
    }
    champion_ = champion->release;
    return ReadOnlyBind{workspace_.PlaceChampion(parts_.artifacts, *champion), kChampionInside};
  }

  /// The address alone: credentials of the controller are never a step's. A step that names a
  /// server of its own keeps it.
  [[nodiscard]] EnvironmentList WithTrackingServer(EnvironmentList env) const {
    const auto& mlflow = parts_.mlflow;
    const bool named = std::any_of(env.begin(), env.end(), [](const auto& variable) {
      return variable.first == kTrackingVariable;
    });
    if (mlflow && mlflow->Serves(order_.context.run.project) && !named) {
      env.emplace_back(kTrackingVariable, mlflow->url);
    }
    return env;
  }

  /// Only the run that counts goes on from what an earlier attempt left. A check may be of
  /// anybody's branch, and what proves a step must do all of its work.
  std::optional<std::string> OpenCheckpoints() {
    if (order_.step.level != StepLevel::kTrain) {
      return std::nullopt;
    }
    WritableBind bind{{}, kCheckpointsInside};
    if (variant_ != nullptr || order_.context.run.trigger == RunTrigger::kCheck) {
      bind.host = workspace_.MakeOwnCheckpoints();
    } else {
      bind.host = Checkpoints().Open(OriginOf(parts_, order_.context, order_.step, order_.training),
                                     order_.context.run.id);
    }
    command_.kept = bind;
    return parts_.runner.InsideBind({bind.host, bind.inside}).string();
  }

  [[nodiscard]] StepCheckpoints Checkpoints() const {
    return {parts_, order_.context.run.project, order_.step.name};
  }

  void MakeCommand(const EnvironmentList& env) {
    inside_ = parts_.runner.InsideWorkspace(workspace_.path());
    StepFacts facts;
    facts.training = order_.training;
    facts.output_file = (inside_ / kOutputFileName).string();
    facts.checkpoints = OpenCheckpoints();
    if (auto bind = ChampionBind()) {
      facts.champion = parts_.runner.InsideBind(*bind).string();
      command_.read_only.push_back(std::move(*bind));
    }
    command_.script = order_.step.run;
    command_.shell = std::string(ToText(order_.step.shell));
    command_.workspace = workspace_.path();
    failgate::Run run = order_.context.run;
    if (variant_ != nullptr && variant_->tree) {
      run.revision = variant_->tree->below;
    }
    command_.env = StepEnvironment(run, facts, WithTrackingServer(env));
    command_.timeout = order_.step.timeout;
    command_.limits.memory_bytes = parts_.settings.memory_bytes;
    command_.limits.disk_bytes = parts_.settings.disk_bytes;
    command_.limits.cpu = parts_.settings.cpu;
    command_.network = order_.step.network;
    command_.log_file = order_.log_file;
    command_.on_started = [this](const ProcessIdentity& identity) {
      FailPoint("step-started");
      parts_.steps.SetProcess(order_.context.run.id,
                              order_.step.name,
                              identity.pid,
                              std::to_string(identity.start_ticks));
      FailPoint("step-running");
    };
  }

  /// No step is named with a dot in front.
  [[nodiscard]] std::filesystem::path ReportFolder() const {
    return StepReportFolder(parts_.folders,
                            order_.context.run.id,
                            variant_ == nullptr ? order_.step.name : "." + variant_->name);
  }

  std::optional<std::string> TakeReports(StepVerdict& verdict) {
    CollectedReports collected =
        CollectReports(workspace_.path(), inside_.string(), order_.step.reports, ReportFolder());
    verdict.result.reports = std::move(collected.stored);
    verdict.result.tests = collected.tests;
    return collected.fault;
  }

  std::optional<std::string> TakeOutputs(StepVerdict& verdict) const {
    const Result<std::string> text =
        ReadWorkspaceFile(workspace_.path(), kOutputFileName, kMaxOutputFileBytes);
    if (!text) {
      // A step that removed the file has no outputs; anything else in its place is refused.
      return text.error().code == "file_missing"
                 ? std::nullopt
                 : std::optional(fmt::format("its FAILGATE_OUTPUT {}", text.error().text));
    }
    Result<StepOutputs> outputs = ParseOutputs(*text);
    if (!outputs) {
      return fmt::format("its FAILGATE_OUTPUT cannot be used: {}", outputs.error().text);
    }
    verdict.result.outputs = std::move(outputs).value();
    return std::nullopt;
  }

  std::optional<std::string> TakeArtifacts(StepVerdict& verdict) const {
    const Outputs outputs = OutputsOf(order_.context);
    for (const ArtifactSpec& spec : order_.step.artifacts) {
      const Result<std::string> path = SubstituteOutputsInPath(spec.path, outputs);
      if (!path) {
        return fmt::format("artifact {}: {}", spec.name, path.error().text);
      }
      const Result<StoredArtifact> stored = parts_.artifacts.Put(workspace_.path(), *path);
      if (!stored) {
        return fmt::format("artifact {}: {}", spec.name, stored.error().text);
      }
      StepArtifact artifact;
      artifact.path = *path;
      artifact.record.name = spec.name;
      artifact.record.kind = stored->bytes.kind;
      artifact.record.executable = stored->bytes.executable;
      artifact.record.sha256 = stored->bytes.sha256;
      artifact.record.size = stored->size;
      artifact.record.format = spec.format;
      artifact.record.base_name = stored->base_name;
      artifact.record.contents = stored->contents;
      artifact.record.origin_run = order_.context.run.id;
      if (order_.step.level == StepLevel::kTrain) {
        artifact.record.trained = std::string(ToText(order_.training));
      }
      verdict.result.artifacts.push_back(std::move(artifact));
    }
    return std::nullopt;
  }

  /// The script ended well: what it promised must be there too.
  void Judge(StepVerdict& verdict) {
    auto fault = TakeReports(verdict);
    if (!fault) {
      fault = TakeOutputs(verdict);
    }
    if (!fault) {
      fault = TakeArtifacts(verdict);
    }
    if (fault) {
      verdict.reason = OneLine(Redact(*fault), 2000);
      return;
    }
    verdict.kind = StepVerdict::Kind::kPassed;
    verdict.reason.clear();
  }

  const ExecutionParts& parts_;
  const StepAttemptOrder& order_;
  const StepVariant* variant_;
  StepWorkspace workspace_;
  StepCommand command_;
  ReleaseName champion_;
  std::filesystem::path inside_;
};

}  // namespace

std::filesystem::path StepLogPath(const ExecutionFolders& folders,
                                  const RunId& run,
                                  const std::string& step) {
  return folders.logs / run.text() / (step + ".log");
}

std::filesystem::path StepReportFolder(const ExecutionFolders& folders,
                                       const RunId& run,
                                       const std::string& step) {
  return folders.reports / run.text() / step;
}

StepVerdict RunStepAttempt(const ExecutionParts& parts,
                           const StepAttemptOrder& order,
                           std::stop_token stop) {
  CreateFolders(order.log_file.parent_path(), 0700);
  return Attempt(parts, order).Run(std::move(stop));
}

VariantOutcome RunStepVariant(const ExecutionParts& parts,
                              const StepAttemptOrder& order,
                              const StepVariant& variant,
                              std::stop_token stop) {
  return Attempt(parts, order, &variant).RunVariant(std::move(stop));
}

}  // namespace failgate
