#include "controller/reconcile/attempt.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/error.h"
#include "controller/base/fail_point.h"
#include "controller/base/periodic_loop.h"

namespace failgate {
namespace {

constexpr int kMaxRetries = 5;
constexpr Milliseconds kFirstRetry{1'000};
constexpr Milliseconds kLongestRetry{60'000};

constexpr const char* kPendingStep = "pending";
constexpr const char* kApplyingStep = "applying";
constexpr const char* kAppliedStep = "applied";

}  // namespace

Attempt::Attempt(const ReconcileParts& parts, SharedOrder order, Came came)
    : parts_(parts), order_(std::move(order)), came_(came) {}

ReconcilePass Attempt::Go(const std::stop_token& stop) {
  ReconcilePass pass;
  while (!ended_) {
    if (stop.stop_requested()) {
      pass.wait = Milliseconds(0);
      break;
    }
    const auto wait = Act(NextAction(*order_, view_), stop, pass);
    if (!wait) continue;
    pass.wait = wait;
    break;
  }
  pass.observed.at = parts_.clock.Now();
  if (!ended_) {
    pass.observed.detail = waiting_;
  } else if (!pass.results.empty()) {
    const ReconcileResult& result = pass.results.back();
    pass.observed.as_wanted = result.end == ReconcileEnd::kDeployed;
    pass.observed.healthy = result.healthy;
    pass.observed.detail = result.detail;
  }
  return pass;
}

std::optional<Milliseconds> Attempt::Act(const Action& action,
                                         const std::stop_token& stop,
                                         ReconcilePass& pass) {
  switch (action.kind) {
    case Action::Kind::kBegin:
      Begin(pass);
      return std::nullopt;
    case Action::Kind::kObserve:
      return ObserveStep(action.step);
    case Action::Kind::kApply:
      return ApplyStep(action.step);
    case Action::Kind::kCheck:
      Write(DeploymentState::kChecking);
      return std::nullopt;
    case Action::Kind::kAskHealth:
      return AskHealth(action.step, stop);
    case Action::Kind::kAskChecks:
      return AskChecks();
    case Action::Kind::kRollBack:
      GoBack(action.reason);
      return std::nullopt;
    case Action::Kind::kEnd:
      End(action, pass);
      return std::nullopt;
  }
  return std::nullopt;
}

void Attempt::Begin(ReconcilePass& pass) {
  if (!TakeUnfinishedRow() && !TakeFinishedRow(pass)) StartNewRow();
  begun_ = true;
}

/// The number alone does not say it: after a log that lost its end numbers are given again.
bool Attempt::IsOfThisOrder(const Deployment& row, const AttemptRecord& record) const {
  return record.order == order_->attempt && row.release == order_->wanted.release &&
         row.spec == order_->wanted.spec && row.decision == order_->decision;
}

bool Attempt::TakeUnfinishedRow() {
  const auto row = parts_.deployments.Unfinished(order_->environment, order_->project);
  if (!row) return false;
  const auto record = ParseAttemptRecord(row->steps_json);
  if (record && IsOfThisOrder(*row, *record)) {
    TakeRow(*row, *record, row->state);
    return true;
  }
  parts_.deployments.Update(
      row->id,
      DeploymentState::kFailed,
      row->steps_json,
      fmt::format("superseded by order {} ({})", order_->attempt, order_->wanted.release.text()));
  return false;
}

/// The row ended, but the log does not say so: the result is still owed.
bool Attempt::TakeFinishedRow(ReconcilePass& pass) {
  DeploymentFilter newest;
  newest.environment = order_->environment;
  newest.project = order_->project;
  newest.limit = 1;
  const std::vector<Deployment> rows = parts_.deployments.List(newest);
  if (rows.empty()) return false;
  const Deployment& row = rows.front();
  const auto record = ParseAttemptRecord(row.steps_json);
  if (!record || !record->end || !IsOfThisOrder(row, *record)) {
    return false;
  }
  switch (*record->end) {
    case ReconcileEnd::kRolledBack:
      TakeRow(row, *record, DeploymentState::kRollingBack);
      return true;
    case ReconcileEnd::kFailed:
    case ReconcileEnd::kRollbackFailed:
      TakeRow(row, *record, DeploymentState::kChecking);
      pass.results.push_back(Result(*record->end));
      pass.results.back().detail = row.reason;
      pass.results.back().running = ReleaseName(record->running);
      pass.results.back().running_spec = record->running_spec;
      ended_ = true;
      return true;
    case ReconcileEnd::kDeployed:
    case ReconcileEnd::kDrifted:
    case ReconcileEnd::kUnhealthy:
    case ReconcileEnd::kHealed:
    case ReconcileEnd::kHealFailed:
    case ReconcileEnd::kRemoved:
    case ReconcileEnd::kRemoveFailed:
      break;
  }
  TakeRow(row, *record, DeploymentState::kChecking);
  return true;
}

void Attempt::TakeRow(const Deployment& row, AttemptRecord record, DeploymentState state) {
  row_ = row;
  record_ = std::move(record);
  reason_ = row.reason;
  recovered_ = record_.process != parts_.process;
  view_.row = state;
  ResetView();
}

void Attempt::StartNewRow() {
  record_ = AttemptRecord();
  record_.order = order_->attempt;
  record_.process = parts_.process;
  for (const DeployStep& step : order_->wanted.steps) {
    record_.steps.push_back({step.name, kPendingStep});
  }
  Deployment row;
  row.environment = order_->environment;
  row.project = order_->project;
  row.release = order_->wanted.release;
  row.spec = order_->wanted.spec;
  row.decision = order_->decision;
  row.steps_json = AttemptRecordToJson(record_);
  if (order_->previous) {
    row.previous = order_->previous->release;
    row.previous_spec = order_->previous->spec;
  }
  const auto begun = parts_.deployments.Begin(std::move(row));
  if (!begun) {
    throw Error(Remedy::kRetry,
                fmt::format("deploying {} to {}: another deployment is in progress there",
                            order_->wanted.release.text(),
                            order_->environment.text()));
  }
  row_ = *begun;
  without_row_ = true;
  view_.row = row_.state;
  ResetView();
}

void Attempt::ResetView() {
  const std::size_t count = Goal().steps.size();
  view_.steps.assign(count, StepView());
  view_.checks = StepHealth::kUnasked;
  checks_ = CheckWait();
  health_.assign(count, HealthWait());
  retries_.assign(count, 0);
}

std::optional<Milliseconds> Attempt::ObserveStep(std::size_t index) {
  try {
    view_.steps[index].seen = parts_.target.Observe(StepOf(*order_, Goal(), index), false);
    return std::nullopt;
  } catch (const Error& error) {
    return AfterError(index, error);
  }
}

std::optional<Milliseconds> Attempt::ApplyStep(std::size_t index) {
  const Deployable& goal = Goal();
  if (view_.row != DeploymentState::kRollingBack) {
    record_.steps[index].state = kApplyingStep;
    Write(DeploymentState::kApplying);
    FailPoint("deployment-applying");
  }
  changed_something_ = true;
  StepView& step = view_.steps[index];
  try {
    parts_.target.Apply(StepOf(*order_, goal, index));
    step.seen = parts_.target.Observe(StepOf(*order_, goal, index), true);
  } catch (const Error& error) {
    return AfterError(index, error);
  }
  retries_[index] = 0;
  if (step.seen->kind != Observation::Kind::kAsWanted) {
    step.failure = fmt::format("was applied, but is not so: {}", step.seen->detail);
  } else if (view_.row != DeploymentState::kRollingBack) {
    record_.steps[index].state = kAppliedStep;
    Write(DeploymentState::kApplying);
  }
  return std::nullopt;
}

std::optional<Milliseconds> Attempt::AfterError(std::size_t index, const Error& error) {
  if (error.remedy() == Remedy::kNeedsChange || retries_[index] >= kMaxRetries) {
    view_.steps[index].failure = error.what();
    return std::nullopt;
  }
  waiting_ = fmt::format("is tried again: {}", error.what());
  return Backoff(kFirstRetry, kLongestRetry, retries_[index]++);
}

std::optional<Milliseconds> Attempt::AskHealth(std::size_t index, const std::stop_token& stop) {
  const HealthWait::Answer answer =
      health_[index].Ask(parts_, StepOf(*order_, Goal(), index), stop);
  view_.steps[index].health = answer.health;
  view_.steps[index].health_detail = answer.detail;
  if (answer.health != StepHealth::kUnasked) return std::nullopt;
  waiting_ = fmt::format("waits to be healthy: {}", answer.detail);
  return answer.wait;
}

std::optional<Milliseconds> Attempt::AskChecks() {
  const CheckWait::Answer answer = checks_.Ask(parts_, *order_);
  view_.checks = answer.health;
  view_.checks_detail = answer.detail;
  if (answer.health != StepHealth::kUnasked) return std::nullopt;
  waiting_ = answer.detail;
  return answer.wait;
}

void Attempt::GoBack(const std::string& reason) {
  FailPoint("health-failed");
  reason_ = reason;
  Write(DeploymentState::kRollingBack);
  FailPoint("rolling-back");
  ResetView();
}

void Attempt::Write(DeploymentState state) {
  // False for a row that ended in an earlier life: then the log is owed, not the row.
  static_cast<void>(
      parts_.deployments.Update(row_.id, state, AttemptRecordToJson(record_), reason_));
  if (!IsFinished(state)) view_.row = state;
}

bool Attempt::Runs(const Deployable& deployable) {
  try {
    for (std::size_t i = 0; i < deployable.steps.size(); ++i) {
      if (parts_.target.Observe(StepOf(*order_, deployable, i), false).kind !=
          Observation::Kind::kAsWanted) {
        return false;
      }
    }
    return true;
  } catch (const Error&) {
    // What cannot be seen is unknown, which is what the result says then.
    return false;
  }
}

ReconcileResult Attempt::Result(ReconcileEnd end) const {
  ReconcileResult result;
  result.environment = order_->environment;
  result.project = order_->project;
  result.attempt = order_->attempt;
  result.end = end;
  result.release = order_->wanted.release;
  result.at = row_.finished.value_or(parts_.clock.Now());
  result.duration = std::max(result.at - row_.started, Milliseconds(0));
  result.recovered = recovered_;
  return result;
}

void Attempt::End(const Action& action, ReconcilePass& pass) {
  const bool in_place = action.end == ReconcileEnd::kDeployed && !changed_something_;
  recovered_ = recovered_ || (without_row_ && came_ == Came::kAtStart && in_place);
  ReconcileResult result = Result(action.end);
  const Deployable* running = nullptr;
  if (action.end == ReconcileEnd::kDeployed) {
    running = &order_->wanted;
    result.healthy = true;
    result.checks = checks_.found();
  } else if (action.end == ReconcileEnd::kRolledBack) {
    running = &*order_->previous;
    result.healthy = true;
    result.detail = reason_;
  } else {
    if (order_->previous && Runs(*order_->previous)) running = &*order_->previous;
    if (Runs(order_->wanted)) running = &order_->wanted;
    result.detail = action.end == ReconcileEnd::kRollbackFailed
                        ? fmt::format("{}; the way back failed too: {}", reason_, action.reason)
                        : action.reason;
  }
  if (running != nullptr) {
    result.running = running->release;
    result.running_spec = running->spec;
  }
  record_.end = action.end;
  record_.running = result.running.text();
  record_.running_spec = result.running_spec;
  const DeploymentState state =
      action.end == ReconcileEnd::kDeployed ? DeploymentState::kDone : DeploymentState::kFailed;
  FailPoint("deployment-checked");
  static_cast<void>(
      parts_.deployments.Update(row_.id, state, AttemptRecordToJson(record_), result.detail));
  FailPoint("deployment-ended");
  ended_ = true;
  pass.results.push_back(std::move(result));
}

}  // namespace failgate
