#include "controller/checks/check_executor.h"

#include <fmt/format.h>

#include <utility>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/fail_point.h"
#include "controller/base/log.h"
#include "controller/base/periodic_loop.h"
#include "controller/base/secret.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

/// Workers also look by themselves: a pause may be over.
constexpr Milliseconds kLookEvery{1'000};

}  // namespace

CheckExecutor::CheckExecutor(CheckStore& store, CheckRunParts parts, Options options)
    : store_(store), parts_(std::move(parts)), options_(options) {}

CheckExecutor::~CheckExecutor() {
  Stop();
}

void CheckExecutor::OnEnded(std::function<void()> told) {
  told_ = std::move(told);
}

void CheckExecutor::Recover() {
  for (const CheckRow& row : store_.Running()) {
    const auto ticks = ParseNonNegative(row.start_time);
    if (row.pid > 0 && ticks) {
      parts_.runner.KillSurvivor(ProcessIdentity{static_cast<pid_t>(row.pid), *ticks});
    }
    store_.GiveUp(row.key);
  }
  RemoveTree(parts_.workspaces / "checks");
}

void CheckExecutor::Start() {
  for (int i = 0; i < options_.workers; ++i) {
    workers_.emplace_back([this](const std::stop_token& stop) { Work(stop); });
  }
}

void CheckExecutor::Stop() {
  stop_.request_stop();
  for (std::jthread& worker : workers_) {
    worker.request_stop();
  }
  workers_.clear();
}

void CheckExecutor::Work(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    bool busy = false;
    try {
      busy = Step();
    } catch (const std::exception& error) {
      log::Warning("running checks failed", {{"error", error.what()}});
    }
    if (!busy) {
      auto state = state_.Lock();
      changed_.wait_for(state.lock(), stop, kLookEvery, [] { return false; });
    }
  }
}

CheckLook CheckExecutor::Look(const std::string& key) {
  CheckLook look;
  {
    auto state = state_.Lock();
    const auto entry = state->entries.find(key);
    if (entry != state->entries.end()) {
      look.wanted = true;
      look.trouble = entry->second.trouble;
    }
  }
  if (const auto json = store_.Result(key)) {
    auto outcome = ParseCheckOutcome(*json);
    // One that cannot be read was never given: the check is run again.
    if (outcome) look.outcome = std::move(outcome).value();
  }
  return look;
}

void CheckExecutor::Want(const CheckJob& job) {
  {
    auto state = state_.Lock();
    auto [entry, added] = state->entries.try_emplace(KeyOf(job));
    entry->second.wanted = true;
    if (!added) return;
    entry->second.job = job;
    entry->second.place = state->next_place++;
  }
  changed_.notify_one();
}

void CheckExecutor::Settle() {
  auto state = state_.Lock();
  for (auto entry = state->entries.begin(); entry != state->entries.end();) {
    const bool stays = entry->second.wanted || entry->second.running ||
                       entry->second.job.kind == CheckKind::kAfter;
    entry->second.wanted = false;
    entry = stays ? std::next(entry) : state->entries.erase(entry);
  }
}

std::size_t CheckExecutor::ForgetFailed(const EnvironmentName& environment,
                                        const ProjectName& project) {
  std::size_t forgotten = 0;
  for (const CheckRow& row : store_.Ended(environment, project)) {
    const auto json = store_.Result(row.key);
    const auto outcome = json ? ParseCheckOutcome(*json) : Result<CheckOutcome>(CheckOutcome{});
    if (outcome && outcome->passed) continue;
    store_.Forget(row.key);
    ++forgotten;
  }
  return forgotten;
}

/// Whoever deploys waits for those after a deployment: they come first.
std::optional<std::pair<std::string, CheckJob>> CheckExecutor::Take() {
  const SteadyTime now = parts_.clock.Steady();
  auto state = state_.Lock();
  auto best = state->entries.end();
  const auto rank = [](const Entry& entry) {
    return std::pair(entry.job.kind != CheckKind::kAfter, entry.place);
  };
  for (auto entry = state->entries.begin(); entry != state->entries.end(); ++entry) {
    if (entry->second.running || entry->second.not_before > now) continue;
    if (best == state->entries.end() || rank(entry->second) < rank(best->second)) best = entry;
  }
  if (best == state->entries.end()) return std::nullopt;
  best->second.running = true;
  return std::pair(best->first, best->second.job);
}

bool CheckExecutor::Step() {
  if (stop_.stop_requested()) return false;
  const auto next = Take();
  if (!next) return false;
  Run(next->first, next->second);
  return true;
}

void CheckExecutor::Run(const std::string& key, const CheckJob& job) {
  try {
    store_.Begin({key, job.environment, job.project, job.check.name});
    const auto on_started = [&](const ProcessIdentity& identity) {
      store_.SetProcess(key, identity.pid, std::to_string(identity.start_ticks));
      FailPoint("check-running");
    };
    const CheckOutcome outcome = RunCheck(parts_, job, on_started, stop_.get_token());
    FailPoint("check-ended");
    Ended(key, outcome);
  } catch (const std::exception& error) {
    NotRun(key, job, OneLine(Redact(error.what())));
  }
  if (told_ && !stop_.stop_requested()) told_();
}

void CheckExecutor::Ended(const std::string& key, const CheckOutcome& outcome) {
  store_.Finish(key, CheckOutcomeToJson(outcome));
  FailPoint("check-stored");
  state_.Lock()->entries.erase(key);
  for (const std::string& gone : store_.Prune(options_.kept_results)) {
    RemoveTree(CheckLogPath(parts_.logs, gone));
  }
}

void CheckExecutor::NotRun(const std::string& key, const CheckJob& job, const std::string& why) {
  if (stop_.stop_requested()) return;  // cut short; the row says so to the next life
  log::Warning("a check could not be run, it is tried again",
               {{"environment", job.environment.text()},
                {"project", job.project.text()},
                {"check", job.check.name},
                {"why", why}});
  int failures = 0;
  {
    auto state = state_.Lock();
    Entry& entry = state->entries[key];
    failures = ++entry.failures;
    entry.job = job;
    entry.running = false;
    entry.trouble = why;
    entry.not_before =
        parts_.clock.Steady() + Backoff(options_.first_backoff, options_.max_backoff, failures - 1);
  }
  if (job.kind == CheckKind::kAfter && failures >= options_.tries_after_deployment) {
    CheckOutcome failed;
    failed.reason = "could not be run: " + why;
    failed.started = failed.finished = parts_.clock.Now();
    Ended(key, failed);
    return;
  }
  store_.GiveUp(key);
}

}  // namespace failgate
