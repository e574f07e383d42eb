#include "controller/reconcile/reconciler.h"

#include <condition_variable>
#include <exception>
#include <thread>

#include "controller/base/error.h"
#include "controller/base/guarded.h"
#include "controller/base/ids.h"
#include "controller/base/log.h"
#include "controller/reconcile/schedule.h"

namespace failgate {
namespace {

/// Longest sleep of a worker that has nothing to do; a change wakes it sooner.
constexpr Milliseconds kLongestSleep{60'000};

}  // namespace

struct Reconciler::State {
  State(Target& target,
        DeploymentStore& deployments,
        Options how,
        const Clock& clock,
        CheckDesk* checks)
      : parts{target, deployments, clock, NewUuid(clock.Now()), checks},
        options(how),
        schedule(parts) {}

  void Carry(DuePair due, const std::stop_token& stop);
  void Work(const std::stop_token& stop);

  ReconcileParts parts;
  Options options;
  Guarded<Schedule> schedule;
  std::condition_variable_any changed;
  std::function<void()> on_result;
  std::vector<std::jthread> workers;
};

void Reconciler::State::Carry(DuePair due, const std::stop_token& stop) {
  bool told = false;
  try {
    if (due.given) due.work->Take(due.given, due.came, due.owed);
    ReconcilePass pass = due.work->Go(due.owed, stop);
    told = !pass.results.empty();
    schedule.Lock()->Done(due.pair, std::move(pass));
  } catch (const std::exception& error) {
    // The loop's own place to handle: the pair is tried again, the others go on.
    log::Warning("reconciling could not go on, it is tried again",
                 {{"environment", due.pair.first.text()},
                  {"project", due.pair.second.text()},
                  {"cause", error.what()}});
    schedule.Lock()->Failed(due.pair, error.what());
  }
  changed.notify_all();
  if (told && on_result) on_result();
}

void Reconciler::State::Work(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::optional<DuePair> due;
    {
      auto access = schedule.Lock();
      due = access->TakeNext();
      if (!due) {
        const auto next = access->NextDue();
        const Milliseconds sleep = access->UntilDue().value_or(kLongestSleep);
        // A wake without reason only looks again.
        changed.wait_for(access.lock(), stop, std::min(sleep, kLongestSleep), [&access, &next] {
          const auto now_next = access->NextDue();
          return access->HasDue() || (now_next && (!next || *now_next < *next));
        });
        continue;
      }
    }
    Carry(std::move(*due), stop);
  }
}

Reconciler::Reconciler(Target& target,
                       DeploymentStore& deployments,
                       Options options,
                       const Clock& clock,
                       CheckDesk* checks)
    : state_(std::make_unique<State>(target, deployments, options, clock, checks)) {}

Reconciler::~Reconciler() {
  Stop();
}

void Reconciler::SetOrders(const std::vector<SharedOrder>& orders) {
  state_->schedule.Lock()->SetOrders(orders);
  state_->changed.notify_all();
}

void Reconciler::Retire() {
  state_->schedule.Lock()->Retire();
  for (std::jthread& worker : state_->workers) worker.request_stop();
  state_->changed.notify_all();
}

void Reconciler::CheckNow(const EnvironmentName& environment, const ProjectName& project) {
  state_->schedule.Lock()->CheckNow({environment, project});
  state_->changed.notify_all();
}

void Reconciler::CheckSoon(const std::function<bool(const Order&)>& concerns) {
  state_->schedule.Lock()->CheckSoon(concerns);
  state_->changed.notify_all();
}

std::vector<ReconcileResult> Reconciler::Results() const {
  return state_->schedule.Lock()->results();
}

void Reconciler::Acknowledge(const ReconcileResult& result) {
  state_->schedule.Lock()->Acknowledge(result);
}

void Reconciler::OnResult(std::function<void()> wake) {
  state_->on_result = std::move(wake);
}

std::map<std::pair<EnvironmentName, ProjectName>, Observed> Reconciler::Observations() const {
  return state_->schedule.Lock()->Observations();
}

std::string Reconciler::Notice(const EnvironmentName& environment,
                               const ProjectName& project) const {
  return state_->schedule.Lock()->Notice({environment, project});
}

void Reconciler::Start() {
  for (int i = 0; i < state_->options.workers; ++i) {
    state_->workers.emplace_back([this](const std::stop_token& stop) { state_->Work(stop); });
  }
}

void Reconciler::Stop() {
  for (std::jthread& worker : state_->workers) worker.request_stop();
  state_->changed.notify_all();
  state_->workers.clear();
}

std::size_t Reconciler::StepForTest() {
  const std::vector<Pair> pairs = state_->schedule.Lock()->Due();
  std::size_t count = 0;
  for (const Pair& pair : pairs) {
    auto due = state_->schedule.Lock()->Take(pair);
    if (!due) continue;
    state_->Carry(std::move(*due), {});
    ++count;
  }
  return count;
}

}  // namespace failgate
