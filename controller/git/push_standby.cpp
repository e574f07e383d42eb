#include "controller/git/push_standby.h"

#include <utility>

namespace failgate {

PushStandby::PushStandby(Milliseconds close_by)
    : close_by_(close_by),
      thread_([this](const std::stop_token& stop) { EndWhatWaitsTooLong(stop); }) {}

PushStandby::~PushStandby() {
  thread_.request_stop();
  thread_.join();
}

std::optional<StartedChild> PushStandby::Take(const ProcessSpec& spec) {
  const auto now = SystemClock().Steady();
  std::optional<Waiting> waiting;
  {
    auto state = state_.Lock();
    waiting.swap(state->waiting);
    state->follows_closely = state->last_push && now - *state->last_push < close_by_;
    state->last_push = now;
  }
  if (!waiting || waiting->spec.argv != spec.argv || waiting->spec.env != spec.env) {
    return std::nullopt;
  }
  return std::move(waiting->child);
}

void PushStandby::Prepare(ProcessRunner& runner, ProcessSpec next) {
  if (!state_.Lock()->follows_closely) {
    return;
  }
  StartedChild child = runner.Start(next);
  state_.Lock()->waiting.emplace(
      Waiting{std::move(next), std::move(child), SystemClock().Steady() + close_by_});
  changed_.notify_one();
}

void PushStandby::EndWhatWaitsTooLong(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::optional<Waiting> ended;  // outlives the lock
    auto state = state_.Lock();
    changed_.wait(state.lock(), stop, [&state] { return state->waiting.has_value(); });
    if (state->waiting) {
      const auto until = state->waiting->until;
      changed_.wait_until(state.lock(), stop, until, [&state, until] {
        return !state->waiting || state->waiting->until != until;
      });
      if (state->waiting && state->waiting->until == until && !stop.stop_requested()) {
        ended.swap(state->waiting);
      }
    }
  }
}

}  // namespace failgate
