#include "controller/pipeline/run_executor.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/fail_point.h"
#include "controller/base/log.h"
#include "controller/base/periodic_loop.h"
#include "controller/pipeline/run_execution.h"

namespace failgate {
namespace {

constexpr std::size_t kLookAhead = 64;
/// In order: two at once could end in the other order, and older code would be the newer release.
constexpr int kRunsOfAProject = 1;

std::string RefusalText(const ProbeResult& probe) {
  return fmt::format("steps cannot be run here: {}; {}", probe.text, probe.remedy);
}

}  // namespace

RunExecutor::RunExecutor(ExecutionParts parts) : RunExecutor(std::move(parts), Options()) {}

RunExecutor::RunExecutor(ExecutionParts parts, Options options)
    : parts_(std::move(parts)), options_(options) {}

RunExecutor::~RunExecutor() {
  Stop();
}

void RunExecutor::OnFinished(std::function<void(const RunId&)> told) {
  finished_ = std::move(told);
}

void RunExecutor::Recover() {
  std::vector<RunId> interrupted;
  for (const Run& run : parts_.runs.InState(RunState::kRunning)) {
    ResetRunningSteps(parts_, run.id);
    interrupted.push_back(run.id);
  }
  RemoveTree(parts_.folders.workspaces);
  std::error_code absent;
  for (const auto& entry : std::filesystem::directory_iterator(parts_.folders.reports, absent)) {
    const std::optional<Run> run = parts_.runs.Get(RunId(entry.path().filename().string()));
    if (!run || IsFinished(run->state)) {
      RemoveTree(entry.path());
    }
  }
  std::sort(interrupted.begin(), interrupted.end());
  state_.Lock()->interrupted = std::move(interrupted);
}

ProbeResult RunExecutor::Probe() {
  ProbeResult probe = parts_.runner.Probe();
  auto state = state_.Lock();
  state->probe = probe;
  state->probed = true;
  return probe;
}

ProbeResult RunExecutor::Sandbox() const {
  return state_.Lock()->probe;
}

void RunExecutor::Start() {
  if (!Probe().works) {
    log::Error("steps cannot be run here: runs are refused until that is cured",
               {{"text", Sandbox().text}, {"remedy", Sandbox().remedy}});
  }
  for (int i = 0; i < parts_.settings.parallel; ++i) {
    workers_.emplace_back([this](const std::stop_token& stop) { Work(stop); });
  }
}

void RunExecutor::Stop() {
  stop_.request_stop();
  for (std::jthread& worker : workers_) {
    worker.request_stop();
  }
  workers_.clear();
}

void RunExecutor::Wake() {
  state_.Lock()->woken = true;
  changed_.notify_all();
}

void RunExecutor::Work(const std::stop_token& stop) {
  int failures = 0;
  while (!stop.stop_requested()) {
    bool busy = false;
    try {
      busy = Step();
      failures = 0;
    } catch (const std::exception& error) {
      log::Warning("executing runs failed", {{"error", error.what()}});
      ++failures;
    }
    if (busy) {
      continue;
    }
    auto state = state_.Lock();
    const Milliseconds wait = failures == 0
                                  ? options_.look_every
                                  : Backoff(options_.first_backoff, options_.max_backoff, failures);
    changed_.wait_for(state.lock(), stop, wait, [&] { return failures == 0 && state->woken; });
    state->woken = false;
  }
}

bool RunExecutor::IsPaused(const RunId& run) {
  const SteadyTime now = parts_.clock.Steady();
  auto state = state_.Lock();
  const auto paused = state->paused.find(run);
  return paused != state->paused.end() && paused->second.until > now;
}

std::optional<Run> RunExecutor::TakeInterrupted() {
  std::vector<RunId> candidates = state_.Lock()->interrupted;
  for (const RunId& id : candidates) {
    if (IsPaused(id)) {
      continue;
    }
    {
      auto state = state_.Lock();
      const auto mine = std::find(state->interrupted.begin(), state->interrupted.end(), id);
      if (mine == state->interrupted.end()) {
        continue;
      }
      state->interrupted.erase(mine);
    }
    const std::optional<Run> run = parts_.runs.Get(id);
    if (run && run->state == RunState::kRunning) {
      return run;
    }
  }
  return std::nullopt;
}

std::optional<Run> RunExecutor::TakeQueued() {
  for (const Run& run : parts_.runs.NextQueued(kLookAhead, kRunsOfAProject)) {
    if (IsPaused(run.id)) {
      continue;
    }
    if (parts_.runs.Start(run.id)) {
      FailPoint("run-started");
      return parts_.runs.Get(run.id);
    }
    if (parts_.runs.IsCancelRequested(run.id) &&
        parts_.runs.Finish(run.id, RunState::kCancelled, "cancelled", "", ReleaseState::kNone)) {
      Tell(run.id);
    }
  }
  return std::nullopt;
}

bool RunExecutor::Step() {
  if (stop_.stop_requested()) {
    return false;
  }
  std::optional<Run> run = TakeInterrupted();
  if (!run) {
    run = TakeQueued();
  }
  if (!run) {
    return false;
  }
  Execute(*run);
  return true;
}

void RunExecutor::Execute(const Run& run) {
  try {
    const bool known_good = [&] {
      auto state = state_.Lock();
      return state->probed && state->probe.works;
    }();
    const ProbeResult probe = known_good ? Sandbox() : Probe();
    if (probe.no_room) {
      // A full disk passes; a refused run would never come back.
      throw Error(Remedy::kRetry, RefusalText(probe));
    }
    if (!probe.works) {
      (void)parts_.runs.Finish(
          run.id, RunState::kRefused, RefusalText(probe), "", ReleaseState::kNone);
      Tell(run.id);
      return;
    }
    const RunEnd end = ExecuteRun(parts_, run, stop_.get_token());
    switch (end) {
      case RunEnd::kInterrupted:
        state_.Lock()->interrupted.push_back(run.id);
        return;
      case RunEnd::kQueuedFull:
        Wake();
        break;
      case RunEnd::kFinished:
        break;
    }
    state_.Lock()->paused.erase(run.id);
  } catch (const Error& error) {
    if (error.remedy() == Remedy::kRetry) {
      PutOff(run.id, error.what());
      return;
    }
    ResetRunningSteps(parts_, run.id);
    (void)parts_.runs.Finish(run.id,
                             RunState::kFailed,
                             fmt::format("the run could not be executed: {}", error.what()),
                             "",
                             ReleaseState::kNone);
  }
  Tell(run.id);
}

void RunExecutor::PutOff(const RunId& run, const std::string& why) {
  Milliseconds wait{0};
  {
    auto state = state_.Lock();
    Pause& pause = state->paused[run];
    wait = Backoff(options_.first_backoff, options_.max_backoff, pause.failures);
    ++pause.failures;
    pause.until = parts_.clock.Steady() + wait;
    state->interrupted.push_back(run);
  }
  log::Warning("a run is put off",
               {{"run", run.text()}, {"error", why}, {"again in", HumanDuration(wait)}});
  // Queued again where the store can say so, so that others of the project may start meanwhile;
  // else it stays ours until the store answers.
  ResetRunningSteps(parts_, run);
  if (parts_.runs.IsCancelRequested(run)) {
    return;
  }
  parts_.runs.Requeue(run);
  auto state = state_.Lock();
  const auto mine = std::find(state->interrupted.begin(), state->interrupted.end(), run);
  if (mine != state->interrupted.end()) {
    state->interrupted.erase(mine);
  }
}

void RunExecutor::Tell(const RunId& run) {
  if (finished_) {
    finished_(run);
  }
}

}  // namespace failgate
