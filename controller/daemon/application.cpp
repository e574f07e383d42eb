#include "controller/daemon/application.h"

#include <algorithm>
#include <set>

#include "controller/base/log.h"
#include "controller/daemon/application_parts.h"

namespace failgate {

/// Who wakes whom; every wake may be lost, because every loop also looks by itself.
void Application::Parts::WireTogether() {
  inbox.OnQueued([this] { syncer->Wake(); });
  syncer->OnOperationsDelivery([this] { WakePromoter(); });
  syncer->OnRunQueued([this] {
    executor->Wake();
    WakePromoter();  // a superseded run owes its fact
  });
  watcher->OnNews(
      [this](const std::string& watch) { syncer->DataChanged(config.FindWatch(watch)->projects); });
  executor->OnFinished([this](const RunId&) {
    WakePromoter();
    api->Changed();
  });
  check_executor->OnEnded([this] { WakePromoter(); });
  if (sonar != nullptr) {
    syncer->OnSonarDelivery([this] { sonar->AskAll(); });
    sonar->OnAnswered([this] { WakePromoter(); });
    sonar->OnWanted([this] {
      if (PeriodicLoop* loop = sonar_asking.load()) {
        loop->Wake();
      }
    });
  }
  syncer->OnMlflowDelivery([this](const std::set<std::string>& models) {
    reconciler->CheckSoon([&models](const Order& order) {
      const auto& deploy = order.wanted.steps;
      return std::any_of(deploy.begin(), deploy.end(), [&models](const DeployStep& step) {
        return step.mlflow && models.count(step.mlflow->model) > 0;
      });
    });
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
    if (PeriodicLoop* loop = recording.load()) {
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
    if (keys.Asked() || promoter->IsDue(clock.Now())) {
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

void Application::Parts::StartAskingSonar() {
  if (sonar == nullptr) {
    return;
  }
  PeriodicLoop::Options options;
  options.name = "sonar";
  options.period = config.sonar->poll;
  options.rest = std::chrono::milliseconds(500);  // many deliveries are one reason to ask
  sonar_loop = std::make_unique<PeriodicLoop>(options, [this] { sonar->Step(); });
  sonar_asking = sonar_loop.get();
}

/// On a thread of its own: an MLflow server that does not answer delays nobody.
void Application::Parts::StartRecording() {
  if (!mlflow) {
    return;
  }
  PeriodicLoop::Options options;
  options.name = "mlflow";
  options.period = std::chrono::minutes(5);
  options.jitter = 0.1;
  options.rest = std::chrono::seconds(1);
  options.first_backoff = std::chrono::seconds(2);
  options.max_backoff = std::chrono::minutes(5);
  recording_loop = std::make_unique<PeriodicLoop>(options, [this] {
    const auto snapshot = promoter->Snapshot();
    if (!snapshot || !snapshot->log_head) {
      return;
    }
    if (mlflow->RecordReleases(folders.operations(), *snapshot)) {
      if (PeriodicLoop* loop = recording.load()) {
        loop->Wake();
      }
    }
  });
  recording = recording_loop.get();
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
  parts_->check_executor->Recover();
  MakeFolders(parts_->folders);  // recovery clears the workspaces, folder and all
  const ProbeResult sandbox = parts_->executor->Probe();
  if (!sandbox.works) {
    log::Error("steps cannot run here", {{"probe", sandbox.text}, {"remedy", sandbox.remedy}});
  }
  parts_->StartAskingSonar();
  parts_->StartLoops();
  parts_->StartIndexing();
  parts_->StartRecording();
  parts_->reconciler->Start();
  parts_->executor->Start();
  parts_->check_executor->Start();
  parts_->syncer->Start();
  parts_->watcher->Start();
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
  watcher->Stop();
  syncer->Stop();
  if (sonar_loop != nullptr) {
    sonar->Stop();
    sonar_loop->Stop();
  }
  executor->Stop();
  check_executor->Stop();
  if (promotion_loop != nullptr) {
    promotion_loop->Stop();
  }
  if (index_loop != nullptr) {
    index_loop->Stop();
  }
  if (recording_loop != nullptr) {
    recording_loop->Stop();
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
