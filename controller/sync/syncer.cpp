#include "controller/sync/syncer.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <utility>

#include "controller/base/error.h"
#include "controller/base/log.h"
#include "controller/base/secret.h"
#include "controller/base/text.h"
#include "controller/sync/delivery_outcome.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxTakenAtOnce = 1000;
/// A delivery that names more refs than this asks for all of them.
constexpr std::size_t kMaxNamedRefs = 20;
constexpr Milliseconds kFirstPollApart{100};
constexpr std::size_t kMaxThreads = 64;
constexpr double kPollJitter = 0.1;

Milliseconds Jittered(Milliseconds period) {
  thread_local std::mt19937_64 generator{std::random_device{}()};
  std::uniform_real_distribution<double> factor(1.0 - kPollJitter, 1.0 + kPollJitter);
  return Milliseconds(
      static_cast<Milliseconds::rep>(static_cast<double>(period.count()) * factor(generator)));
}

}  // namespace

Syncer::Syncer(Parts parts, std::vector<SourceSettings> sources)
    : Syncer(std::move(parts), std::move(sources), Options()) {}

Syncer::Syncer(Parts parts, std::vector<SourceSettings> sources, Options options)
    : parts_(std::move(parts)),
      sources_(std::move(sources)),
      options_(options),
      planner_(parts_.heads, parts_.runs, parts_.steps, data_),
      sync_({parts_.processes,
             parts_.heads,
             planner_,
             parts_.clock,
             parts_.environment,
             parts_.data_dir / "mirrors",
             parts_.data_dir / "git-home"},
            options_.deadlines) {
  const SteadyTime now = parts_.clock.Steady();
  auto states = states_.Lock();
  Milliseconds apart{0};
  for (const SourceSettings& source : sources_) {
    // Not all at once after a start.
    (*states)[source.name].next_poll = now + std::min(apart, source.poll);
    apart += kFirstPollApart;
  }
}

Syncer::~Syncer() {
  Stop();
}

void Syncer::OnRunQueued(std::function<void()> told) {
  run_queued_ = std::move(told);
}

void Syncer::OnOperationsDelivery(std::function<void()> told) {
  operations_ = std::move(told);
}

void Syncer::Recover() {
  parts_.events.Recover();
  for (const SourceSettings& source : sources_) {
    sync_.MirrorOf(source.name).RemoveLeftovers();
  }
}

void Syncer::Start() {
  const std::size_t threads = std::min(sources_.size(), kMaxThreads);
  for (std::size_t i = 0; i < threads; ++i) {
    workers_.emplace_back([this](const std::stop_token& stop) { WorkLoop(stop); });
  }
  PeriodicLoop::Options options;
  options.name = "sync";
  options.period = options_.look_every;
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

void Syncer::Collect() {
  for (const DeliveryRecord& delivery : parts_.inbox.TakeQueued(kMaxTakenAtOnce)) {
    Take(delivery);
  }
  AddPolls();
}

void Syncer::Take(const DeliveryRecord& delivery) {
  if (Find(delivery.source) == nullptr) {
    DeliveryOutcome outcome;
    if (delivery.source.text() == "operations") {
      if (operations_) {
        operations_();
      }
    } else {
      outcome.ignored_because = "the server file has no such source any more";
    }
    parts_.inbox.MarkDone(delivery.id, DeliveryOutcomeToJson(outcome));
    return;
  }
  std::vector<std::string> refs;
  for (const RefHint& hint : delivery.refs) {
    refs.push_back(hint.ref);
  }
  if (refs.empty() || refs.size() > kMaxNamedRefs) {
    refs = {""};
  }
  // Under the lock, so that no worker claims the event without its delivery.
  auto states = states_.Lock();
  TakenDelivery taken{delivery.id, "", delivery.refs};
  for (const std::string& ref : refs) {
    taken.event =
        parts_.events.Enqueue(delivery.source, ref, EventTrigger::kDelivery, {delivery.id});
  }
  (*states)[delivery.source].deliveries.push_back(std::move(taken));
}

void Syncer::AddPolls() {
  const SteadyTime now = parts_.clock.Steady();
  std::vector<SourceName> due;
  {
    auto states = states_.Lock();
    for (const SourceSettings& source : sources_) {
      SourceState& state = (*states)[source.name];
      if (state.next_poll <= now) {
        state.next_poll = now + Jittered(source.poll);
        due.push_back(source.name);
      }
    }
  }
  for (const SourceName& source : due) {
    (void)parts_.events.Enqueue(source, "", EventTrigger::kPoll);
  }
}

std::optional<SourceName> Syncer::Pick() {
  const std::vector<SourceName> due = parts_.events.DueSources();
  const SteadyTime now = parts_.clock.Steady();
  auto states = states_.Lock();
  int quick = 0;
  int failing = 0;
  for (const auto& entry : *states) {
    if (entry.second.busy && entry.second.failures > 0) {
      ++failing;
    } else if (entry.second.busy && now - entry.second.busy_since < options_.patience) {
      ++quick;
    }
  }
  for (const SourceName& source : due) {
    const auto found = states->find(source);
    if (found == states->end() || found->second.busy) {
      continue;
    }
    const bool has_place = found->second.failures > 0 ? failing < std::max(1, options_.workers / 2)
                                                      : quick < options_.workers;
    if (has_place) {
      found->second.busy = true;
      found->second.busy_since = now;
      return source;
    }
  }
  return std::nullopt;
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

Syncer::Work Syncer::ClaimWork(const SourceName& source) {
  Work work;
  auto states = states_.Lock();
  SourceState& state = states->at(source);
  work.events = parts_.events.Claim(source);
  work.deliveries = std::move(state.deliveries);
  state.deliveries.clear();
  work.replace_mirror = std::exchange(state.replace_mirror, false);
  state.last_attempt = parts_.clock.Now();
  return work;
}

void Syncer::Serve(const SourceName& source) {
  struct Release {
    Syncer& syncer;
    const SourceName& source;
    ~Release() { syncer.states_.Lock()->at(source).busy = false; }
  };
  const Release release{*this, source};
  Work work = ClaimWork(source);
  if (work.events.empty() && work.deliveries.empty()) {
    return;
  }
  try {
    Look(source, work);
  } catch (const std::exception& error) {
    Failed(source, work, error.what());
  }
}

void Syncer::Look(const SourceName& source, Work& work) {
  const SourceSettings* settings = Find(source);
  Check(settings != nullptr, "a source that is looked at is in the server file");
  AskedBranches asked;
  for (const TakenDelivery& delivery : work.deliveries) {
    for (const RefHint& hint : delivery.refs) {
      asked[hint.ref].push_back(delivery.id);
    }
    if (delivery.refs.empty()) {
      asked[""].push_back(delivery.id);
    }
  }
  if (work.replace_mirror) {
    sync_.MirrorOf(source).SetAside();
    work.replace_mirror = false;
  }
  const SyncPass pass = sync_.Look(*settings, asked, stop_.get_token());
  for (const TakenDelivery& delivery : work.deliveries) {
    Answer(source, delivery, pass);
  }
  parts_.events.Done(work.events);
  {
    auto states = states_.Lock();
    SourceState& state = states->at(source);
    state.failures = 0;
    state.last_error.clear();
    state.last_success = parts_.clock.Now();
    state.heads = pass.heads.size();
  }
  const bool queued = std::any_of(
      pass.moved.begin(), pass.moved.end(), [](const auto& entry) { return entry.second.queued; });
  if (queued && run_queued_) {
    run_queued_();
  }
}

void Syncer::Answer(const SourceName& source, const TakenDelivery& delivery, const SyncPass& pass) {
  DeliveryOutcome outcome;
  outcome.event = delivery.event;
  std::vector<std::string> refs;
  for (const RefHint& hint : delivery.refs) {
    refs.push_back(hint.ref);
  }
  if (refs.empty()) {
    for (const auto& entry : pass.moved) {
      refs.push_back(entry.first);
    }
  }
  std::string ignored = "no branch moved";
  for (const std::string& ref : refs) {
    const auto moved = pass.moved.find(ref);
    const auto head = pass.heads.find(ref);
    if (head == pass.heads.end()) {
      ignored = fmt::format("\"{}\" is no branch of the remote", OneLine(ref, 200));
    } else if (moved != pass.moved.end() && moved->second.run.empty()) {
      ignored = moved->second.ignored_because;
    } else if (moved != pass.moved.end()) {
      outcome.runs.push_back(moved->second.run);
    } else {
      RunFilter filter;
      filter.source = source;
      filter.ref = ref;
      filter.revision = head->second;
      for (const Run& run : parts_.runs.List(filter)) {
        outcome.runs.push_back(run.id);
      }
      ignored = fmt::format("the head of \"{}\" was handled before", OneLine(ref, 200));
    }
  }
  if (outcome.runs.empty()) {
    outcome.ignored_because = ignored;
  }
  parts_.inbox.MarkDone(delivery.id, DeliveryOutcomeToJson(outcome));
}

void Syncer::Failed(const SourceName& source, Work& work, const std::string& why) {
  Milliseconds wait{0};
  const std::string text = OneLine(Redact(why), 1000);
  if (stop_.stop_requested()) {
    // The program ends: no fault of the source, and due again at the next start.
    parts_.events.GiveBack(work.events, parts_.clock.Now());
    return;
  }
  {
    auto states = states_.Lock();
    SourceState& state = states->at(source);
    // They were due before whatever came meanwhile.
    state.deliveries.insert(state.deliveries.begin(),
                            std::make_move_iterator(work.deliveries.begin()),
                            std::make_move_iterator(work.deliveries.end()));
    state.replace_mirror = state.replace_mirror || work.replace_mirror;
    wait = Backoff(options_.first_backoff, options_.max_backoff, state.failures);
    ++state.failures;
    state.last_error = text;
  }
  log::Warning("a source cannot be read",
               {{"source", source.text()}, {"error", text}, {"again in", HumanDuration(wait)}});
  parts_.events.GiveBack(work.events, parts_.clock.Now() + wait);
}

Result<std::string> Syncer::SyncNow(const SourceName& source) {
  if (Find(source) == nullptr) {
    return Refusal{
        "unknown_source",
        fmt::format("the server file has no source \"{}\"", OneLine(source.text(), 100))};
  }
  std::string event = parts_.events.Enqueue(source, "", EventTrigger::kManual);
  Wake();
  return event;
}

Result<RunId> Syncer::RequestRun(const RunRequest& request) {
  const auto source =
      std::find_if(sources_.begin(), sources_.end(), [&](const SourceSettings& settings) {
        return WhyNotOf(settings, request.project).empty();
      });
  if (source == sources_.end()) {
    return Refusal{"unknown_project",
                   fmt::format("no source of the server file may release project \"{}\"",
                               OneLine(request.project.text(), 100))};
  }
  const Result<NewRun> draft = DraftRequestedRun(
      *source, sync_.MirrorOf(source->name), parts_.steps, data_, request, parts_.clock);
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
  states_.Lock()->at(source).replace_mirror = true;
  (void)parts_.events.Enqueue(source, "", EventTrigger::kManual);
  Wake();
  return true;
}

std::vector<SourceStatus> Syncer::Status() const {
  const SteadyTime now = parts_.clock.Steady();
  std::vector<SourceStatus> all;
  auto states = states_.Lock();
  for (const auto& [name, state] : *states) {
    SourceStatus status;
    status.source = name;
    status.busy = state.busy;
    status.failures = state.failures;
    status.last_attempt = state.last_attempt;
    status.last_success = state.last_success;
    status.last_error = state.last_error;
    status.heads = state.heads;
    status.next_poll =
        std::max(Milliseconds(0), std::chrono::duration_cast<Milliseconds>(state.next_poll - now));
    all.push_back(std::move(status));
  }
  return all;
}

}  // namespace failgate
