// All parts of one controller; for the sources of the application only.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <vector>

#include "controller/api/api_handler.h"
#include "controller/api/hook_handler.h"
#include "controller/api/http_server.h"
#include "controller/artifacts/artifact_store.h"
#include "controller/base/periodic_loop.h"
#include "controller/checks/check_executor.h"
#include "controller/daemon/application.h"
#include "controller/daemon/data_lock.h"
#include "controller/daemon/folders.h"
#include "controller/daemon/mlflow_parts.h"
#include "controller/daemon/part_settings.h"
#include "controller/daemon/queued_comparisons.h"
#include "controller/daemon/release_questions.h"
#include "controller/data/run_data.h"
#include "controller/deploylog/deploy_log.h"
#include "controller/deploylog/key_keeper.h"
#include "controller/deploylog/log_index.h"
#include "controller/git/maintenance.h"
#include "controller/git/ssh_keygen.h"
#include "controller/pipeline/run_executor.h"
#include "controller/promotion/promoter.h"
#include "controller/reconcile/reconciler.h"
#include "controller/runners/local_runner.h"
#include "controller/sonar/sonar_asker.h"
#include "controller/store/check_store.h"
#include "controller/store/database.h"
#include "controller/store/deployment_store.h"
#include "controller/store/event_queue.h"
#include "controller/store/fact_index.h"
#include "controller/store/head_store.h"
#include "controller/store/inbox.h"
#include "controller/store/request_store.h"
#include "controller/store/run_store.h"
#include "controller/store/step_store.h"
#include "controller/store/token_store.h"
#include "controller/sync/github_redelivery.h"
#include "controller/sync/remote_settings.h"
#include "controller/sync/syncer.h"
#include "controller/targets/target_by_kind.h"
#include "controller/targets/versioned_directory.h"
#include "controller/watch/watched_data.h"
#include "controller/watch/watcher.h"

namespace failgate {

/// In the order of construction; destroyed in reverse, loops first.
struct Application::Parts {
  Parts(ServerFile file, EnvironmentLookup lookup);

  void ConnectOperations();
  Syncer::Parts MakeSyncerParts();
  std::unique_ptr<RunData> MakeRunData();
  ExecutionParts MakeExecutionParts();
  ApiServices MakeApiServices();
  std::vector<ReadinessProblem> Readiness();
  std::map<SourceName, SourceStanding> Standings();
  void WireTogether();
  void StartLoops();
  void StartIndexing();
  void StartAskingSonar();
  void FillGaps();
  void StartRecording();
  void WakePromoter();
  void StopAll();

  const ServerFile config;
  const EnvironmentLookup environment;
  const Clock& clock = SystemClock();
  const Folders folders{config.data_dir};
  DataLock lock{config.data_dir};
  ProcessRunner processes;
  SshKeygen prover{processes};  ///< of the promoter's thread
  Database database{folders.database(), DatabaseUser::kServer, clock};
  Inbox inbox{database, folders.deliveries(), InboxOptions(config), clock};
  EventQueue events{database, clock};
  HeadStore heads{database, clock};
  ImageStore image_tags{database, clock};
  ImageSync image_sync{config.images, image_tags, environment, clock};
  RunStore runs{database, clock};
  StepStore steps{database, clock};
  ScheduleStore schedules{database};
  TokenStore tokens{database, clock};
  RequestStore requests{database, clock};
  DeploymentStore deployments{database, clock};
  FactIndex facts{database};
  LogIndexer log_indexer{facts, folders.operations()};
  ArtifactStore artifacts{folders.artifacts()};
  WatchStore watches{database, clock};
  WatchedBytes watched_bytes{folders.watched_data()};
  WatchedData watched{config.watches, watches, watched_bytes};
  LocalRunner runner{
      processes,
      LocalRunner::Options{config.runner.sandbox == SandboxMode::kRequired, folders.workspaces()}};
  CheckStore checks{database, clock};
  std::unique_ptr<CheckExecutor> check_executor;
  std::unique_ptr<VersionedDirectory> directory;
  std::unique_ptr<MlflowParts> mlflow;  ///< nullptr: the server file names no MLflow server
  std::unique_ptr<TargetByKind> targets;
  std::unique_ptr<Reconciler> reconciler;
  KeyKeeper keys{config.operations.signing_key};
  std::unique_ptr<DeployLog> log;
  std::unique_ptr<PolicyTrust> trust;  ///< nullptr: owners sign nothing here
  std::unique_ptr<SonarAsker> sonar;   ///< nullptr: no server is configured
  QueuedComparisons comparisons{
      [this](const RunRequest& request) { return syncer->RequestRun(request); }};
  std::unique_ptr<Promoter> promoter;
  std::unique_ptr<Syncer> syncer;
  std::unique_ptr<Watcher> watcher;
  std::unique_ptr<RunData> run_data;
  std::unique_ptr<RunExecutor> executor;
  std::unique_ptr<ApiHandler> api;
  std::unique_ptr<HttpServer> http;
  std::unique_ptr<PeriodicLoop> promotion_loop;
  /// Set once the loop stands; a wake that comes before is remembered.
  std::atomic<PeriodicLoop*> promotion{nullptr};
  std::atomic<bool> woken_early{false};
  std::unique_ptr<PeriodicLoop> housekeeping_loop;
  std::unique_ptr<PeriodicLoop> index_loop;
  std::unique_ptr<PeriodicLoop> sonar_loop;  ///< nullptr without `sonar`
  /// As `promotion`: set once the loop stands.
  std::atomic<PeriodicLoop*> indexing{nullptr};
  std::atomic<PeriodicLoop*> sonar_asking{nullptr};
  /// Each with its own loop: an API that does not answer delays no other.
  std::vector<std::unique_ptr<GithubRedelivery>> redeliveries;
  std::vector<std::unique_ptr<PeriodicLoop>> redelivery_loops;
  std::unique_ptr<PeriodicLoop> recording_loop;
  std::atomic<PeriodicLoop*> recording{nullptr};  ///< as `promotion`
};

}  // namespace failgate
