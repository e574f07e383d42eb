#include "controller/cli/commands/plan.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "controller/base/durable_file.h"
#include "controller/base/text.h"
#include "controller/cli/exit_code.h"
#include "controller/cli/offline_clone.h"
#include "controller/cli/plan_environments.h"
#include "controller/cli/revision.h"
#include "controller/cli/table.h"
#include "controller/git/ssh_keygen.h"
#include "controller/git/tree_diff.h"
#include "controller/pipeline/plan.h"
#include "controller/promotion/ladder_forecast.h"
#include "controller/sync/run_data_version.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxPipelineBytes = std::size_t{1} << 20U;
constexpr std::size_t kMaxChangedPaths = 100'000;

/// What the plan is about and what came of it.
struct PlannedPush {
  std::string project;
  CommitId revision;
  std::string ref;
  PushClass push;
  RunPlan plan;
  /// nullopt: nobody asked, or no release would come of it.
  std::optional<std::vector<ForecastEnvironment>> environments;
};

PushFacts FactsOf(const PlanOptions& options,
                  const Repository& repository,
                  const CommitId& revision,
                  const std::string& ref) {
  PushFacts facts;
  facts.ref = ref;
  if (!options.files.empty()) {
    facts.changed_paths = options.files;
    return facts;
  }
  const CommitInfo commit = repository.ReadCommit(revision);
  if (commit.parents.empty()) {
    facts.is_first_head = true;
    return facts;
  }
  const ChangedPathList changes =
      ChangedPaths(repository, commit.parents.front(), revision, kMaxChangedPaths);
  if (!changes.truncated) {
    facts.changed_paths.emplace();
    for (const ChangedPath& change : changes.paths) {
      facts.changed_paths->push_back(change.path);
    }
  }
  return facts;
}

/// Any branch will do to answer for a detached HEAD: the first one that code is released from.
std::string RefOf(const PlanOptions& options,
                  const ResolvedRevision& revision,
                  const Pipeline& pipeline) {
  if (!options.branch.empty()) {
    return "refs/heads/" + options.branch;
  }
  if (!revision.ref.empty()) {
    return revision.ref;
  }
  for (const std::string& branch : pipeline.triggers.code.branches) {
    if (branch.find_first_of("*?[") == std::string::npos) {
      return "refs/heads/" + branch;
    }
  }
  return "refs/heads/main";
}

nlohmann::json ToJson(const PlannedPush& planned) {
  const bool runs = planned.push.kind != PushKind::kNothing;
  nlohmann::json json{{"project", planned.project},
                      {"revision", planned.revision.text()},
                      {"ref", planned.ref},
                      {"kind", std::string(ToText(planned.push.kind))},
                      {"reason", planned.push.reason},
                      {"training", nullptr},
                      {"steps", nlohmann::json::array()},
                      {"left_out", nlohmann::json::array()}};
  if (runs) {
    json["training"] = std::string(ToText(planned.plan.training));
  }
  for (const PlannedStep& step : planned.plan.steps) {
    const bool trains = step.level == StepLevel::kTrain;
    json["steps"].push_back(
        {{"name", step.name},
         {"level", std::string(ToText(step.level))},
         {"training",
          trains ? nlohmann::json(std::string(ToText(step.training))) : nlohmann::json()},
         {"why", step.why}});
  }
  for (const UnplannedStep& step : planned.plan.left_out) {
    json["left_out"].push_back({{"name", step.name}, {"why", step.why}});
  }
  if (planned.environments) {
    json["environments"] = ForecastJson(*planned.environments);
  }
  return json;
}

void Print(const PlannedPush& planned, Terminal& terminal) {
  terminal.Line(fmt::format("{} at {} on {}: {} push",
                            planned.project,
                            planned.revision.text().substr(0, 12),
                            EscapeControls(planned.ref),
                            ToText(planned.push.kind)));
  terminal.Line("  " + EscapeControls(planned.push.reason));
  if (planned.push.kind == PushKind::kNothing) {
    terminal.Line("nothing would run");
    return;
  }
  Table table({"STEP", "LEVEL", "TRAINING", "WHY HERE"});
  for (const PlannedStep& step : planned.plan.steps) {
    const bool trains = step.level == StepLevel::kTrain;
    table.Add({step.name,
               std::string(ToText(step.level)),
               trains ? std::string(ToText(step.training)) : "",
               step.why});
  }
  table.Print(terminal);
  for (const UnplannedStep& step : planned.plan.left_out) {
    terminal.Line(fmt::format("left out: {} ({})", step.name, EscapeControls(step.why)));
  }
  if (planned.environments) {
    PrintForecast(*planned.environments, terminal);
  }
}

/// False after saying why the clone cannot be read.
bool AddForecast(const std::filesystem::path& operations,
                 const std::filesystem::path& source,
                 PlannedPush& planned,
                 CommandContext& context) {
  const auto snapshot = OpenClone(operations, context);
  if (!snapshot) {
    return false;
  }
  ProcessRunner processes;
  SshKeygen prover(processes);
  planned.environments = ForecastOf(*snapshot,
                                    Repository::Open(GitFolderOf(operations)),
                                    {ProjectName(planned.project), planned.revision, source},
                                    &prover);
  return true;
}

}  // namespace

int RunPlanCommand(const PlanOptions& options, CommandContext& context) {
  Terminal& terminal = context.terminal;
  for (const std::string& file : options.files) {
    if (!IsSafeRelativePath(file)) {
      terminal.Error(fmt::format(
          "--file {}: write a path inside of the repository, such as data/train.csv", file));
      return kExitUsage;
    }
  }
  const std::filesystem::path git_folder = GitFolderOf(options.repository);
  const Repository repository = Repository::Open(git_folder);
  const auto revision = ResolveRevision(repository, git_folder, options.revision);
  if (!revision) {
    terminal.Error(fmt::format("{} has no revision {}: name a commit, a branch or a tag",
                               options.repository.string(),
                               options.revision));
    return kExitUsage;
  }
  const std::string name(kPipelineFileName);
  const auto text = repository.ReadFile(revision->commit, name, kMaxPipelineBytes);
  if (!text) {
    terminal.Error(fmt::format("{} has no {}: failgate init pipeline {} writes one to commit",
                               options.revision,
                               name,
                               options.repository.string()));
    return kExitUsage;
  }
  const Parsed<Pipeline> pipeline = ParsePipeline(*text, name);
  if (!pipeline) {
    terminal.Note(Describe(pipeline.error()));
    return kExitUsage;
  }
  if (const auto fault = FaultOfWatchPlaces(repository, revision->commit, *pipeline)) {
    terminal.Error(*fault);
    return kExitUsage;
  }
  PlannedPush planned;
  planned.project = pipeline->project.text();
  planned.revision = revision->commit;
  planned.ref = RefOf(options, *revision, *pipeline);
  planned.push = Classify(*pipeline, FactsOf(options, repository, revision->commit, planned.ref));
  if (const auto trigger = TriggerOf(planned.push.kind)) {
    PlanRequest request;
    request.trigger = *trigger;
    planned.plan = PlanRun(*pipeline, request);
  }
  const bool releases =
      planned.push.kind == PushKind::kCode || planned.push.kind == PushKind::kData;
  if (options.operations && releases &&
      !AddForecast(*options.operations, git_folder, planned, context)) {
    return kExitFailed;
  }
  if (options.json) {
    terminal.Line(ToJson(planned).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    Print(planned, terminal);
  }
  return kExitDone;
}

}  // namespace failgate
