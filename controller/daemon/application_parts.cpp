// Which part gets what of the others.
#include "controller/daemon/application_parts.h"

namespace failgate {

Application::Parts::Parts(ServerFile file, EnvironmentLookup lookup)
    : config(std::move(file)), environment(std::move(lookup)) {
  MakeFolders(folders);
  directory = std::make_unique<VersionedDirectory>(
      artifacts,
      runner,
      VersionedDirectory::Options{
          config.targets.directory_roots, folders.workspaces(), HealthLimits(config)});
  if (config.mlflow) {
    mlflow = std::make_unique<MlflowParts>(*config.mlflow, environment, config.url);
  }
  targets = std::make_unique<TargetByKind>(*directory, mlflow ? &mlflow->target : nullptr);
  CheckExecutor::Options check_options;
  check_options.workers = config.runner.parallel;
  check_executor = std::make_unique<CheckExecutor>(checks,
                                                   CheckRunParts{artifacts,
                                                                 runner,
                                                                 clock,
                                                                 HealthLimits(config),
                                                                 folders.operations(),
                                                                 folders.workspaces(),
                                                                 folders.logs()},
                                                   check_options);
  reconciler = std::make_unique<Reconciler>(
      *targets, deployments, Reconciler::Options{}, clock, check_executor.get());
  ConnectOperations();
  syncer = std::make_unique<Syncer>(MakeSyncerParts(), config.sources);
  watcher = std::make_unique<Watcher>(config.watches, watches, watched_bytes, clock, environment);
  run_data = MakeRunData();
  executor = std::make_unique<RunExecutor>(MakeExecutionParts());
  api = std::make_unique<ApiHandler>(MakeApiServices(), ApiHandler::Options{});
  http = std::make_unique<HttpServer>(HttpOptions(config), *api);
  WireTogether();
}

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
  if (config.trust) {
    trust = std::make_unique<PolicyTrust>(config.trust->owners, processes);
  }
  if (config.sonar) {
    // Each pass of the promoter looks anew, also one that nothing woke.
    const Milliseconds keep_asking = std::chrono::hours(1) + 2 * config.operations.poll;
    sonar = std::make_unique<SonarAsker>(*config.sonar, environment, keep_asking, clock);
  }
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
                                                        &keys,
                                                        &prover,
                                                        trust.get(),
                                                        check_executor.get(),
                                                        &tokens,
                                                        sonar.get(),
                                                        &comparisons},
                                        BoundsOf(config, folders));
}

Syncer::Parts Application::Parts::MakeSyncerParts() {
  return Syncer::Parts{events,
                       inbox,
                       heads,
                       runs,
                       steps,
                       schedules,
                       processes,
                       clock,
                       environment,
                       config.data_dir,
                       &image_sync,
                       &watches,
                       &watched};
}

std::unique_ptr<RunData> Application::Parts::MakeRunData() {
  std::map<SourceName, DataAccess> sources;
  for (const SourceSettings& source : config.sources) {
    // HOME of its own: the source is fetched at the same time.
    const auto remote = [this, &source] {
      return MakeRemoteConfig(source.url,
                              source.credentials,
                              source.ca,
                              folders.git_home() / (source.name.text() + ".data"),
                              environment);
    };
    sources[source.name] = DataAccess{remote, source.dvc_remote};
  }
  return std::make_unique<RunData>(
      folders.data_objects(), folders.mirrors(), processes, std::move(sources));
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
                       {},
                       config.mlflow,
                       &watched,
                       run_data.get()};
  parts.questions.champion = [this, questions](const ProjectName& project) {
    const auto snapshot = promoter->Snapshot();
    return snapshot ? questions.ChampionOf(*snapshot, project) : ChampionAnswer();
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
  services.checks = &checks;
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
  if (mlflow) {
    services.mlflow = [this] {
      const MlflowRecorder::Progress progress = mlflow->recorder.Standing();
      return RecorderStanding{progress.owed, progress.trouble};
    };
  }
  services.notice = [this](const EnvironmentName& rung, const ProjectName& project) {
    return reconciler->Notice(rung, project);
  };
  services.watches = [this] { return watcher->Status(); };
  services.http_statistics = [this] { return http->statistics(); };
  return services;
}

}  // namespace failgate
