#include "controller/sync/source_states.h"

#include <algorithm>
#include <random>
#include <utility>

#include "controller/base/periodic_loop.h"

namespace failgate {
namespace {

constexpr Milliseconds kFirstPollApart{100};
constexpr double kPollJitter = 0.1;

Milliseconds Jittered(Milliseconds period) {
  thread_local std::mt19937_64 generator{std::random_device{}()};
  std::uniform_real_distribution<double> factor(1.0 - kPollJitter, 1.0 + kPollJitter);
  return Milliseconds(
      static_cast<Milliseconds::rep>(static_cast<double>(period.count()) * factor(generator)));
}

}  // namespace

SourceStates::SourceStates(const std::vector<SourceSettings>& sources,
                           Options options,
                           const Clock& clock)
    : options_(options), clock_(clock) {
  const SteadyTime now = clock_.Steady();
  auto states = states_.Lock();
  Milliseconds apart{0};
  for (const SourceSettings& source : sources) {
    State& state = (*states)[source.name];
    state.poll = source.poll;
    // Not all at once after a start.
    state.next_poll = now + std::min(apart, source.poll);
    apart += kFirstPollApart;
  }
}

void SourceStates::Add(const SourceName& source, Milliseconds poll) {
  auto states = states_.Lock();
  const auto apart = kFirstPollApart * static_cast<Milliseconds::rep>(states->size());
  State& state = (*states)[source];
  state.poll = poll;
  state.next_poll = clock_.Steady() + std::min<Milliseconds>(apart, poll);
}

std::vector<SourceName> SourceStates::TakeDuePolls() {
  const SteadyTime now = clock_.Steady();
  std::vector<SourceName> due;
  auto states = states_.Lock();
  for (auto& [source, state] : *states) {
    if (state.next_poll <= now) {
      state.next_poll = now + Jittered(state.poll);
      due.push_back(source);
    }
  }
  return due;
}

std::optional<SourceName> SourceStates::Pick(const std::vector<SourceName>& due) {
  const SteadyTime now = clock_.Steady();
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

void SourceStates::Release(const SourceName& source) {
  states_.Lock()->at(source).busy = false;
}

void SourceStates::Attempted(const SourceName& source) {
  states_.Lock()->at(source).last_attempt = clock_.Now();
}

void SourceStates::Succeeded(const SourceName& source, std::size_t heads) {
  auto states = states_.Lock();
  State& state = states->at(source);
  state.failures = 0;
  state.last_error.clear();
  state.last_success = clock_.Now();
  state.heads = heads;
}

Milliseconds SourceStates::Failed(const SourceName& source, const std::string& redacted_error) {
  auto states = states_.Lock();
  State& state = states->at(source);
  const Milliseconds wait = Backoff(options_.first_backoff, options_.max_backoff, state.failures);
  ++state.failures;
  state.last_error = redacted_error;
  return wait;
}

void SourceStates::WantNewMirror(const SourceName& source, bool wanted) {
  states_.Lock()->at(source).wants_new_mirror = wanted;
}

bool SourceStates::WantsNewMirror(const SourceName& source) const {
  return states_.Lock()->at(source).wants_new_mirror;
}

std::vector<SourceStatus> SourceStates::All() const {
  const SteadyTime now = clock_.Steady();
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
