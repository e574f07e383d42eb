// Passes over many projects in many environments, with real repositories, database and folders.
#include <fmt/format.h>

#include <memory>

#include "controller/artifacts/artifact_store.h"
#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/git/maintenance.h"
#include "controller/promotion/ladder_report.h"
#include "controller/promotion/promoter.h"
#include "controller/release/run_result.h"
#include "controller/runners/local_runner.h"
#include "controller/store/database.h"
#include "controller/store/deployment_store.h"
#include "controller/targets/versioned_directory.h"
#include "tests/benchmarks/scale.h"

namespace failgate::scale {
namespace {

constexpr long kEnvironments = 2;
constexpr int kRounds = 5;
/// More than the drift interval of the project files.
constexpr Milliseconds kUntilAllAreDue = std::chrono::minutes(2);

/// The machine's clock, which can be moved on: nobody waits for the next look at drift.
class MovedClock final : public Clock {
 public:
  [[nodiscard]] TimePoint Now() const override { return SystemClock().Now() + moved_; }
  [[nodiscard]] SteadyTime Steady() const override { return SystemClock().Steady() + moved_; }
  void Advance(Milliseconds by) { moved_ += by; }

 private:
  Milliseconds moved_{0};
};

DeployLog::Options LogOptions(const std::filesystem::path& data, const Clock& clock) {
  DeployLog::Options options;
  options.repository = data / "operations.git";
  options.controller = "main";
  options.instance = NewUuid(clock.Now());
  options.host = "localhost";
  options.deadline = std::chrono::minutes(5);
  return options;
}

std::string ProjectOf(long number) {
  return fmt::format("app{:05}", number);
}

/// Everything that a controller holds, without HTTP and sources.
struct Controller {
  explicit Controller(const std::filesystem::path& folder)
      : key(SigningKey::Load(folder / "signing_key")),
        database(folder / "data" / "failgate.db"),
        runs(database, clock),
        requests(database, clock),
        deployments(database, clock),
        artifacts(folder / "data" / "artifacts"),
        runner(processes, LocalRunner::Options{}),
        directory(
            artifacts,
            runner,
            VersionedDirectory::Options{{folder / "srv"}, folder / "data" / "workspaces", {}}),
        reconciler(directory, deployments, Reconciler::Options{}, clock),
        log(
            LogOptions(folder / "data", clock),
            [this, folder] {
              RemoteConfig config;
              config.url = "file://" + (folder / "operations.git").string();
              config.home = folder / "data" / "git-home";
              return Remote(processes, config);
            },
            key,
            clock),
        promoter(Promoter::Parts{log,
                                 key,
                                 runs,
                                 requests,
                                 reconciler,
                                 clock,
                                 {{SourceName("apps"), (folder / "apps.git").string()}},
                                 {}},
                 Bounds(folder)) {}

  static PromotionBounds Bounds(const std::filesystem::path& folder) {
    PromotionBounds bounds;
    bounds.targets = {"directory"};
    bounds.directory_roots = {folder / "srv"};
    for (long i = 0; std::filesystem::exists(folder / "projects" / ProjectOf(i)); ++i) {
      bounds.sources[ProjectName(ProjectOf(i))] = SourceName("apps");
    }
    bounds.mirrors = folder / "data" / "mirrors";
    return bounds;
  }

  MovedClock clock;
  SigningKey key;
  ProcessRunner processes;
  Database database;
  RunStore runs;
  RequestStore requests;
  DeploymentStore deployments;
  ArtifactStore artifacts;
  LocalRunner runner;
  VersionedDirectory directory;
  Reconciler reconciler;
  DeployLog log;
  Promoter promoter;
};

/// As if the pipeline of `project` had just passed.
void PassRun(Controller& controller, const StoredArtifact& stored, long number) {
  NewRun run;
  run.project = ProjectName(ProjectOf(number));
  run.source = SourceName("apps");
  run.ref = "refs/heads/main";
  run.revision = CommitId(fmt::format("{:040x}", number + 1));
  run.data_version = ProjectOf(number);
  run.trigger = RunTrigger::kCode;
  run.training = "full";
  const auto created = controller.runs.Create(run);
  RunResult result;
  result.evidence.tests["unit"].passed = 5;
  result.evidence.coverage = CoverageFigures{90, 100, 0, 0};
  ArtifactRecord artifact;
  artifact.name = "app";
  artifact.sha256 = stored.bytes.sha256;
  artifact.size = static_cast<long long>(stored.size);
  artifact.base_name = stored.base_name;
  artifact.origin_run = created.id;
  result.artifacts.push_back(artifact);
  controller.runs.Start(created.id);
  controller.runs.Finish(
      created.id, RunState::kSucceeded, "", RunResultToJson(result), ReleaseState::kOwed);
}

long Running(const Promoter& promoter) {
  long running = 0;
  for (const StatusRow& row : StatusOf(*promoter.Snapshot(), ProjectName())) {
    running += row.state == "running" ? 1 : 0;
  }
  return running;
}

}  // namespace

void PreparePairs(const std::filesystem::path& folder, long pairs) {
  for (long i = 0; i < pairs / kEnvironments; ++i) {
    CreateFolders(folder / "projects" / ProjectOf(i));
  }
  CreateFolders(folder / "data");
  CreateFolders(folder / "srv");
  WriteFileDurably(folder / "app.txt", "one\n");
  Controller controller(folder);
  const auto stored = controller.artifacts.Put(folder, "app.txt");
  Check(stored.has_value(), "the artifact is stored");
  for (long i = 0; i < pairs / kEnvironments; ++i) {
    PassRun(controller, *stored, i);
  }
  // Released and promoted to the first rung, deployed, told and promoted to the next, and so on.
  for (int turn = 0; turn < 4 * kEnvironments; ++turn) {
    controller.promoter.Step();
    KeepRepositorySmall(controller.processes, controller.log.repository().path());
    controller.reconciler.StepForTest();
  }
  controller.promoter.Step();
  Check(Running(controller.promoter) == pairs, "every pair runs what is wanted");
}

void MeasurePairs(const std::filesystem::path& folder) {
  std::unique_ptr<Controller> controller;
  Tell("start_ms", Time([&] {
         controller = std::make_unique<Controller>(folder);
         controller->promoter.Step();
       }));
  Tell("start_cpu_ms", ProcessorTime());
  controller->reconciler.StepForTest();
  controller->promoter.Step();
  const auto head = controller->log.LogHead();
  double begin = ProcessorTime();
  Tell("pass_ms", MedianTime(kRounds, [&] { controller->promoter.Step(); }));
  Tell("pass_cpu_ms", (ProcessorTime() - begin) / kRounds);
  Check(controller->log.LogHead() == head, "a pass without news writes nothing");
  std::size_t looked_at = 0;
  begin = ProcessorTime();
  Tell("drift_ms", MedianTime(kRounds, [&] {
         controller->clock.Advance(kUntilAllAreDue);
         looked_at = controller->reconciler.StepForTest();
       }));
  Tell("drift_cpu_ms", (ProcessorTime() - begin) / kRounds);
  Check(looked_at == controller->promoter.Snapshot()->pairs.size(), "every pair is looked at");
  controller->promoter.Step();
  Check(controller->log.LogHead() == head, "nothing drifted");
  Tell("status_ms", MedianTime(kRounds, [&] {
         Check(!StatusOf(*controller->promoter.Snapshot(), ProjectName()).empty(), "rows");
       }));
  Tell("rss_mib", ResidentMiB());
  Tell("peak_mib", PeakResidentMiB());
}

}  // namespace failgate::scale
