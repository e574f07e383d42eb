// A clock that moves only when told. Fake.
#pragma once

#include "controller/base/clock.h"
#include "controller/base/guarded.h"

namespace failgate {

/// Starts at 2026-01-02T03:04:05Z. Thread-safe.
class FakeClock final : public Clock {
 public:
  FakeClock();
  [[nodiscard]] TimePoint Now() const override;
  [[nodiscard]] SteadyTime Steady() const override;
  /// Both clocks forward.
  void Advance(Milliseconds by);
  /// Wall time only, also backwards.
  void SetWall(TimePoint now);

 private:
  struct State {
    TimePoint wall;
    SteadyTime steady;
  };
  Guarded<State> state_;
};

}  // namespace failgate
