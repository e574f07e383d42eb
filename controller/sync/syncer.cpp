#include "controller/sync/syncer.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "controller/base/error.h"
#include "controller/base/fail_point.h"
#include "controller/base/log.h"
#include "controller/base/secret.h"
#include "controller/base/text.h"
#include "controller/sync/delivery_answers.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxThreads = 64;

std::set<SourceName> NamesOf(const std::vector<SourceSettings>& sources, const ImageSync* images) {
  std::set<SourceName> names;
  for (const SourceSettings& source : sources) {
    names.insert(source.name);
  }
  if (images != nullptr) {
    for (const ImageSourceSettings& source : images->sources()) {
      names.insert(source.name);
    }
  }
  return names;
}

AskedBranches AskedBy(const std::vector<TakenDelivery>& deliveries) {
  AskedBranches asked;
  for (const TakenDelivery& delivery : deliveries) {
    for (const RefHint& hint : delivery.refs) {
      asked[hint.ref].push_back(delivery.id);
    }
    if (delivery.refs.empty()) {
      asked[""].push_back(delivery.id);
    }
  }
  return asked;
}

}  // namespace

Syncer::Syncer(Parts parts, std::vector<SourceSettings> sources)
    : Syncer(std::move(parts), std::move(sources), Options()) {}

Syncer::Syncer(Parts parts, std::vector<SourceSettings> sources, Options options)
    : parts_(std::move(parts)),
      sources_(std::move(sources)),
      options_(options),
      data_(sources_, parts_.heads),
      run_data_(data_, parts_.watched),
      planner_(parts_.heads, parts_.runs, parts_.steps, run_data_),
      triggers_(
          {parts_.runs, parts_.steps, parts_.schedules, run_data_, parts_.clock, parts_.watches}),
      data_planner_(sources_,
                    parts_.data_dir / "mirrors",
                    parts_.heads,
                    parts_.runs,
                    parts_.steps,
                    data_,
                    run_data_,
                    parts_.clock),
      sync_({parts_.processes,
             parts_.heads,
             planner_,
             triggers_,
             parts_.clock,
             parts_.environment,
             parts_.data_dir / "mirrors",
             parts_.data_dir / "git-home",
             data_planner_},
            options_.deadlines),
      states_(sources_, options_.states, parts_.clock),
      taken_(parts_.inbox, parts_.events, NamesOf(sources_, parts_.images)) {
  if (parts_.images != nullptr) {
    for (const ImageSourceSettings& source : parts_.images->sources()) {
      states_.Add(source.name, source.poll);
    }
  }
}

Syncer::~Syncer() {
  Stop();
}

void Syncer::OnRunQueued(std::function<void()> told) {
  run_queued_ = std::move(told);
}

void Syncer::OnSonarDelivery(std::function<void()> told) {
  taken_.OnSonarDelivery(std::move(told));
}

void Syncer::OnMlflowDelivery(std::function<void(const std::set<std::string>&)> told) {
  taken_.OnMlflowDelivery(std::move(told));
}

void Syncer::OnOperationsDelivery(std::function<void()> told) {
  taken_.OnOperationsDelivery(std::move(told));
}

void Syncer::Recover() {
  parts_.events.Recover();
  for (const SourceSettings& source : sources_) {
    sync_.MirrorOf(source.name).RemoveLeftovers();
  }
}

void Syncer::Start() {
  const std::size_t images = parts_.images == nullptr ? 0 : parts_.images->sources().size();
  const std::size_t threads = std::min(sources_.size() + images, kMaxThreads);
  for (std::size_t i = 0; i < threads; ++i) {
    workers_.emplace_back([this](const std::stop_token& stop) { WorkLoop(stop); });
  }
  PeriodicLoop::Options options;
  options.name = "sync";
  options.period = options_.look_every;
  options.rest = options_.rest;
  dispatcher_ = std::make_unique<PeriodicLoop>(options, [this] {
    Collect();
    Dispatch();
  });
}

void Syncer::Stop() {
  stop_.request_stop();
  if (dispatcher_) {
    dispatcher_->Stop();
  }
  for (std::jthread& worker : workers_) {
    worker.request_stop();
  }
  workers_.clear();
}

void Syncer::Wake() {
  if (dispatcher_) {
    dispatcher_->Wake();
  }
}

const SourceSettings* Syncer::Find(const SourceName& source) const {
  const auto found =
      std::find_if(sources_.begin(), sources_.end(), [&](const SourceSettings& settings) {
        return settings.name == source;
      });
  return found == sources_.end() ? nullptr : &*found;
}

const ImageSourceSettings* Syncer::FindImage(const SourceName& source) const {
  return parts_.images == nullptr ? nullptr : parts_.images->Find(source);
}

void Syncer::Collect() {
  taken_.Take();
  std::vector<EventWish> due;
  for (SourceName& source : states_.TakeDuePolls()) {
    due.push_back(EventWish{std::move(source), "", EventTrigger::kPoll, {}});
  }
  for (SourceName& source : triggers_.TakeDue()) {
    due.push_back(EventWish{std::move(source), "", EventTrigger::kSchedule, {}});
  }
  (void)parts_.events.EnqueueAll(due);
}

std::optional<SourceName> Syncer::Pick() {
  return states_.Pick(parts_.events.DueSources());
}

void Syncer::Dispatch() {
  while (auto source = Pick()) {
    ready_.Lock()->push_back(std::move(*source));
    changed_.notify_one();
  }
}

void Syncer::Step() {
  Collect();
  while (auto source = Pick()) {
    Serve(*source);
  }
}

void Syncer::WorkLoop(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    SourceName source;
    {
      auto ready = ready_.Lock();
      if (!changed_.wait(ready.lock(), stop, [&] { return !ready->empty(); })) {
        return;
      }
      source = std::move(ready->front());
      ready->pop_front();
    }
    try {
      Serve(source);
    } catch (const std::exception& error) {
      log::Warning("looking at a source failed",
                   {{"source", source.text()}, {"error", error.what()}});
    }
    Wake();
  }
}

void Syncer::Serve(const SourceName& source) {
  struct Release {
    SourceStates& states;
    const SourceName& source;
    ~Release() { states.Release(source); }
  };
  const Release release{states_, source};
  SourceWork work = taken_.Claim(source);
  states_.Attempted(source);
  if (work.events.empty() && work.deliveries.empty()) {
    return;
  }
  if (!work.deliveries.empty()) {
    FailPoint("delivery-taken");
  }
  try {
    Look(source, work);
  } catch (const std::exception& error) {
    Failed(source, std::move(work), error.what());
  }
}

void Syncer::Look(const SourceName& source, const SourceWork& work) {
  if (const ImageSourceSettings* image = FindImage(source)) {
    LookAtImage(*image, work);
    return;
  }
  const SourceSettings* settings = Find(source);
  Check(settings != nullptr, "a source that is looked at is in the server file");
  if (states_.WantsNewMirror(source)) {
    sync_.MirrorOf(source).SetAside();
    states_.WantNewMirror(source, false);
  }
  const SyncPass pass = sync_.Look(*settings, AskedBy(work.deliveries), stop_.get_token());
  parts_.inbox.MarkDone(AnswerDeliveries(source, work.deliveries, pass, parts_.runs));
  parts_.events.Done(work.events);
  states_.Succeeded(source, pass.heads.size());
  if (pass.queued && run_queued_) {
    run_queued_();
  }
}

void Syncer::LookAtImage(const ImageSourceSettings& source, const SourceWork& work) {
  const ImagePass pass = parts_.images->Look(source, TagsAskedBy(work.events), stop_.get_token());
  parts_.inbox.MarkDone(AnswerImageDeliveries(source, work.deliveries, pass));
  parts_.events.Done(work.events);
  states_.Succeeded(source.name, pass.known);
  for (const std::string& tag : pass.changed) {
    log::Info("a tag of an image moved",
              {{"source", source.name.text()}, {"tag", tag}, {"digest", pass.seen.at(tag)}});
  }
}

void Syncer::Failed(const SourceName& source, SourceWork work, const std::string& why) {
  if (stop_.stop_requested()) {
    // The program ends: no fault of the source, and due again at the next start.
    parts_.events.GiveBack(work.events, parts_.clock.Now());
    return;
  }
  const std::string text = OneLine(Redact(why), 1000);
  taken_.GiveBack(source, std::move(work.deliveries));
  const Milliseconds wait = states_.Failed(source, text);
  log::Warning("a source cannot be read",
               {{"source", source.text()}, {"error", text}, {"again in", HumanDuration(wait)}});
  parts_.events.GiveBack(work.events, parts_.clock.Now() + wait);
}

Result<std::string> Syncer::SyncNow(const SourceName& source) {
  if (Find(source) == nullptr && FindImage(source) == nullptr) {
    return Refusal{
        "unknown_source",
        fmt::format("the server file has no source \"{}\"", OneLine(source.text(), 100))};
  }
  std::string event = parts_.events.Enqueue(source, "", EventTrigger::kManual);
  Wake();
  return event;
}

void Syncer::DataChanged(const std::vector<ProjectName>& projects) {
  std::vector<EventWish> wishes;
  for (const SourceSettings& source : sources_) {
    if (std::any_of(projects.begin(), projects.end(), [&](const ProjectName& project) {
          return WhyNotOf(source, project).empty();
        })) {
      wishes.push_back(EventWish{source.name, "", EventTrigger::kData, {}});
    }
  }
  (void)parts_.events.EnqueueAll(wishes);
  Wake();
}

Result<RunId> Syncer::RequestRun(const RunRequest& request) {
  const auto source =
      std::find_if(sources_.begin(), sources_.end(), [&](const SourceSettings& settings) {
        return settings.kind == SourceKind::kCode && WhyNotOf(settings, request.project).empty();
      });
  if (source == sources_.end()) {
    return Refusal{"unknown_project",
                   fmt::format("no source of the server file may release project \"{}\"",
                               OneLine(request.project.text(), 100))};
  }
  const Result<NewRun> draft = DraftRequestedRun(
      *source, sync_.MirrorOf(source->name), parts_.steps, run_data_, request, parts_.clock);
  if (!draft) {
    return draft.error();
  }
  const RunStore::Created created = parts_.runs.Create(*draft);
  if (created.is_new && run_queued_) {
    run_queued_();
  }
  return created.id;
}

bool Syncer::MirrorIsBroken(const SourceName& source) {
  if (Find(source) == nullptr || sync_.MirrorIsIntact(source)) {
    return false;
  }
  states_.WantNewMirror(source, true);
  (void)parts_.events.Enqueue(source, "", EventTrigger::kManual);
  Wake();
  return true;
}

}  // namespace failgate
