#include "tests/support/fake_clock.h"

namespace failgate {

FakeClock::FakeClock() {
  auto state = state_.Lock();
  state->wall = *ParseTime("2026-01-02T03:04:05Z");
  state->steady = SteadyTime(std::chrono::hours(1));
}

TimePoint FakeClock::Now() const {
  return state_.Lock()->wall;
}

SteadyTime FakeClock::Steady() const {
  return state_.Lock()->steady;
}

void FakeClock::Advance(Milliseconds by) {
  auto state = state_.Lock();
  state->wall += by;
  state->steady += by;
}

void FakeClock::SetWall(TimePoint now) {
  state_.Lock()->wall = now;
}

}  // namespace failgate
