#include "controller/daemon/application.h"

#include <atomic>

#include "controller/api/api_handler.h"
#include "controller/api/hook_handler.h"
#include "controller/api/http_server.h"
#include "controller/artifacts/artifact_store.h"
#include "controller/base/log.h"
#include "controller/base/periodic_loop.h"
#include "controller/daemon/data_lock.h"
#include "controller/daemon/folders.h"
#include "controller/daemon/part_settings.h"
#include "controller/daemon/release_questions.h"
#include "controller/deploylog/deploy_log.h"
#include "controller/deploylog/key_keeper.h"
#include "controller/deploylog/log_index.h"
#include "controller/git/maintenance.h"
#include "controller/pipeline/run_executor.h"
#include "controller/promotion/promoter.h"
#include "controller/reconcile/reconciler.h"
#include "controller/runners/local_runner.h"
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
#include "controller/targets/versioned_directory.h"

namespace failgate {
/// In the order of construction; destroyed in reverse, loops first.
struct Application::Parts {
  Parts(ServerFile file, EnvironmentLookup lookup)
      : config(std::move(file)), environment(std::move(lookup)) {
    MakeFolders(folders);
    directory = std::make_unique<VersionedDirectory>(
        artifacts,
        runner,
        VersionedDirectory::Options{
            config.targets.directory_roots, folders.workspaces(), HealthLimits(config)});
    reconciler =
        std::make_unique<Reconciler>(*directory, deployments, Reconciler::Options{}, clock);
    ConnectOperations();
    syncer = std::make_unique<Syncer>(MakeSyncerParts(), config.sources);
    executor = std::make_unique<RunExecutor>(MakeExecutionParts());
    api = std::make_unique<ApiHandler>(MakeApiServices(), ApiHandler::Options{});
    http = std::make_unique<HttpServer>(HttpOptions(config), *api);
    WireTogether();
  }

  void ConnectOperations();
  Syncer::Parts MakeSyncerParts();
  ExecutionParts MakeExecutionParts();
  ApiServices MakeApiServices();
  std::vector<ReadinessProblem> Readiness();
  std::map<SourceName, SourceStanding> Standings();
  void WireTogether();
  void StartLoops();
  void StartIndexing();
  void FillGaps();
  void WakePromoter();
  void StopAll();

  const ServerFile config;
  const EnvironmentLookup environment;
  const Clock& clock = SystemClock();
  const Folders folders{config.data_dir};
  DataLock lock{config.data_dir};
  ProcessRunner processes;
  Database database{folders.database(), DatabaseUser::kServer, clock};
  Inbox inbox{database, folders.deliveries(), InboxOptions(config), clock};
  EventQueue events{database, clock};
  HeadStore heads{database, clock};
  ImageStore image_tags{database, clock};
  ImageSync image_sync{config.images, image_tags, environment, clock};
  RunStore runs{database, clock};
  StepStore steps{database, clock};
  TokenStore tokens{database, clock};
  RequestStore requests{database, clock};
  DeploymentStore deployments{database, clock};
  FactIndex facts{database};
  LogIndexer log_indexer{facts, folders.operations()};
  ArtifactStore artifacts{folders.artifacts()};
  LocalRunner runner{
      processes,
      LocalRunner::Options{config.runner.sandbox == SandboxMode::kRequired, folders.workspaces()}};
  std::unique_ptr<VersionedDirectory> directory;
  std::unique_ptr<Reconciler> reconciler;
  KeyKeeper keys{config.operations.signing_key};
  std::unique_ptr<DeployLog> log;
  std::unique_ptr<Promoter> promoter;
  std::unique_ptr<Syncer> syncer;
  std::unique_ptr<RunExecutor> executor;
  std::unique_ptr<ApiHandler> api;
  std::unique_ptr<HttpServer> http;
  std::unique_ptr<PeriodicLoop> promotion_loop;
  /// Set once the loop stands; a wake that comes before is remembered.
  std::atomic<PeriodicLoop*> promotion{nullptr};
  std::atomic<bool> woken_early{false};
  std::unique_ptr<PeriodicLoop> housekeeping_loop;
  std::unique_ptr<PeriodicLoop> index_loop;
  /// As `promotion`: set once the loop stands.
  std::atomic<PeriodicLoop*> indexing{nullptr};
  /// Each with its own loop: an API that does not answer delays no other.
  std::vector<std::unique_ptr<GithubRedelivery>> redeliveries;
  std::vector<std::unique_ptr<PeriodicLoop>> redelivery_loops;
};

void Application::Parts::ConnectOperations() {
  const auto make_remote = [this] {
    const OperationsSettings& settings = config.operations;
    return Remote(processes,
                  MakeRemoteConfig(settings.url,
                                   settings.credentials,
                                   settings.ca,
                                   folders.git_home() / "operations",
                                   environment));
  };
  log = std::make_unique<DeployLog>(LogOptions(config, folders), make_remote, keys.key(), clock);
  promoter = std::make_unique<Promoter>(Promoter::Parts{*log,
                                                        keys.key(),
                                                        runs,
                                                        requests,
                                                        *reconciler,
                                                        clock,
                                                        SourceUrls(config),
                                                        [this](const std::string& id) {
                                                          const auto delivery = inbox.Show(id);
                                                          return delivery ? delivery->delivery_id
                                                                          : std::string();
                                                        },
                                                        &keys},
                                        BoundsOf(config, folders));
}

Syncer::Parts Application::Parts::MakeSyncerParts() {
  return Syncer::Parts{events,
                       inbox,
                       heads,
                       runs,
                       steps,
                       processes,
                       clock,
                       environment,
                       config.data_dir,
                       &image_sync};
}

ExecutionParts Application::Parts::MakeExecutionParts() {
  const ReleaseQuestions questions(folders.operations());
  ExecutionParts parts{runs,
                       steps,
                       artifacts,
                       runner,
                       clock,
                       config.runner,
                       ExecutionFolders::Below(config.data_dir),
                       {}};
  parts.questions.champion = [this, questions](const ProjectName& project) {
    const auto snapshot = promoter->Snapshot();
    return snapshot ? questions.ChampionOf(*snapshot, project) : std::nullopt;
  };
  parts.questions.carried = [this, questions](const ProjectName& project,
                                              const std::string& artifact) {
    const auto snapshot = promoter->Snapshot();
    return snapshot ? questions.Carried(*snapshot, project, artifact) : std::nullopt;
  };
  parts.questions.mirror_is_broken = [this](const SourceName& source) {
    return syncer->MirrorIsBroken(source);
  };
  return parts;
}

std::vector<ReadinessProblem> Application::Parts::Readiness() {
  std::vector<ReadinessProblem> problems;
  const ProbeResult sandbox = executor->Sandbox();
  if (!sandbox.works) {
    problems.push_back(ReadinessProblem{"runner", sandbox.text + " " + sandbox.remedy});
  }
  return problems;
}

std::map<SourceName, SourceStanding> Application::Parts::Standings() {
  std::map<SourceName, SourceStanding> standings;
  for (const SourceStatus& status : syncer->Status()) {
    standings[status.source] = SourceStanding{status.last_success, status.last_error};
  }
  return standings;
}

ApiServices Application::Parts::MakeApiServices() {
  ApiServices services{config,
                       environment,
                       clock,
                       database,
                       inbox,
                       runs,
                       steps,
                       tokens,
                       requests,
                       deployments,
                       folders.operations(),
                       folders.logs(),
                       {},
                       {},
                       {},
                       {},
                       {},
                       {},
                       {},
                       {},
                       {},
                       {},
                       {},
                       {}};
  services.snapshot = [this] { return promoter->Snapshot(); };
  services.trouble = [this] { return promoter->Trouble(); };
  services.stopped = [this] { return std::string(StandingWord(promoter->Standing())); };
  services.facts = &facts;
  services.last_pass = [this] { return promoter->LastPass(); };
  services.wake_promoter = [this] { WakePromoter(); };
  services.sync_now = [this](const SourceName& source) {
    static_cast<void>(syncer->SyncNow(source));  // the route knows that the source exists
  };
  services.ask_run = [this](const RunWish& wish) {
    return syncer->RequestRun(RunRequest{
        wish.project, wish.revision, ParseTrainingMode(wish.training), wish.again, wish.person});
  };
  services.cancel_run = [this](const RunId&) { executor->Wake(); };
  services.wake_deliveries = [this] { syncer->Wake(); };
  services.readiness = [this] { return Readiness(); };
  services.standings = [this] { return Standings(); };
  services.image_tags = [this](const SourceName& source) { return image_tags.All(source); };
  services.http_statistics = [this] { return http->statistics(); };
  return services;
}

/// Who wakes whom; every wake may be lost, because every loop also looks by itself.
void Application::Parts::WireTogether() {
  inbox.OnQueued([this] { syncer->Wake(); });
  syncer->OnOperationsDelivery([this] { WakePromoter(); });
  syncer->OnRunQueued([this] {
    executor->Wake();
    WakePromoter();  // a superseded run owes its fact
  });
  executor->OnFinished([this](const RunId&) {
    WakePromoter();
    api->Changed();
  });
  reconciler->OnResult([this] { WakePromoter(); });
  promoter->OnAnswered([this](const std::string& request, const std::string& answer) {
    api->Answered(request, answer);
  });
  promoter->OnChanged([this] {
    api->Changed();
    if (PeriodicLoop* loop = indexing.load()) {
      loop->Wake();
    }
    WakePromoter();  // what was just written may let the next rung pass
  });
}

void Application::Parts::WakePromoter() {
  if (PeriodicLoop* loop = promotion.load()) {
    loop->Wake();
  } else {
    woken_early = true;
  }
}

void Application::Parts::StartLoops() {
  PeriodicLoop::Options options;
  options.name = "promoter";
  options.period = config.operations.poll;
  options.jitter = 0.1;
  promotion_loop = std::make_unique<PeriodicLoop>(options, [this] {
    promoter->Step();
    KeepRepositorySmall(processes, folders.operations());  // this thread alone writes there
  });
  promotion = promotion_loop.get();
  if (woken_early) {
    WakePromoter();
  }
  PeriodicLoop::Options housekeeping;
  housekeeping.name = "housekeeping";
  housekeeping.period = std::chrono::seconds(5);
  housekeeping_loop = std::make_unique<PeriodicLoop>(housekeeping, [this] {
    database.Checkpoint();
    inbox.Prune();
    if (keys.Asked()) {
      WakePromoter();
    }
  });
}

/// The index of the log follows what is shown of it, one batch a step.
void Application::Parts::StartIndexing() {
  PeriodicLoop::Options options;
  options.name = "log index";
  options.period = std::chrono::seconds(10);
  index_loop = std::make_unique<PeriodicLoop>(options, [this] {
    const auto snapshot = promoter->Snapshot();
    if (snapshot && snapshot->log_head && log_indexer.Advance(*snapshot->log_head)) {
      if (PeriodicLoop* loop = indexing.load()) {
        loop->Wake();
      }
    }
  });
  indexing = index_loop.get();
}

void Application::Parts::FillGaps() {
  const auto add = [this](const std::string& name, const auto& settings) {
    const auto target = GithubRedelivery::TargetOf(
        name, settings.url, settings.credentials, settings.ca, settings.webhook, config.url);
    if (!target) {
      return;
    }
    redeliveries.push_back(std::make_unique<GithubRedelivery>(*target, environment, clock));
    PeriodicLoop::Options options;
    options.name = "redelivery";
    options.period = std::chrono::minutes(10);
    options.jitter = 0.1;
    redelivery_loops.push_back(std::make_unique<PeriodicLoop>(
        options, [redelivery = redeliveries.back().get()] { redelivery->Step(); }));
  };
  add(kOperationsSource, config.operations);
  for (const SourceSettings& source : config.sources) {
    add(source.name.text(), source);
  }
}

Application::Application(ServerFile config, EnvironmentLookup environment)
    : parts_(std::make_unique<Parts>(std::move(config), std::move(environment))) {}

Application::~Application() {
  Stop();
}

void Application::OnRefused(std::function<void(const std::string& why)> told) {
  parts_->promoter->OnForeignLog(std::move(told));
}

void Application::Start() {
  KnowSecrets(parts_->config, parts_->environment);
  parts_->inbox.Recover();
  parts_->syncer->Recover();
  parts_->executor->Recover();
  MakeFolders(parts_->folders);  // recovery clears the workspaces, folder and all
  const ProbeResult sandbox = parts_->executor->Probe();
  if (!sandbox.works) {
    log::Error("steps cannot run here", {{"probe", sandbox.text}, {"remedy", sandbox.remedy}});
  }
  parts_->StartLoops();
  parts_->StartIndexing();
  parts_->reconciler->Start();
  parts_->executor->Start();
  parts_->syncer->Start();
  parts_->inbox.Start();
  parts_->api->Start();
  parts_->http->Start();
  parts_->FillGaps();  // what is sent again finds somebody who listens
}

/// From the outside in. The loops stay objects until all threads have ended: whoever still runs may
/// wake them.
void Application::Parts::StopAll() {
  for (const auto& loop : redelivery_loops) {
    loop->Stop();
  }
  http->Stop();
  api->Stop();
  inbox.Stop();
  syncer->Stop();
  executor->Stop();
  if (promotion_loop != nullptr) {
    promotion_loop->Stop();
  }
  if (index_loop != nullptr) {
    index_loop->Stop();
  }
  reconciler->Stop();
  if (housekeeping_loop != nullptr) {
    housekeeping_loop->Stop();
  }
}

void Application::Stop() {
  if (parts_ != nullptr) {
    parts_->StopAll();
    parts_.reset();
  }
}

std::uint16_t Application::port() const {
  return parts_->http->port();
}

}  // namespace failgate
